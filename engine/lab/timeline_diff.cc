#include "engine/lab/timeline_diff.h"

#include <algorithm>
#include <utility>

#include "engine/alert_view.h"

namespace firebreak {
namespace {

using Kind = TimelineChange::Kind;

Labels IdentityOf(const TimelineAlert& alert) {
  Labels identity = alert.labels;
  identity.Set("service", "");
  return identity;
}

bool FireTogether(const TimelineAlert& a, const TimelineAlert& b) {
  return a.fired < b.resolved.value_or(absl::InfiniteFuture()) && b.fired < a.resolved.value_or(absl::InfiniteFuture());
}

Kind KindOf(const TimelineAlert& before, const TimelineAlert& after) {
  if (after.fired != before.fired) return after.fired < before.fired ? Kind::kEarlier : Kind::kLater;
  const absl::Time old_end = before.resolved.value_or(absl::InfiniteFuture());
  const absl::Time new_end = after.resolved.value_or(absl::InfiniteFuture());
  if (new_end == old_end) return Kind::kUnchanged;
  return new_end > old_end ? Kind::kLonger : Kind::kShorter;
}

// The alerts of each identity, in order.
std::map<Labels, std::vector<TimelineAlert>> ByIdentity(const std::vector<TimelineAlert>& alerts) {
  std::map<Labels, std::vector<TimelineAlert>> groups;
  for (const TimelineAlert& alert : alerts) groups[IdentityOf(alert)].push_back(alert);
  return groups;
}

// Both lists are of one identity, in order; alerts of one list never fire together.
void CompareGroup(const std::vector<TimelineAlert>& before, const std::vector<TimelineAlert>& after,
                  std::vector<TimelineChange>& changes) {
  auto next = after.begin();
  for (const TimelineAlert& alert : before) {
    for (; next != after.end() && next->fired < alert.fired && !FireTogether(alert, *next); ++next) {
      changes.push_back({Kind::kGained, std::nullopt, *next});
    }
    if (next != after.end() && FireTogether(alert, *next)) {
      changes.push_back({KindOf(alert, *next), alert, *next});
      ++next;
    } else {
      changes.push_back({Kind::kLost, alert, std::nullopt});
    }
  }
  for (; next != after.end(); ++next) changes.push_back({Kind::kGained, std::nullopt, *next});
}

}  // namespace

void AlertTimeline::OnTransition(const Transition& transition) {
  const Labels& labels = transition.alert->labels;
  if (transition.to == AlertStatus::kFiring) {
    firing_[labels] = alerts_.size();
    alerts_.push_back(
        {labels, transition.tier, transition.slo, transition.pair, transition.endpoint, transition.at, {}});
  } else if (transition.to == AlertStatus::kResolved) {
    const auto firing = firing_.find(labels);
    if (firing == firing_.end()) return;
    alerts_[firing->second].resolved = transition.at;
    firing_.erase(firing);
  }
}

std::vector<TimelineChange> CompareTimelines(const std::vector<TimelineAlert>& before,
                                             const std::vector<TimelineAlert>& after) {
  const auto old_groups = ByIdentity(before);
  auto new_groups = ByIdentity(after);
  std::vector<TimelineChange> changes;
  for (const auto& [identity, alerts] : old_groups) {
    CompareGroup(alerts, new_groups[identity], changes);
    new_groups.erase(identity);
  }
  for (const auto& [identity, alerts] : new_groups) CompareGroup({}, alerts, changes);
  std::stable_sort(changes.begin(), changes.end(),
                   [](const TimelineChange& a, const TimelineChange& b) { return a.at() < b.at(); });
  return changes;
}

}  // namespace firebreak
