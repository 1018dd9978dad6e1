#ifndef FIREBREAK_API_NOTIFY_SCHEDULE_H_
#define FIREBREAK_API_NOTIFY_SCHEDULE_H_

#include <memory>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "api/notify/delivery_queue.h"
#include "api/notify/dispatcher.h"

namespace firebreak {

// Whether the Watchdog may say that all is well.
enum class Health { kFresh, kStale };

// What one destination's worker does next: the alerts of its queue, and once nothing waits there, the Watchdog.
//
// The Watchdog is an alert that always fires, so that its absence pages: it is told at once and then every resend_delay
// (Alertmanager) or every repeat_interval, but at least every 5 minutes (webhook). It waits while anything is not
// delivered or the health is stale, and is never resolved: a receiver that misses it knows that something is wrong.
// PagerDuty and Slack, which notice nothing missing, are not told of it.
// Pure, as DeliveryQueue. Thread-compatible.
class Schedule {
 public:
  enum class Watchdog { kOff, kOn };
  struct Options {
    Destination::Kind kind = Destination::Kind::kAlertmanager;
    DeliveryTiming timing;
    Watchdog watchdog = Watchdog::kOff;
    SeveritySet severities = kAllSeverities;
  };
  // `watchdog` is the alert that always fires.
  Schedule(const Options& options, AlertViewPtr watchdog, absl::Time now);

  // An alert has reached the state it shows. It is ignored unless it is routed here, or ends what the queue
  // knows: what was told fires must not stay so because a reload routes it elsewhere.
  void Apply(const AlertViewPtr& alert, absl::Time now);
  void Reapply(const AlertViewPtr& alert, absl::Time now);

  // As DeliveryQueue's. `hold_back` keeps everything back for that long (Retry-After).
  std::optional<Batch> Take(absl::Time now, Health health);
  void Finish(const Batch& batch, const TryOutcome& outcome, std::optional<absl::Duration> hold_back, absl::Time now);
  absl::Time NextDue() const;

  // Tries what waits at once, and lets the Watchdog be: the end is near.
  void Hurry();

  // As DeliveryQueue's. The Watchdog is nowhere in them: it begins anew with each process.
  int64_t RetryParked() { return queue_->RetryParked(); }
  std::vector<Document> TakeChanges(const SteadyAndWall& now) { return queue_->TakeChanges(now); }
  absl::Status Restore(const std::vector<Document>& documents, const SteadyAndWall& now) {
    return queue_->Restore(documents, now);
  }
  std::vector<OutboxItem> List(const SteadyAndWall& now) const;

  // REQUIRES: the same kind.
  void SetOptions(const Options& options, AlertViewPtr watchdog, absl::Time now);

  int64_t queued() const { return queue_->queued(); }
  int64_t parked() const { return queue_->parked(); }

 private:
  bool IsFor(const AlertView& alert) const;
  bool HasWatchdog() const;
  absl::Duration WatchdogInterval() const;
  void FinishWatchdog(const TryOutcome& outcome, absl::Time now);

  Options options_;
  AlertViewPtr watchdog_;
  std::unique_ptr<DeliveryQueue> queue_;
  absl::Time held_until_ = absl::InfinitePast();
  absl::Time watchdog_due_;
  RetryPace watchdog_pace_;
  int64_t watchdogs_told_ = 0;
};

// The Watchdog's labels are {alertname, service, severity: none}.
AlertViewPtr MakeWatchdog(std::string_view service, std::string_view runbook_url, absl::Time firing_since);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_SCHEDULE_H_
