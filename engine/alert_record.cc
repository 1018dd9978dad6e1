#include "engine/alert_record.h"

#include <utility>

#include "engine/alert_text.h"
#include "rules/config.h"

namespace firebreak {
namespace {

constexpr absl::Duration kShowResolvedFor = absl::Minutes(15);

// How a record's alert looks now, but for its words.
AlertView BareView(const AlertRecord& record) {
  AlertView view;
  view.labels = record.identity;
  if (record.no_data) {
    view.labels.Set("severity", SeverityName(record.no_data->severity));
    view.status = AlertStatus::kFiring;
    view.active_since = record.no_data->firing_since;
    view.firing_since = record.no_data->firing_since;
    return view;
  }
  const AlertState& state = *record.burn;
  view.status = state.phase == AlertPhase::kFiring ? AlertStatus::kFiring : AlertStatus::kPending;
  view.active_since = state.pending_since;
  if (view.status == AlertStatus::kPending) return view;
  view.labels.Set("severity", SeverityName(state.severity));
  view.firing_since = state.firing_since;
  return view;
}

bool IsActive(const AlertRecord& record) {
  return (record.burn && record.burn->phase != AlertPhase::kInactive) || (record.no_data && record.no_data->firing);
}

}  // namespace

size_t ViewIndex(const Labels& labels) {
  const bool page = labels.Get("severity") == SeverityName(Severity::kPage);
  return static_cast<size_t>(page ? Severity::kPage : Severity::kTicket);
}

bool IsEmpty(const AlertRecord& record) {
  return !record.burn && !record.no_data && StatusesOf(record.views) == ShownStatuses{};
}

void AlertChanges::Add(AlertRecord record) {
  if (IsEmpty(record)) {
    ended.push_back(std::move(record.identity));
  } else {
    std::erase(ended, record.identity);
    changed.push_back(std::move(record));
  }
}

ShownStatuses StatusesOf(const AlertViews& views) {
  ShownStatuses statuses{};
  for (size_t i = 0; i < views.size(); ++i) {
    if (views[i] != nullptr) statuses[i] = views[i]->status;
  }
  return statuses;
}

AlertViewPtr ActiveView(const AlertRecord& record) {
  if (!IsActive(record)) return nullptr;
  AlertView bare = BareView(record);
  for (const AlertViewPtr& view : record.views) {
    if (view != nullptr && view->labels == bare.labels && view->status == bare.status) return view;
  }
  return std::make_shared<const AlertView>(std::move(bare));
}

AlertViews ViewsOf(const AlertRecord& record) {
  AlertViews views = record.views;
  if (const AlertViewPtr active = ActiveView(record)) views[ViewIndex(active->labels)] = active;
  return views;
}

AlertState AfterDowntime(AlertState state, absl::Duration downtime) {
  if (state.phase == AlertPhase::kPending) state.pending_since += downtime;
  if (state.below_since) *state.below_since += downtime;
  if (state.no_data_since) *state.no_data_since += downtime;
  return state;
}

Transition RemovalOf(const AlertView& last, std::string_view reason, absl::Time now) {
  auto view = std::make_shared<AlertView>(last);
  const bool fired = last.status == AlertStatus::kFiring;
  view->status = fired ? AlertStatus::kResolved : AlertStatus::kInactive;
  view->reason = reason;
  view->annotations.Set("summary", RemovalSummary(last.labels, reason));
  if (fired) view->resolved_at = now;
  Transition transition;
  transition.at = now;
  transition.tier = last.labels.Get("tier");
  transition.slo = last.labels.Get("slo");
  transition.pair = last.labels.Get("pair");
  transition.endpoint = last.labels.Get("endpoint");
  transition.from = last.status;
  transition.to = view->status;
  transition.reason = reason;
  transition.alert = std::move(view);
  return transition;
}

void DropIfOld(AlertViewPtr& view, absl::Time now) {
  if (view && view->resolved_at && now - *view->resolved_at >= kShowResolvedFor) view = nullptr;
}

}  // namespace firebreak
