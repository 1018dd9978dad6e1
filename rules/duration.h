#ifndef FIREBREAK_RULES_DURATION_H_
#define FIREBREAK_RULES_DURATION_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace firebreak {

// Reads "90s", "5m", "1h", "6h", "30d", "1h30m", "250ms", and "0s": whole numbers with a unit out of ms s m h d w, the
// larger unit first, each at most once (Prometheus' notation). Errors: InvalidArgument that says what was wanted.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);

// What people would write, in days at most; ParseDuration reads it back: "5m", "1h30m", "30d", "0s". REQUIRES: whole
// milliseconds, not negative.
// (Not FormatDuration: Abseil has one that argument-dependent lookup would find as well.)
std::string DurationText(absl::Duration duration);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_DURATION_H_
