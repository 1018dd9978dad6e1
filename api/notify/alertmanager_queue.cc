#include "api/notify/alertmanager_queue.h"

#include <algorithm>
#include <utility>

#include "api/notify/outbox_documents.h"

namespace firebreak {
namespace {

constexpr size_t kMaxBatch = 64;

absl::Time DueOf(const Outbox::Entry& entry) { return entry.waiting() ? absl::InfinitePast() : entry.due; }

// News go before repeats, older news first.
bool GoesBefore(const Outbox* a, const Outbox* b) {
  return std::pair(!a->next().waiting(), a->next().id) < std::pair(!b->next().waiting(), b->next().id);
}

}  // namespace

void AlertmanagerQueue::Apply(const AlertViewPtr& alert, absl::Time now) {
  ApplyTo(outboxes_, alert, ++last_id_, now, changed_);
}

void AlertmanagerQueue::Reapply(const AlertViewPtr& alert, absl::Time now) {
  Apply(alert, now);
  DoubtLast(outboxes_, alert->labels);
}

std::vector<Outbox*> AlertmanagerQueue::Due(absl::Time now) {
  std::vector<Outbox*> due;
  for (auto& [labels, outbox] : outboxes_) {
    if (DueOf(outbox.next()) <= now) due.push_back(&outbox);
  }
  std::sort(due.begin(), due.end(), GoesBefore);
  return due;
}

std::optional<Batch> AlertmanagerQueue::Take(absl::Time now) {
  ExpireOld(outboxes_, now, changed_);
  if (now < pace_.not_before) return std::nullopt;
  Batch batch;
  for (Outbox* outbox : Due(now)) {
    const Outbox::Entry& entry = outbox->next();
    const bool alone = entry.alone;
    if (alone && !batch.items.empty()) continue;
    batch.items.push_back({entry.id, entry.alert});
    outbox->Departed(entry.id);
    if (alone || batch.items.size() == kMaxBatch) break;
  }
  if (batch.items.empty()) return std::nullopt;
  return batch;
}

void AlertmanagerQueue::Finish(const Batch& batch, const TryOutcome& outcome, absl::Time now) {
  for (const Batch::Item& item : batch.items) {
    const auto found = outboxes_.find(item.alert->labels);
    if (found == outboxes_.end()) continue;
    found->second.Returned(item.id, outcome.error);
    if (outcome.maybe_taken) found->second.Doubt(item.id);
    if (outcome.verdict == Verdict::kDelivered) {
      found->second.Told(item.id, Outbox::KeepTold::kAll, now + timing_.resend_delay);
    }
  }
  if (outcome.verdict == Verdict::kPark) Park(batch, outcome, now);
  for (const Batch::Item& item : batch.items) {
    const auto found = outboxes_.find(item.alert->labels);
    if (found != outboxes_.end() && found->second.TakeChanged()) changed_.insert(item.alert->labels);
  }
  if (outcome.verdict == Verdict::kRetry) {
    pace_.Fail(now, timing_.first_backoff, outcome.random);
  } else {
    pace_.Succeed();
  }
  ExpireOld(outboxes_, now, changed_);
}

void AlertmanagerQueue::Park(const Batch& batch, const TryOutcome& outcome, absl::Time now) {
  const bool split = outcome.blames_content && batch.items.size() > 1;
  for (const Batch::Item& item : batch.items) {
    const auto found = outboxes_.find(item.alert->labels);
    if (found == outboxes_.end()) continue;
    if (split) {
      found->second.Refused(item.id);
    } else {
      found->second.Parked(item.id, now + timing_.resend_delay, now);
    }
  }
}

absl::Time AlertmanagerQueue::NextDue() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [labels, outbox] : outboxes_) next = std::min(next, DueOf(outbox.next()));
  return std::max(next, pace_.not_before);
}

int64_t AlertmanagerQueue::RetryParked() {
  const int64_t retried = RetryParkedIn(outboxes_, changed_);
  if (retried > 0) Hurry();
  return retried;
}

std::vector<Document> AlertmanagerQueue::TakeChanges(const SteadyAndWall& now) {
  std::vector<Document> documents;
  for (const Labels& labels : std::exchange(changed_, {})) documents.push_back(AlertDocument(labels, outboxes_, now));
  return documents;
}

absl::Status AlertmanagerQueue::Restore(const std::vector<Document>& documents, const SteadyAndWall& now) {
  absl::StatusOr<Outboxes> outboxes = ReadAlertDocuments(documents, now, last_id_);
  if (!outboxes.ok()) return outboxes.status();
  outboxes_ = *std::move(outboxes);
  return absl::OkStatus();
}

std::vector<OutboxItem> AlertmanagerQueue::List(const SteadyAndWall& now) const {
  std::vector<OutboxItem> items;
  for (const auto& [labels, outbox] : outboxes_) {
    ListAlert(outbox, std::max(DueOf(outbox.next()), pace_.not_before), now, items);
  }
  return items;
}

}  // namespace firebreak
