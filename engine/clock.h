#ifndef FIREBREAK_ENGINE_CLOCK_H_
#define FIREBREAK_ENGINE_CLOCK_H_

#include "absl/time/time.h"
#include "storage/mutex.h"

namespace firebreak {

// The time that ticks, event checks and alert states go by. Everything else takes `absl::Time now` as an argument.
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Never goes back.
  virtual absl::Time Now() const = 0;
  // How long a thread must really wait until Now() reaches `when`; zero if it has.
  virtual absl::Duration RealUntil(absl::Time when) const = 0;
  // The wall time at which Now() was, or will be, `when`: what destinations outside are told.
  virtual absl::Time ToWall(absl::Time when) const = 0;
  // How far Now() runs ahead of the wall because that jumped back.
  virtual absl::Duration AheadOfWall() const { return absl::ZeroDuration(); }
};

// The wall clock, made safe against its jumps: it follows a jump forward at once, and after a jump back it runs at half
// speed until the wall has caught up, so that it never stands still and never goes back.
class RealClock : public Clock {
 public:
  RealClock();
  absl::Time Now() const override;
  absl::Duration RealUntil(absl::Time when) const override;
  absl::Time ToWall(absl::Time when) const override { return when; }
  absl::Duration AheadOfWall() const override;

 private:
  mutable Mutex mutex_;
  mutable absl::Time last_ FIREBREAK_GUARDED_BY(mutex_);
  mutable absl::Time last_monotonic_ FIREBREAK_GUARDED_BY(mutex_);
};

// The rule behind RealClock, apart so that it can be tested: the next reading after `last`, when `elapsed` of monotonic
// time has passed and the wall shows `wall`. Pure.
absl::Time NextReading(absl::Time last, absl::Duration elapsed, absl::Time wall);

// A clock that starts at `start` and runs `speed` times as fast as real time: the demo's.
class ScaledClock : public Clock {
 public:
  // REQUIRES: speed > 0.
  ScaledClock(absl::Time start, double speed);
  absl::Time Now() const override;
  absl::Duration RealUntil(absl::Time when) const override;
  absl::Time ToWall(absl::Time when) const override;

 private:
  const absl::Time start_;
  const double speed_;
  const absl::Time wall_start_;
  const absl::Time monotonic_start_;
};

// A clock that is moved by hand: replay's and the tests'. Waiting costs nothing.
class SimulatedClock : public Clock {
 public:
  explicit SimulatedClock(absl::Time start) : now_(start) {}
  absl::Time Now() const override;
  absl::Duration RealUntil(absl::Time when) const override;
  absl::Time ToWall(absl::Time when) const override { return when; }

  // Moves to `when`; earlier than now is ignored.
  void AdvanceTo(absl::Time when);

 private:
  mutable Mutex mutex_;
  absl::Time now_ FIREBREAK_GUARDED_BY(mutex_);
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_CLOCK_H_
