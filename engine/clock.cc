#include "engine/clock.h"

#include <algorithm>
#include <chrono>

#include "absl/time/clock.h"

namespace firebreak {
namespace {

// Monotonic time since an arbitrary start, as an absl::Time so that it can be subtracted.
absl::Time MonotonicNow() {
  return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// The one place where the program asks for the wall's time.
absl::Time WallNow() { return absl::Now(); }

}  // namespace

absl::Time NextReading(absl::Time last, absl::Duration elapsed, absl::Time wall) {
  return std::max(wall, last + elapsed / 2);
}

RealClock::RealClock() : last_(WallNow()), last_monotonic_(MonotonicNow()) {}

absl::Time RealClock::Now() const {
  MutexLock lock(mutex_);
  const absl::Time monotonic = MonotonicNow();
  last_ = NextReading(last_, monotonic - last_monotonic_, WallNow());
  last_monotonic_ = monotonic;
  return last_;
}

absl::Duration RealClock::RealUntil(absl::Time when) const { return std::max(absl::ZeroDuration(), when - Now()); }

absl::Duration RealClock::AheadOfWall() const {
  const absl::Time now = Now();
  return std::max(absl::ZeroDuration(), now - WallNow());
}

ScaledClock::ScaledClock(absl::Time start, double speed)
    : start_(start), speed_(speed), wall_start_(WallNow()), monotonic_start_(MonotonicNow()) {}

absl::Time ScaledClock::Now() const { return start_ + (MonotonicNow() - monotonic_start_) * speed_; }

absl::Duration ScaledClock::RealUntil(absl::Time when) const {
  return std::max(absl::ZeroDuration(), when - Now()) / speed_;
}

absl::Time ScaledClock::ToWall(absl::Time when) const { return wall_start_ + (when - start_) / speed_; }

absl::Time SimulatedClock::Now() const {
  MutexLock lock(mutex_);
  return now_;
}

absl::Duration SimulatedClock::RealUntil(absl::Time) const { return absl::ZeroDuration(); }

void SimulatedClock::AdvanceTo(absl::Time when) {
  MutexLock lock(mutex_);
  now_ = std::max(now_, when);
}

}  // namespace firebreak
