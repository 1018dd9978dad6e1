#include "engine/removed_alerts.h"

#include <algorithm>
#include <utility>

namespace firebreak {
namespace {

// Whether an alert with these labels is among `alerts`.
bool IsAmong(const Labels& labels, const std::vector<AlertViewPtr>& alerts) {
  return std::any_of(alerts.begin(), alerts.end(), [&](const AlertViewPtr& shown) { return shown->labels == labels; });
}

}  // namespace

void RemovedAlerts::Add(AlertRecords records) {
  for (auto& [identity, record] : records) {
    record.views = ViewsOf(record);
    unsaved_.insert(identity);
    records_.insert_or_assign(identity, std::move(record));
  }
}

void RemovedAlerts::End(absl::Time now, TransitionSink& sink) {
  for (auto& [identity, record] : records_) {
    const AlertViewPtr last = ActiveView(record);
    if (last == nullptr) continue;
    const Transition removal = RemovalOf(*last, "removed", now);
    const bool fired = removal.to == AlertStatus::kResolved;
    record.views[ViewIndex(last->labels)] = fired ? removal.alert : nullptr;
    record.burn.reset();
    record.no_data.reset();
    record.covered.clear();
    unsaved_.insert(identity);
    sink.OnTransition(removal);
  }
}

void RemovedAlerts::CollectAlerts(absl::Time now, std::vector<AlertViewPtr>& alerts) {
  for (auto& [identity, record] : records_) {
    for (AlertViewPtr& view : record.views) {
      if (view == nullptr) continue;
      DropIfOld(view, now);
      if (view == nullptr) {
        unsaved_.insert(identity);
      } else if (!IsAmong(view->labels, alerts)) {
        alerts.push_back(view);
      }
    }
  }
}

void RemovedAlerts::CollectChanges(AlertChanges& changes) {
  for (const Labels& identity : std::exchange(unsaved_, {})) {
    const auto found = records_.find(identity);
    if (found == records_.end()) continue;
    changes.Add(found->second);
    if (IsEmpty(found->second)) records_.erase(found);
  }
}

}  // namespace firebreak
