#include "storage/naive_ladder.h"

#include <algorithm>

namespace firebreak {
namespace {

absl::Time BorderAtOrBefore(absl::Time when, absl::Duration width) {
  return absl::UnixEpoch() + absl::Floor(when - absl::UnixEpoch(), width);
}

bool ReachesLimit(const Counts& counts) {
  const int64_t limit = int64_t{1} << 40;
  return counts.total >= limit || counts.client_errors >= limit || counts.retries >= limit;
}

}  // namespace

void NaiveLadder::AdvanceTo(int64_t slot) { head_ = std::max(head_.value_or(slot), slot); }

RingLadder::AddResult NaiveLadder::Add(int64_t slot, const Counts& counts) {
  const int64_t head = std::max(head_.value_or(slot), slot);
  bool held = false;
  for (const Level& level : shape_.levels) {
    if (!Holds(level, slot, head)) continue;
    held = true;
    Counts sum = counts;
    for (const Event& event : events_) {
      if (Holds(level, event.slot, head)) sum += event.counts;
    }
    if (ReachesLimit(sum)) return RingLadder::AddResult::kOverflow;
  }
  if (!held) return RingLadder::AddResult::kLate;
  head_ = head;
  events_.push_back({slot, counts});
  return RingLadder::AddResult::kCounted;
}

Counts NaiveLadder::Sum(absl::Time end, absl::Duration window) const {
  const absl::Time left = BorderAtOrBefore(end - window, Serving(window).width);
  Counts sum;
  for (const Event& event : events_) {
    const absl::Time when = SlotEnd(event.slot, shape_.finest());
    if (left < when && when <= end) sum += event.counts;
  }
  return sum;
}

Counts NaiveLadder::SumOfHeld(absl::Time end, absl::Duration window) const {
  const Level& level = Serving(window);
  const absl::Time coarse_end = BorderAtOrBefore(end, level.width);
  return Held(level, BorderAtOrBefore(end - window, level.width), coarse_end) +
         Held(shape_.levels.front(), coarse_end, end);
}

Counts NaiveLadder::SumInside(absl::Time end, absl::Duration window, const TimeRanges& ranges, int64_t head) const {
  const absl::Time left = BorderAtOrBefore(end - window, Serving(window).width);
  Counts sum;
  for (const Event& event : events_) {
    const absl::Time when = SlotEnd(event.slot, shape_.finest());
    if (when <= left || when > end) continue;
    const bool inside = std::any_of(ranges.begin(), ranges.end(), [&](const TimeRange& range) {
      if (range.begin >= end || range.end <= left) return false;
      const int64_t first = SlotOf(range.begin + absl::Nanoseconds(1), shape_.finest());
      const int64_t last = SlotOf(range.end, shape_.finest());
      return Snapped(first, window, head).begin < when && when <= Snapped(last, window, head).end;
    });
    if (inside) sum += event.counts;
  }
  return sum;
}

TimeRange NaiveLadder::SlotRange(const Level& level, int64_t slot) const {
  const int64_t coarse = SlotOf(SlotEnd(slot, shape_.finest()), level.width);
  return {SlotEnd(coarse - 1, level.width), SlotEnd(coarse, level.width)};
}

bool NaiveLadder::Serves(size_t index, int64_t slot, int64_t head) const {
  const Level& level = shape_.levels[index];
  const absl::Duration next_width = shape_.levels[index + 1].width;
  const absl::Duration reach = absl::Ceil(level.span, level.width) + absl::Ceil(shape_.slack, level.width);
  const absl::Time oldest = SlotRange(level, head).begin - reach;
  const absl::Time serves_from = absl::UnixEpoch() + absl::Ceil(oldest - absl::UnixEpoch(), next_width);
  return SlotRange(level, slot).begin >= serves_from;
}

TimeRange NaiveLadder::Snapped(int64_t slot, absl::Duration window, int64_t head) const {
  size_t index = 0;
  while (shape_.levels[index].span < window && !Serves(index, slot, head)) ++index;
  return SlotRange(shape_.levels[index], slot);
}

const LadderShape::Level& NaiveLadder::Serving(absl::Duration window) const {
  return *std::find_if(shape_.levels.begin(), shape_.levels.end(),
                       [&](const Level& level) { return level.span >= window; });
}

bool NaiveLadder::Holds(const Level& level, int64_t slot, int64_t head) const {
  const absl::Duration held = absl::Ceil(level.span, level.width) + absl::Ceil(shape_.slack, level.width) + level.width;
  const int64_t newest = SlotOf(SlotEnd(head, shape_.finest()), level.width);
  const int64_t wanted = SlotOf(SlotEnd(slot, shape_.finest()), level.width);
  return wanted > newest - held / level.width;
}

Counts NaiveLadder::Held(const Level& level, absl::Time left, absl::Time right) const {
  Counts sum;
  for (const Event& event : events_) {
    const absl::Time when = SlotEnd(event.slot, shape_.finest());
    if (left < when && when <= right && Holds(level, event.slot, *head_)) sum += event.counts;
  }
  return sum;
}

}  // namespace firebreak
