#ifndef FIREBREAK_API_CODEC_TIME_TEXT_H_
#define FIREBREAK_API_CODEC_TIME_TEXT_H_

#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace firebreak {

// No event is older than this: 1e11 ms after the epoch, 1973-03-03T09:46:40Z. A smaller number of milliseconds is a
// number of seconds that lost its way.
absl::Time OldestEventTime();

// No event is younger than this: the last millisecond of the year 9999.
absl::Time NewestEventTime();

// RFC 3339: "2025-11-24T16:00:00.123Z" or with "+05:30". Zone required; fractions are kept to the nanosecond; the leap
// second :60 is the next second. Nothing but this form, and only dates that exist.
std::optional<absl::Time> ParseRfc3339(std::string_view text);

// The time of Apache and nginx access logs: "24/Nov/2025:16:00:00 -0500". Only dates that exist.
std::optional<absl::Time> ParseAccessLogTime(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_TIME_TEXT_H_
