#ifndef FIREBREAK_ENGINE_SIGNS_OF_LIFE_H_
#define FIREBREAK_ENGINE_SIGNS_OF_LIFE_H_

#include <optional>
#include <vector>

#include "absl/time/time.h"

namespace firebreak {

// When a source was seen alive: the latest instant up to the last evaluation, and those after it. Events may run ahead
// of the evaluations, and must not speak for a time before their own. Thread-compatible.
class SignsOfLife {
 public:
  // O(1) for an instant that is the newest, or was added last.
  void Add(absl::Time when);
  // Absent when there was none.
  std::optional<absl::Time> LastUpTo(absl::Time now) const;
  // Forgets what no LastUpTo of `now` or later can return.
  void ForgetBeforeLastUpTo(absl::Time now);

 private:
  std::vector<absl::Time> instants_;  // ascending
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_SIGNS_OF_LIFE_H_
