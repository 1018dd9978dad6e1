#include "api/notify/delivery_queue.h"

#include <algorithm>
#include <utility>

namespace firebreak {
namespace {

OutboxItem::State StateOf(const Outbox::Entry& entry) {
  if (entry.parked) return OutboxItem::State::kParked;
  if (entry.told) return OutboxItem::State::kDelivered;
  return entry.tries > 0 ? OutboxItem::State::kRetrying : OutboxItem::State::kWaiting;
}

}  // namespace

void ApplyTo(Outboxes& outboxes, const AlertViewPtr& alert, uint64_t id, absl::Time now, ChangedAlerts& changed) {
  const bool told = alert->status == AlertStatus::kFiring || alert->status == AlertStatus::kResolved;
  const auto found = told ? outboxes.try_emplace(alert->labels).first : outboxes.find(alert->labels);
  if (found == outboxes.end()) return;
  Outbox& outbox = found->second;
  if (alert->status == AlertStatus::kFiring) outbox.Fire(id, alert, now);
  if (alert->status == AlertStatus::kResolved) outbox.Resolve(id, alert, now);
  if (alert->status == AlertStatus::kPending) outbox.Pend();
  if (outbox.TakeChanged()) changed.insert(alert->labels);
  if (outbox.empty()) outboxes.erase(found);
}

void DoubtLast(Outboxes& outboxes, const Labels& labels) {
  const auto found = outboxes.find(labels);
  if (found != outboxes.end()) found->second.Doubt(found->second.last().id);
}

int64_t CountQueued(const Outboxes& outboxes) {
  return std::count_if(outboxes.begin(), outboxes.end(), [](const auto& box) { return box.second.last().waiting(); });
}

int64_t CountParked(const Outboxes& outboxes) {
  return std::count_if(outboxes.begin(), outboxes.end(), [](const auto& box) { return box.second.last().parked; });
}

void ExpireOld(Outboxes& outboxes, absl::Time now, ChangedAlerts& changed) {
  for (auto& [labels, outbox] : outboxes) {
    outbox.Expire(now);
    if (outbox.empty()) changed.insert(labels);
  }
  std::erase_if(outboxes, [](const auto& box) { return box.second.empty(); });
}

int64_t RetryParkedIn(Outboxes& outboxes, ChangedAlerts& changed) {
  int64_t retried = 0;
  for (auto& [labels, outbox] : outboxes) {
    if (!outbox.RetryParked()) continue;
    changed.insert(labels);
    ++retried;
  }
  return retried;
}

void ListAlert(const Outbox& outbox, absl::Time next_try, const SteadyAndWall& now, std::vector<OutboxItem>& out) {
  for (const Outbox::Entry& entry : outbox.entries()) {
    OutboxItem item;
    item.alert = entry.alert;
    item.state = StateOf(entry);
    item.tries = entry.tries;
    item.last_error = entry.error;
    item.since = now.ToWall(entry.since);
    const bool is_next = entry.id == outbox.next().id;
    if (is_next && next_try > now.steady && next_try != absl::InfiniteFuture()) item.next_try = now.ToWall(next_try);
    out.push_back(std::move(item));
  }
}

}  // namespace firebreak
