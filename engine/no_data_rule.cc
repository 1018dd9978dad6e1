#include "engine/no_data_rule.h"

#include <algorithm>

namespace firebreak {
namespace {

std::optional<Severity> Wanted(FeedState feed, std::optional<Severity> held) {
  if (held) return held;
  if (feed == FeedState::kLost) return Severity::kTicket;
  return std::nullopt;
}

}  // namespace

std::string_view FeedStateName(FeedState feed) {
  switch (feed) {
    case FeedState::kTraffic:
      return "traffic";
    case FeedState::kIdle:
      return "idle";
    case FeedState::kLost:
      return "lost";
  }
  return "";
}

NoDataStep AdvanceNoData(const NoDataState& state, FeedState feed, std::optional<Severity> held, absl::Time now) {
  const std::optional<Severity> wanted = Wanted(feed, held);
  NoDataStep step{state, {}};
  if (!wanted) {
    if (!state.firing) return step;
    step.state = NoDataState();
    step.changes.push_back({AlertStatus::kFiring, AlertStatus::kResolved, state.severity, "recovered"});
    return step;
  }
  if (state.firing && *wanted <= state.severity) return step;
  if (state.firing) {
    step.changes.push_back({AlertStatus::kFiring, AlertStatus::kResolved, state.severity, "escalated"});
  }
  step.state = {true, *wanted, now};
  step.changes.push_back({AlertStatus::kInactive, AlertStatus::kFiring, *wanted, ""});
  return step;
}

}  // namespace firebreak
