#include "storage/ledger/retention.h"

#include <algorithm>

namespace firebreak {
namespace {

// A level holds its newest span / width + slack / width + 1 slots, each quotient rounded up (ring_ladder.h).
absl::Duration HeldBy(const LadderShape& shape, const LadderShape::Level& level) {
  return absl::Ceil(level.span, level.width) + absl::Ceil(shape.slack, level.width) + level.width;
}

// The end of the newest slot of `width` that lies `age` or more behind the slot of `now`.
absl::Time Border(absl::Time now, absl::Duration width, absl::Duration age) {
  return SlotEnd(SlotOf(now, width), width) - absl::Ceil(age, width);
}

}  // namespace

Retention Retention::ForEndpoints(const LadderShape& shape) {
  std::vector<Stage> stages;
  for (const auto& level : shape.levels) stages.push_back({level.width, HeldBy(shape, level)});
  return Retention(std::move(stages), HeldBy(shape, shape.levels.back()));
}

Retention Retention::ForTiers(const LadderShape& shape, absl::Duration keep) {
  std::vector<Stage> stages;
  for (const auto& level : shape.levels) {
    if (level.width < kHistoryWidth) stages.push_back({level.width, HeldBy(shape, level)});
  }
  stages.push_back({kHistoryWidth, absl::ZeroDuration()});
  return Retention(std::move(stages), std::max(keep, HeldBy(shape, shape.levels.back())));
}

Retention::Fate Retention::FateOf(absl::Duration width, absl::Time now) const {
  absl::Duration held = absl::ZeroDuration();
  for (const Stage& stage : stages_) {
    if (stage.width == width) held = stage.held;
    if (stage.width > width && stage.width % width == absl::ZeroDuration()) {
      return {Border(now, width, held), stage.width};
    }
  }
  return {Border(now, width, keep_), std::nullopt};
}

}  // namespace firebreak
