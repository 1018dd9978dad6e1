#ifndef FIREBREAK_STORAGE_RING_LADDER_H_
#define FIREBREAK_STORAGE_RING_LADDER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "storage/counts.h"
#include "storage/ladder_shape.h"
#include "storage/time_ranges.h"

namespace firebreak {

// A RingLadder counts the events of one series over recent time, in rings of coarsening slots.
//   (1) Memory is fixed at construction: 30 bytes a slot, at most 128 KiB for 30 days of the default ladder.
//   (2) Every slot holds the running sum up to its end, modulo 2^40, so a window sum is two reads: O(1) at any time.
//   (3) The newest slot (the head) never moves back. A late event counts in every level that still holds its slot; a
//       level holds its newest span / width + slack / width + 1 slots, each quotient rounded up.
//   (4) Before the first AdvanceTo or Add there is no head, no slot is late, and every sum is zero.
// Thread-compatible.
class RingLadder {
 public:
  enum class AddResult {
    kCounted,
    kLate,      // older than every level: nothing changed
    kOverflow,  // a level would hold 2^40 requests or more: nothing changed
  };

  explicit RingLadder(const LadderShape& shape);
  RingLadder(RingLadder&&) noexcept;
  RingLadder& operator=(RingLadder&&) noexcept;
  ~RingLadder();

  // Moves the head to finest slot `slot`, forgetting what falls off the far end. Does nothing if it is there or beyond
  // it already.
  void AdvanceTo(int64_t slot);

  // Counts `counts` in finest slot `slot`; a slot beyond the head moves the head. Cost is O(1) for the newest slot and
  // O(slots after it) for a late one. REQUIRES: all counts >= 0.
  AddResult Add(int64_t slot, const Counts& counts);

  // What Add would answer with the head at `head`, or at `slot` if that is later. Changes nothing.
  AddResult Judge(int64_t slot, const Counts& counts, int64_t head) const;

  // Puts back what was counted before a restart, for windows to read as if there had been none: the row goes to every
  // level whose width is a multiple of its own and that holds it once the head is at `head`. The head stays where it
  // is; AdvanceTo(head) is due before anything else is counted. O(1) for rows in ascending time, whatever their widths.
  // REQUIRES: row.width_seconds > 0, all counts >= 0, the row begins before the end of slot `head`, and the ladder's
  // own head is not beyond `head`.
  AddResult Restore(const CountRow& row, int64_t head);

  // The counts of the window (end - window, end], in O(1), read from the finest level that serves `window`. Its left
  // edge is that level's slot border at or before end - window; its right edge is exact.
  // What is beyond the head or no longer held counts as zero.
  // REQUIRES: end on the finest grid; 0 < window <= the last level's span; end within slack of the head or beyond it.
  Counts Sum(absl::Time end, absl::Duration window) const;

  // The counts of that part of the same window which lies in `ranges`; Sum minus this is what lies outside of them, and
  // none of its counters is negative, nor does one exceed what bounds it (bad <= total and so on). Costs O(1) a range.
  // Each border of a range is moved outward to a slot's border, but never out of the window that Sum reads: the slot is
  // that of the finest level which still serves it, but no coarser than the window's own. A level serves what lies
  // after the oldest border that both it and the next level hold, when the head is at `head`; so the grid depends on
  // the age of a border, not on the series. In the default ladder that is at least the finest slot for 1 h, 30 s for
  // 12 h, 5 min for 3 d 23 h, and 1 h beyond.
  // REQUIRES: as Sum; this ladder's head is not beyond `head`.
  Counts SumInside(absl::Time end, absl::Duration window, const TimeRanges& ranges, int64_t head) const;

  // Bytes held, all told.
  size_t memory_bytes() const;

 private:
  class Ring;
  // What Sum reads, in finest borders, and the level it is read from.
  struct Extent {
    int64_t left;
    int64_t right;
    size_t level;
  };

  Extent ExtentOf(absl::Time end, absl::Duration window) const;
  int64_t ServesFrom(size_t level, int64_t head) const;
  size_t LevelFor(int64_t slot, size_t coarsest, int64_t head) const;
  Counts Between(int64_t left, int64_t right, size_t coarsest, int64_t head) const;
  bool SurelyFits(const Counts& counts) const;
  void Counted(const Counts& counts);

  absl::Duration finest_;
  int64_t finest_seconds_;
  int64_t ever_ = 0;             // no ring holds more of anything; stays when it has come to what a ring can hold
  std::optional<int64_t> head_;  // in finest slots
  std::vector<Ring> rings_;      // finest first
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_RING_LADDER_H_
