#include "engine/lab/slo_history.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace firebreak {
namespace {

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

SloCounts operator-(const SloCounts& a, const SloCounts& b) { return {a.bad - b.bad, a.total - b.total}; }

}  // namespace

// Border i lies between slot i - 1 and slot i. Gives the sums up to borders that only ever move on.
class SloHistory::Walk {
 public:
  explicit Walk(const std::vector<Point>& points) : next_(points.begin()), end_(points.end()) {}

  const SloCounts& To(int64_t border) {
    for (; next_ != end_ && next_->slot < border; ++next_) sums_ = next_->sums;
    return sums_;
  }

 private:
  std::vector<Point>::const_iterator next_;
  std::vector<Point>::const_iterator end_;
  SloCounts sums_;
};

SloHistory::SloHistory(LadderShape shape, const std::vector<Slot>& slots) : shape_(std::move(shape)) {
  points_.reserve(slots.size());
  SloCounts sums;
  for (const Slot& slot : slots) {
    assert(points_.empty() || points_.back().slot < slot.slot);
    sums.bad += slot.counts.bad;
    sums.total += slot.counts.total;
    points_.push_back({slot.slot, sums});
  }
}

SloHistory::Reach SloHistory::ReachOf(absl::Duration window) const {
  size_t level = 0;
  while (shape_.levels[level].span < window && level + 1 < shape_.levels.size()) ++level;
  return {absl::Ceil(window, shape_.finest()) / shape_.finest(), shape_.levels[level].width / shape_.finest()};
}

int64_t SloHistory::BorderAt(absl::Time time) const { return (time - absl::UnixEpoch()) / shape_.finest(); }

SloCounts SloHistory::UpTo(int64_t border) const {
  const auto after = std::partition_point(points_.begin(), points_.end(),
                                          [border](const Point& point) { return point.slot < border; });
  return after == points_.begin() ? SloCounts() : std::prev(after)->sums;
}

SloCounts SloHistory::Sum(absl::Time end, absl::Duration window) const {
  const Reach reach = ReachOf(window);
  const int64_t right = BorderAt(end);
  return UpTo(right) - UpTo(FloorDiv(right - reach.length, reach.grid) * reach.grid);
}

WindowSums SloHistory::SumAt(const TickRange& ticks, absl::Duration delay, absl::Duration window) const {
  const Reach reach = ReachOf(window);
  const int64_t step = ticks.step / shape_.finest();
  int64_t right = BorderAt(absl::UnixEpoch() + absl::Floor(ticks.first - delay - absl::UnixEpoch(), shape_.finest()));
  WindowSums sums;
  sums.reserve(static_cast<size_t>(ticks.count));
  Walk to_left(points_);
  Walk to_right(points_);
  for (int64_t i = 0; i < ticks.count; ++i, right += step) {
    const SloCounts& before = to_left.To(FloorDiv(right - reach.length, reach.grid) * reach.grid);
    sums.push_back(to_right.To(right) - before);
  }
  return sums;
}

SloCounts SloHistory::Between(absl::Time begin, absl::Time end) const {
  if (end <= begin) return {};
  const int64_t left = SlotOf(begin + absl::Nanoseconds(1), shape_.finest());
  return UpTo(SlotOf(end, shape_.finest()) + 1) - UpTo(left);
}

SloCounts SloHistory::Total() const { return points_.empty() ? SloCounts() : points_.back().sums; }

std::optional<absl::Time> SloHistory::first() const {
  if (points_.empty()) return std::nullopt;
  return SlotEnd(points_.front().slot, shape_.finest());
}

std::optional<absl::Time> SloHistory::last() const {
  if (points_.empty()) return std::nullopt;
  return SlotEnd(points_.back().slot, shape_.finest());
}

}  // namespace firebreak
