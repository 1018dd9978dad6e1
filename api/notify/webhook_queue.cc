#include "api/notify/webhook_queue.h"

#include <algorithm>

#include "api/notify/pagerduty_payload.h"
#include "api/notify/webhook_payload.h"

namespace firebreak {
namespace {

// A ticket ends in the instant its page fires, and is told a moment before.
constexpr absl::Duration kUntilThePage = absl::Seconds(1);

}  // namespace

Grouping MessageGrouping() { return {GroupLabels, Grouping::News::kEveryChange}; }
Grouping IncidentGrouping() { return {IncidentLabels, Grouping::News::kOfOneIncident}; }

bool WebhookQueue::Group::HasNews() const {
  return std::any_of(outboxes.begin(), outboxes.end(), [](const auto& box) { return box.second.next().waiting(); });
}

bool WebhookQueue::Group::HasFiring() const {
  return std::any_of(outboxes.begin(), outboxes.end(), [](const auto& box) { return box.second.last().firing(); });
}

bool WebhookQueue::Group::IsKnownToFire() const {
  return std::any_of(outboxes.begin(), outboxes.end(), [](const auto& box) {
    const Outbox::Entry& last = box.second.last();
    return last.firing() && last.told;
  });
}

absl::Time WebhookQueue::Group::Due() const {
  if (HasNews()) return std::max(news_at, pace.not_before);
  if (HasFiring()) return std::max(repeat_at, pace.not_before);
  return absl::InfiniteFuture();
}

void WebhookQueue::Apply(const AlertViewPtr& alert, absl::Time now) {
  const Labels key = grouping_.key(alert->labels);
  Group& group = groups_[key];
  const absl::Time due = now + Patience(*alert);
  group.news_at = group.HasNews() ? std::min(group.news_at, due) : due;
  ApplyTo(group.outboxes, alert, ++last_id_, now);
  Settle(group);
  if (group.outboxes.empty()) groups_.erase(key);
}

absl::Duration WebhookQueue::Patience(const AlertView& alert) const {
  const bool becomes_a_page = alert.status == AlertStatus::kResolved && alert.reason == "escalated";
  return becomes_a_page && grouping_.news == Grouping::News::kOfOneIncident ? kUntilThePage : absl::ZeroDuration();
}

void WebhookQueue::Settle(Group& group) const {
  if (grouping_.news != Grouping::News::kOfOneIncident || !group.IsKnownToFire()) return;
  for (auto& [labels, outbox] : group.outboxes) {
    while (!outbox.empty() && outbox.next().waiting() && !outbox.next().firing()) {
      outbox.Told(outbox.next().id, Outbox::KeepTold::kFiring, absl::InfiniteFuture());
    }
  }
  std::erase_if(group.outboxes, [](const auto& box) { return box.second.empty(); });
}

bool WebhookQueue::Knows(const Labels& labels) const {
  const auto found = groups_.find(grouping_.key(labels));
  return found != groups_.end() && found->second.outboxes.contains(labels);
}

std::optional<Batch> WebhookQueue::Take(absl::Time now) {
  Expire(now);
  const auto first = std::min_element(groups_.begin(), groups_.end(),
                                      [](const auto& a, const auto& b) { return a.second.Due() < b.second.Due(); });
  if (first == groups_.end() || first->second.Due() > now) return std::nullopt;
  return TakeGroup(first->second);
}

Batch WebhookQueue::TakeGroup(Group& group) {
  Batch batch;
  for (auto& [labels, outbox] : group.outboxes) {
    const Outbox::Entry& entry = outbox.next();
    batch.items.push_back({entry.id, entry.alert});
    outbox.Departed(entry.id);
  }
  batch.repetition = group.HasNews() ? 0 : group.reminders + 1;
  return batch;
}

void WebhookQueue::Finish(const Batch& batch, const TryOutcome& outcome, absl::Time now) {
  const auto found = groups_.find(grouping_.key(batch.items[0].alert->labels));
  if (found == groups_.end()) return;
  Group& group = found->second;
  const absl::Time again = now + timing_.repeat_interval;
  for (const Batch::Item& item : batch.items) {
    const auto box = group.outboxes.find(item.alert->labels);
    if (box == group.outboxes.end()) continue;
    box->second.Returned(item.id);
    if (outcome.verdict == Verdict::kDelivered) box->second.Told(item.id, Outbox::KeepTold::kFiring, again);
    if (outcome.verdict == Verdict::kPark) box->second.Parked(item.id, again, now);
  }
  if (outcome.verdict == Verdict::kRetry) {
    group.pace.Fail(now, timing_.first_backoff, outcome.random);
  } else {
    group.pace.Succeed();
    group.repeat_at = again;
    group.news_at = now;
  }
  if (outcome.verdict == Verdict::kDelivered) group.reminders = std::max(group.reminders, batch.repetition);
  Settle(group);
  Expire(now);
}

void WebhookQueue::Expire(absl::Time now) {
  for (auto& [labels, group] : groups_) ExpireOld(group.outboxes, now);
  std::erase_if(groups_, [](const auto& group) { return group.second.outboxes.empty(); });
}

absl::Time WebhookQueue::NextDue() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [labels, group] : groups_) {
    next = std::min(next, group.Due());
    for (const auto& [alert, outbox] : group.outboxes) next = std::min(next, outbox.ExpiresAt());
  }
  return next;
}

void WebhookQueue::Hurry() {
  for (auto& [labels, group] : groups_) group.pace.not_before = absl::InfinitePast();
}

int64_t WebhookQueue::queued() const {
  int64_t sum = 0;
  for (const auto& [labels, group] : groups_) sum += CountQueued(group.outboxes);
  return sum;
}

int64_t WebhookQueue::parked() const {
  int64_t sum = 0;
  for (const auto& [labels, group] : groups_) sum += CountParked(group.outboxes);
  return sum;
}

}  // namespace firebreak
