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

NoDataStep EndForMaintenance(const NoDataState& state) {
  if (!state.firing) return {NoDataState(), {}};
  return {NoDataState(), {{AlertStatus::kFiring, AlertStatus::kResolved, state.severity, "maintenance"}}};
}

NoDataStep AdvanceNoData(const NoDataState& state, FeedState feed, std::optional<Severity> held, CoveredSeries covered,
                         absl::Time now) {
  const std::optional<Severity> wanted = Wanted(feed, held);
  NoDataStep step{state, {}};
  if (!wanted) {
    const bool waits = state.until_requests && covered == CoveredSeries::kSilent;
    if (!state.firing || waits) return step;
    step.state = NoDataState();
    step.changes.push_back({AlertStatus::kFiring, AlertStatus::kResolved, state.severity, "recovered"});
    return step;
  }
  step.state.until_requests = state.until_requests || held.has_value();
  if (state.firing && *wanted <= state.severity) return step;
  if (state.firing) {
    step.changes.push_back({AlertStatus::kFiring, AlertStatus::kResolved, state.severity, "escalated"});
  }
  step.state.firing = true;
  step.state.severity = *wanted;
  step.state.firing_since = now;
  step.changes.push_back({AlertStatus::kInactive, AlertStatus::kFiring, *wanted, ""});
  return step;
}

}  // namespace firebreak
