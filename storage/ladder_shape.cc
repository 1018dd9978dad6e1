#include "storage/ladder_shape.h"

#include "fmt/format.h"

namespace firebreak {
namespace {

bool IsMultiple(absl::Duration duration, absl::Duration unit) { return duration % unit == absl::ZeroDuration(); }

}  // namespace

int64_t SlotOf(absl::Time when, absl::Duration width) {
  absl::Duration past_border;
  const int64_t border = absl::IDivDuration(when - absl::UnixEpoch(), width, &past_border);
  // Division truncates toward zero; a time on a border belongs to the slot that ends there.
  return past_border > absl::ZeroDuration() ? border : border - 1;
}

absl::Time SlotEnd(int64_t slot, absl::Duration width) {
  return absl::FromUnixSeconds((slot + 1) * absl::ToInt64Seconds(width));
}

LadderShape LadderShape::For(absl::Duration finest, absl::Duration period, absl::Duration slack) {
  const Level coarser[] = {
      {absl::Seconds(30), absl::Hours(12)},
      {absl::Minutes(5), absl::Hours(4 * 24)},
      {absl::Hours(1), period},
  };
  LadderShape shape{{{finest, absl::Hours(1)}}, slack};
  for (const Level& level : coarser) {
    if (level.width <= shape.finest()) {
      shape.levels.back().span = level.span;
    } else {
      shape.levels.push_back(level);
    }
  }
  shape = shape.UpTo(period);
  Level& last = shape.levels.back();
  last.span = absl::Ceil(period, last.width);
  return shape;
}

LadderShape LadderShape::UpTo(absl::Duration longest) const {
  LadderShape shape{{}, slack};
  for (const Level& level : levels) {
    shape.levels.push_back(level);
    if (level.span >= longest) break;
  }
  return shape;
}

absl::Status ValidateFinestSlot(absl::Duration finest) {
  const bool divides_30s = finest > absl::ZeroDuration() && IsMultiple(absl::Seconds(30), finest);
  const bool divides_5m = finest > absl::ZeroDuration() && IsMultiple(absl::Minutes(5), finest);
  if (IsMultiple(finest, absl::Seconds(1)) && (divides_30s || (divides_5m && IsMultiple(finest, absl::Seconds(30))))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("slots of {} do not fit: wanted whole seconds that divide 30s, or a multiple of 30s that divides 5m",
                  absl::FormatDuration(finest)));
}

}  // namespace firebreak
