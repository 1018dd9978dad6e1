#ifndef FIREBREAK_API_NOTIFY_STEADY_H_
#define FIREBREAK_API_NOTIFY_STEADY_H_

#include <chrono>

#include "absl/time/time.h"

namespace firebreak {

// An instant of monotonic time, which no jump of the wall clock moves. Only differences mean anything.
inline absl::Time SteadyNow() {
  return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// One instant by both clocks. Monotonic times mean nothing to the next process: what it must know is kept in wall time.
struct SteadyAndWall {
  absl::Time steady;
  absl::Time wall;

  absl::Time ToWall(absl::Time when) const { return wall + (when - steady); }
  absl::Time ToSteady(absl::Time when) const { return steady + (when - wall); }
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_STEADY_H_
