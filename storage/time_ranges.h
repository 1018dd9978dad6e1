#ifndef FIREBREAK_STORAGE_TIME_RANGES_H_
#define FIREBREAK_STORAGE_TIME_RANGES_H_

#include <vector>

#include "absl/time/time.h"

namespace firebreak {

// The stretch (begin, end] of time, left-open as slots are. begin < end.
struct TimeRange {
  absl::Time begin;
  absl::Time end;

  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

// Ranges in ascending order that neither overlap nor touch.
using TimeRanges = std::vector<TimeRange>;

// The union of any ranges, in any order.
TimeRanges UnionOf(std::vector<TimeRange> ranges);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_TIME_RANGES_H_
