#include "api/notify/alertmanager_queue.h"

#include <algorithm>
#include <utility>

namespace firebreak {
namespace {

constexpr size_t kMaxBatch = 64;

bool IsDue(const Outbox::Entry& entry, absl::Time now) { return entry.waiting() || entry.due <= now; }

// News go before repeats, older news first.
bool GoesBefore(const Outbox* a, const Outbox* b) {
  return std::pair(!a->next().waiting(), a->next().id) < std::pair(!b->next().waiting(), b->next().id);
}

}  // namespace

void AlertmanagerQueue::Apply(const AlertViewPtr& alert, absl::Time now) { ApplyTo(outboxes_, alert, ++last_id_, now); }

std::vector<Outbox*> AlertmanagerQueue::Due(absl::Time now) {
  std::vector<Outbox*> due;
  for (auto& [labels, outbox] : outboxes_) {
    if (IsDue(outbox.next(), now)) due.push_back(&outbox);
  }
  std::sort(due.begin(), due.end(), GoesBefore);
  return due;
}

std::optional<Batch> AlertmanagerQueue::Take(absl::Time now) {
  ExpireOld(outboxes_, now);
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
    found->second.Returned(item.id);
    if (outcome.verdict == Verdict::kDelivered) {
      found->second.Told(item.id, Outbox::KeepTold::kAll, now + timing_.resend_delay);
    }
  }
  if (outcome.verdict == Verdict::kPark) Park(batch, outcome, now);
  if (outcome.verdict == Verdict::kRetry) {
    pace_.Fail(now, timing_.first_backoff, outcome.random);
  } else {
    pace_.Succeed();
  }
  ExpireOld(outboxes_, now);
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
  for (const auto& [labels, outbox] : outboxes_) {
    const Outbox::Entry& entry = outbox.next();
    next = std::min(next, entry.waiting() ? absl::InfinitePast() : entry.due);
  }
  return std::max(next, pace_.not_before);
}

}  // namespace firebreak
