#ifndef FIREBREAK_STORAGE_LADDER_SHAPE_H_
#define FIREBREAK_STORAGE_LADDER_SHAPE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace firebreak {

// The slot grid: slot i of width w, which is whole seconds, covers (i * w, (i + 1) * w], counted from the Unix epoch,
// so that a window (t - W, t] whose ends lie on the grid is exact.

// The slot that holds `when`.
int64_t SlotOf(absl::Time when, absl::Duration width);
// The end of slot `slot`, which belongs to it.
absl::Time SlotEnd(int64_t slot, absl::Duration width);

// How long which resolution of counts is kept, finest first. Each width is a whole multiple of the one before and none
// exceeds the first span; each span is a whole multiple of its width.
// The ladder of a default configuration: 5 s for 1 h, 30 s for 12 h, 5 min for 4 d, 1 h for 30 d.
struct LadderShape {
  struct Level {
    absl::Duration width;
    absl::Duration span;  // the longest window this level serves
  };
  std::vector<Level> levels;
  // What every level holds beyond its span: lateness, evaluation delay and how far events may run ahead of now.
  absl::Duration slack;

  // The ladder for slots of `finest` over `period`. A level not wider than the one before is left out and its span
  // passes to that one; the first level that serves the period is the last, its span the period in whole slots.
  // REQUIRES: ValidateFinestSlot(finest).ok().
  static LadderShape For(absl::Duration finest, absl::Duration period, absl::Duration slack);

  // A ladder cut off after the first level that serves `longest`: for series that need no long history.
  LadderShape UpTo(absl::Duration longest) const;

  absl::Duration finest() const { return levels.front().width; }
};

// Whether slots of `finest` fit the ladder: whole seconds that divide 30 s, or divide 5 min and are multiples of 30 s.
// Errors: InvalidArgument that says so.
absl::Status ValidateFinestSlot(absl::Duration finest);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LADDER_SHAPE_H_
