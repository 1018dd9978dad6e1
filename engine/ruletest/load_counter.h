#ifndef FIREBREAK_ENGINE_RULETEST_LOAD_COUNTER_H_
#define FIREBREAK_ENGINE_RULETEST_LOAD_COUNTER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// One way the requests of a load may go.
struct RequestKind {
  Answer answer;
  std::optional<absl::Duration> latency;
  bool is_late = false;
};

// How many requests of which kind a load has sent after a while: whole numbers, and exact.
//   (1) Requests so far are floor(rate * elapsed). Of n, floor(n * errors) fail. A mix takes its parts in file order,
//       each floor(rest * weight / weights left) of what those before it left; the last takes the rest.
//   (2) Hence nothing is lost or drifts, every count only grows, and counts at an instant do not depend on how often,
//       or in what steps, they were asked for.
// Immutable; thread-safe.
class LoadCounter {
 public:
  // `load` must outlive it.
  explicit LoadCounter(const TrafficLoad& load);

  const std::vector<RequestKind>& kinds() const { return kinds_; }

  // By kind, in the first `elapsed` of the load. REQUIRES: elapsed is whole seconds, at most 366 days.
  void Count(absl::Duration elapsed, std::vector<int64_t>& counts) const;

 private:
  int64_t Requests(absl::Duration elapsed) const;

  const TrafficLoad* load_;
  std::vector<RequestKind> kinds_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_LOAD_COUNTER_H_
