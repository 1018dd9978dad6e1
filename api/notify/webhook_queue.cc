#include "api/notify/webhook_queue.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "api/codec/strict_json.h"
#include "api/notify/alert_codec.h"
#include "api/notify/alert_json.h"
#include "api/notify/json_reader.h"
#include "api/notify/outbox_documents.h"
#include "api/notify/pagerduty_payload.h"
#include "api/notify/webhook_payload.h"

namespace firebreak {
namespace {

// A ticket ends in the instant its page fires, and is told a moment before.
constexpr absl::Duration kUntilThePage = absl::Seconds(1);

// What a group knows beyond its alerts is a document too: `group {labels}` -> {"told_at":"…","reminders":1}.
constexpr std::string_view kGroupPrefix = "group ";

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

absl::Time WebhookQueue::Due(const Group& group) const {
  if (group.HasNews()) return std::max(group.news_at, group.pace.not_before);
  if (!group.HasFiring()) return absl::InfiniteFuture();
  const absl::Time repeat_at = group.told_at ? *group.told_at + timing_.repeat_interval : absl::InfinitePast();
  return std::max(repeat_at, group.pace.not_before);
}

void WebhookQueue::Apply(const AlertViewPtr& alert, absl::Time now) {
  const Labels key = grouping_.key(alert->labels);
  const bool told = alert->status == AlertStatus::kFiring || alert->status == AlertStatus::kResolved;
  const auto found = told ? groups_.try_emplace(key).first : groups_.find(key);
  if (found == groups_.end()) return;
  Group& group = found->second;
  const absl::Time due = now + Patience(*alert);
  group.news_at = group.HasNews() ? std::min(group.news_at, due) : due;
  ApplyTo(group.outboxes, alert, ++last_id_, now, changed_);
  Settle(group);
  DropIfEmpty(found);
}

void WebhookQueue::Reapply(const AlertViewPtr& alert, absl::Time now) {
  Apply(alert, now);
  const auto group = groups_.find(grouping_.key(alert->labels));
  if (group != groups_.end()) DoubtLast(group->second.outboxes, alert->labels);
}

absl::Duration WebhookQueue::Patience(const AlertView& alert) const {
  const bool becomes_a_page = alert.status == AlertStatus::kResolved && alert.reason == "escalated";
  return becomes_a_page && grouping_.news == Grouping::News::kOfOneIncident ? kUntilThePage : absl::ZeroDuration();
}

void WebhookQueue::Settle(Group& group) {
  const auto is_empty = [](const auto& box) { return box.second.empty(); };
  std::erase_if(group.outboxes, is_empty);
  if (grouping_.news != Grouping::News::kOfOneIncident || !group.IsKnownToFire()) return;
  for (auto& [labels, outbox] : group.outboxes) {
    while (!outbox.empty() && outbox.next().waiting() && !outbox.next().firing()) {
      outbox.Told(outbox.next().id, Outbox::KeepTold::kFiring, absl::InfiniteFuture());
      changed_.insert(labels);
    }
  }
  std::erase_if(group.outboxes, is_empty);
}

bool WebhookQueue::Knows(const Labels& labels) const {
  const auto found = groups_.find(grouping_.key(labels));
  return found != groups_.end() && found->second.outboxes.contains(labels);
}

std::optional<Batch> WebhookQueue::Take(absl::Time now) {
  Expire(now);
  const auto first = std::min_element(groups_.begin(), groups_.end(),
                                      [this](const auto& a, const auto& b) { return Due(a.second) < Due(b.second); });
  if (first == groups_.end() || Due(first->second) > now) return std::nullopt;
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
    box->second.Returned(item.id, outcome.error);
    if (outcome.maybe_taken) box->second.Doubt(item.id);
    if (outcome.verdict == Verdict::kDelivered) box->second.Told(item.id, Outbox::KeepTold::kFiring, again);
    if (outcome.verdict == Verdict::kPark) box->second.Parked(item.id, again, now);
    if (box->second.TakeChanged()) changed_.insert(item.alert->labels);
  }
  if (outcome.verdict == Verdict::kRetry) {
    group.pace.Fail(now, timing_.first_backoff, outcome.random);
  } else {
    group.pace.Succeed();
    group.told_at = now;
    group.news_at = now;
    changed_groups_.insert(found->first);
  }
  if (outcome.verdict == Verdict::kDelivered) group.reminders = std::max(group.reminders, batch.repetition);
  Settle(group);
  Expire(now);
}

void WebhookQueue::DropIfEmpty(Groups::iterator group) {
  if (!group->second.outboxes.empty()) return;
  changed_groups_.insert(group->first);
  groups_.erase(group);
}

void WebhookQueue::Expire(absl::Time now) {
  for (auto group = groups_.begin(); group != groups_.end();) {
    const auto current = group++;
    ExpireOld(current->second.outboxes, now, changed_);
    DropIfEmpty(current);
  }
}

absl::Time WebhookQueue::NextDue() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [labels, group] : groups_) {
    next = std::min(next, Due(group));
    for (const auto& [alert, outbox] : group.outboxes) next = std::min(next, outbox.ExpiresAt());
  }
  return next;
}

