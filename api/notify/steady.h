#ifndef FIREBREAK_API_NOTIFY_STEADY_H_
#define FIREBREAK_API_NOTIFY_STEADY_H_

#include <chrono>

#include "absl/time/time.h"

namespace firebreak {

// An instant of monotonic time, which no jump of the wall clock moves. Only differences mean anything.
inline absl::Time SteadyNow() {
  return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_STEADY_H_
