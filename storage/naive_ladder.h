#ifndef FIREBREAK_STORAGE_NAIVE_LADDER_H_
#define FIREBREAK_STORAGE_NAIVE_LADDER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "storage/counts.h"
#include "storage/ladder_shape.h"
#include "storage/ring_ladder.h"

namespace firebreak {

// What RingLadder promises, written down as plainly as possible: it keeps every event and goes through all of them for
// every answer. For tests only.
class NaiveLadder {
 public:
  explicit NaiveLadder(LadderShape shape) : shape_(std::move(shape)) {}

  void AdvanceTo(int64_t slot);
  RingLadder::AddResult Add(int64_t slot, const Counts& counts);

  // All that was counted in (left, end], where left is the border at or before end - window of the finest level that
  // serves `window`. Nothing is ever forgotten: within RingLadder::Sum's contract, forgetting must not show.
  Counts Sum(absl::Time end, absl::Duration window) const;

  // The same for any `end`, however old: what the levels have forgotten is missing.
  Counts SumOfHeld(absl::Time end, absl::Duration window) const;

  // All of it that lies in one of `ranges`, once their borders are moved outward as RingLadder::SumInside says.
  Counts SumInside(absl::Time end, absl::Duration window, const TimeRanges& ranges, int64_t head) const;

  std::optional<int64_t> head() const { return head_; }

 private:
  using Level = LadderShape::Level;
  struct Event {
    int64_t slot;
    Counts counts;
  };

  const Level& Serving(absl::Duration window) const;
  // Whether the level still holds finest slot `slot` when the newest one is `head`.
  bool Holds(const Level& level, int64_t slot, int64_t head) const;
  // The slot of `level` that holds finest slot `slot`, as a range.
  TimeRange SlotRange(const Level& level, int64_t slot) const;
  // Whether the level at `index` serves finest slot `slot`.
  bool Serves(size_t index, int64_t slot, int64_t head) const;
  // The slot that a border of a range is moved to.
  TimeRange Snapped(int64_t slot, absl::Duration window, int64_t head) const;
  // Events of slots that end in (left, right] and that `level` holds.
  Counts Held(const Level& level, absl::Time left, absl::Time right) const;

  LadderShape shape_;
  std::optional<int64_t> head_;
  std::vector<Event> events_;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_NAIVE_LADDER_H_
