#ifndef FIREBREAK_API_NOTIFY_DELIVERY_QUEUE_H_
#define FIREBREAK_API_NOTIFY_DELIVERY_QUEUE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/notify/outbox.h"
#include "api/notify/outbox_item.h"
#include "api/notify/retry.h"
#include "api/notify/steady.h"
#include "engine/alert_view.h"
#include "storage/ledger/records.h"

namespace firebreak {

// The times a queue goes by.
struct DeliveryTiming {
  absl::Duration resend_delay = absl::Minutes(1);   // Alertmanager
  absl::Duration repeat_interval = absl::Hours(4);  // webhooks
  absl::Duration first_backoff = absl::Milliseconds(500);
};

// What one POST tells: each alert in the state it had when it was taken.
struct Batch {
  struct Item {
    uint64_t id = 0;
    AlertViewPtr alert;
  };
  std::vector<Item> items;
  int64_t repetition = 0;  // WebhookMessage::repetition
};

// How a try ended.
struct TryOutcome {
  Verdict verdict = Verdict::kDelivered;
  bool blames_content = false;  // parked for what was in it, not for who asked: 400, 413, 422
  double random = 0;            // in [0, 1): the jitter of the backoff
  std::string error = {};       // unless delivered: for people, never with a secret
  bool maybe_taken = false;     // to be tried again, though nobody knows whether it arrived
};

// When to try again after failures in a row.
struct RetryPace {
  int failures = 0;
  absl::Time not_before = absl::InfinitePast();

  void Fail(absl::Time now, absl::Duration first, double random) {
    not_before = now + Backoff(++failures, first, random);
  }
  void Succeed() { *this = RetryPace(); }
};

// Which alerts one destination is told next, and when. Decides only; the caller passes the time (monotonic), sends, and
// reports back. One try at a time. Bounded by the alerts that are active or resolved a quarter of an hour ago.
// Thread-compatible.
class DeliveryQueue {
 public:
  virtual ~DeliveryQueue() = default;

  // An alert has reached the state it shows. Pending and inactive alerts are told to nobody.
  virtual void Apply(const AlertViewPtr& alert, absl::Time now) = 0;

  // The same for news that is read again after a restart, and may have been told before it.
  virtual void Reapply(const AlertViewPtr& alert, absl::Time now) = 0;

  // Whether anything is kept about the alert with these labels.
  virtual bool Knows(const Labels& labels) const = 0;

  // What is due, or nothing. REQUIRES: the batch taken before was finished.
  virtual std::optional<Batch> Take(absl::Time now) = 0;
  virtual void Finish(const Batch& batch, const TryOutcome& outcome, absl::Time now) = 0;

  // When to call Take next: InfiniteFuture while nothing is kept.
  virtual absl::Time NextDue() const = 0;

  // Drops every backoff: what waits is tried at once.
  virtual void Hurry() = 0;

  // Tries what is parked once more, at once; how many alerts.
  virtual int64_t RetryParked() = 0;

  // What must survive a restart and has changed since the last call: a document for each alert, whose key is
  // EncodeLabels, and whatever else the queue needs; an empty body for what is gone. A mere repeat changes nothing for
  // Alertmanager, and one document of its group for a webhook. So all documents taken are as many as there are alerts
  // kept, and their groups.
  virtual std::vector<Document> TakeChanges(const SteadyAndWall& now) = 0;

  // Goes on from the documents of before a restart: what was in flight is told again, what was parked stays parked,
  // nothing backs off. REQUIRES: nothing was applied yet.
  // Errors: DataLoss, naming the document; the queue is as before.
  virtual absl::Status Restore(const std::vector<Document>& documents, const SteadyAndWall& now) = 0;

  // Everything that is kept, by alert. OutboxItem::destination is left to the caller.
  virtual std::vector<OutboxItem> List(const SteadyAndWall& now) const = 0;

  virtual void SetTiming(const DeliveryTiming& timing) = 0;

  // Alerts whose latest state is not there yet; alerts given up on.
  virtual int64_t queued() const = 0;
  virtual int64_t parked() const = 0;
};

// The outboxes of alerts by their labels, and what both kinds of queue do with them.
using Outboxes = std::map<Labels, Outbox>;

// Alerts whose documents are out of date.
using ChangedAlerts = std::set<Labels>;

// Enters the state that `alert` shows.
void ApplyTo(Outboxes& outboxes, const AlertViewPtr& alert, uint64_t id, absl::Time now, ChangedAlerts& changed);
// The destination may have heard of the alert's last state.
void DoubtLast(Outboxes& outboxes, const Labels& labels);
int64_t CountQueued(const Outboxes& outboxes);
int64_t CountParked(const Outboxes& outboxes);
void ExpireOld(Outboxes& outboxes, absl::Time now, ChangedAlerts& changed);
int64_t RetryParkedIn(Outboxes& outboxes, ChangedAlerts& changed);
// `next_try` is when the alert's first entry may be sent.
void ListAlert(const Outbox& outbox, absl::Time next_try, const SteadyAndWall& now, std::vector<OutboxItem>& out);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_DELIVERY_QUEUE_H_
