#ifndef FIREBREAK_ENGINE_LAB_SLO_HISTORY_H_
#define FIREBREAK_ENGINE_LAB_SLO_HISTORY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "engine/slo.h"
#include "storage/ladder_shape.h"

namespace firebreak {

// Evaluations at `first`, `first + step` and so on, `count` of them.
struct TickRange {
  absl::Time first;
  absl::Duration step = absl::Minutes(1);
  int64_t count = 0;

  absl::Time At(int64_t index) const { return first + index * step; }
};

// The counts of an SLO in one window at each tick of a range.
using WindowSums = std::vector<SloCounts>;

// What one SLO of a tier counted over a whole recording, on the finest grid, as running sums: any window at any time is
// a subtraction, and what the rings would have said at that time, however long ago. Slots that held nothing cost
// nothing. Immutable; thread-safe.
class SloHistory {
 public:
  // The counts of one finest slot.
  struct Slot {
    int64_t slot = 0;
    SloCounts counts;
  };

  // REQUIRES: slots ascend, each once.
  SloHistory(LadderShape shape, const std::vector<Slot>& slots);

  const LadderShape& shape() const { return shape_; }

  // Exactly what RingLadder::Sum gives: the left edge of (end - window, end] is moved back to the border of a slot of
  // the level that serves the window. O(log slots). REQUIRES: end is on the finest grid; 0 < window <= the last span.
  SloCounts Sum(absl::Time end, absl::Duration window) const;

  // The same at every tick, read at `delay` before it, in one walk. REQUIRES: as Sum, for each.
  WindowSums SumAt(const TickRange& ticks, absl::Duration delay, absl::Duration window) const;

  // What was counted in (begin, end], whose borders are moved outward to the finest grid.
  SloCounts Between(absl::Time begin, absl::Time end) const;

  // All of it.
  SloCounts Total() const;
  // Ends of the first and last slots that hold anything.
  std::optional<absl::Time> first() const;
  std::optional<absl::Time> last() const;

 private:
  // What was counted up to the end of a slot.
  struct Point {
    int64_t slot;
    SloCounts sums;
  };
  class Walk;
  // Which borders a window lies between, in finest slots.
  struct Reach {
    int64_t length;  // of the window
    int64_t grid;    // its left border is a multiple of this
  };

  Reach ReachOf(absl::Duration window) const;
  int64_t BorderAt(absl::Time time) const;
  SloCounts UpTo(int64_t border) const;

  LadderShape shape_;
  std::vector<Point> points_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_SLO_HISTORY_H_