void WebhookQueue::Hurry() {
  for (auto& [labels, group] : groups_) group.pace.not_before = absl::InfinitePast();
}

int64_t WebhookQueue::RetryParked() {
  int64_t sum = 0;
  for (auto& [labels, group] : groups_) {
    const int64_t retried = RetryParkedIn(group.outboxes, changed_);
    if (retried > 0) group.pace.not_before = absl::InfinitePast();
    sum += retried;
  }
  return sum;
}

std::vector<Document> WebhookQueue::TakeChanges(const SteadyAndWall& now) {
  static const Outboxes kNone;
  std::vector<Document> documents;
  for (const Labels& labels : std::exchange(changed_, {})) {
    const auto group = groups_.find(grouping_.key(labels));
    documents.push_back(AlertDocument(labels, group == groups_.end() ? kNone : group->second.outboxes, now));
  }
  for (const Labels& key : std::exchange(changed_groups_, {})) documents.push_back(GroupDocument(key, now));
  return documents;
}

Document WebhookQueue::GroupDocument(const Labels& key, const SteadyAndWall& now) const {
  Document document{std::string(kGroupPrefix) + EncodeLabels(key), ""};
  const auto found = groups_.find(key);
  if (found == groups_.end() || !found->second.told_at) return document;
  const absl::Time told_at = now.ToWall(*found->second.told_at);
  document.body = DumpJson({{"told_at", TimeJson(told_at)}, {"reminders", found->second.reminders}});
  return document;
}

absl::Status WebhookQueue::Restore(const std::vector<Document>& documents, const SteadyAndWall& now) {
  absl::StatusOr<Outboxes> outboxes = ReadAlertDocuments(documents, now, last_id_);
  if (!outboxes.ok()) return outboxes.status();
  Groups groups;
  for (auto& [labels, outbox] : *outboxes) {
    const auto [group, is_new] = groups.try_emplace(grouping_.key(labels));
    if (is_new) group->second.news_at = now.steady;
    group->second.news_at = std::min(group->second.news_at, outbox.next().since);
    group->second.outboxes.emplace(labels, std::move(outbox));
  }
  for (const Document& document : documents) {
    absl::Status status = RestoreGroup(document, now, groups);
    if (!status.ok()) return DocumentFault(document.key, status);
  }
  groups_ = std::move(groups);
  return absl::OkStatus();
}

absl::Status WebhookQueue::RestoreGroup(const Document& document, const SteadyAndWall& now, Groups& groups) {
  if (!document.key.starts_with(kGroupPrefix)) return absl::OkStatus();
  const absl::StatusOr<Labels> key = DecodeLabels(std::string_view(document.key).substr(kGroupPrefix.size()));
  if (!key.ok()) return key.status();
  const absl::StatusOr<nlohmann::ordered_json> json = ParseStrict(document.body);
  if (!json.ok()) return json.status();
  ObjectReader reader(*json, "");
  const absl::Time told_at = std::min(now.ToSteady(reader.Time("told_at")), now.steady);
  const int64_t reminders = reader.Count("reminders");
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  const auto group = groups.find(*key);
  if (group == groups.end()) {  // grouped otherwise now: the document has no purpose any more
    changed_groups_.insert(*key);
    return absl::OkStatus();
  }
  group->second.told_at = told_at;
  group->second.reminders = reminders;
  return absl::OkStatus();
}

std::vector<OutboxItem> WebhookQueue::List(const SteadyAndWall& now) const {
  std::vector<OutboxItem> items;
  for (const auto& [key, group] : groups_) {
    for (const auto& [labels, outbox] : group.outboxes) ListAlert(outbox, Due(group), now, items);
  }
  return items;
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
