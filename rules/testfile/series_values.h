#ifndef FIREBREAK_RULES_TESTFILE_SERIES_VALUES_H_
#define FIREBREAK_RULES_TESTFILE_SERIES_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace firebreak {

// The notation in which promtool's unit tests write series.

// So many that a week at a sample every 5 s fits.
inline constexpr int64_t kMaxSamples = 200000;

// Reads the values of a counter: "0+5x60 _x3 stale" is 0, 5 … 300 (61 samples), three times none, and none.
//   N       a sample          N+MxT  N, N+M … N+T*M: T+1 samples, likewise N-MxT; NxT is N+0xT
//   _, _xT  no sample, T times       stale  no sample
// Errors: InvalidArgument that says what was wanted. Values are whole numbers from 0 to 9e15: counters of requests.
absl::StatusOr<std::vector<std::optional<int64_t>>> ParseSeriesValues(std::string_view text);

struct SeriesSelector {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;  // in file order, names unique
};

// Reads `name{label="value", …}`, with Go's escapes \\ \" \n in values. Errors: InvalidArgument.
absl::StatusOr<SeriesSelector> ParseSeriesSelector(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_SERIES_VALUES_H_
