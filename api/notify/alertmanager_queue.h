#ifndef FIREBREAK_API_NOTIFY_ALERTMANAGER_QUEUE_H_
#define FIREBREAK_API_NOTIFY_ALERTMANAGER_QUEUE_H_

#include <optional>

#include "api/notify/delivery_queue.h"

namespace firebreak {

// The queue of an Alertmanager: what is firing is told again every resend_delay, what has resolved likewise for 15
// minutes. At most 64 alerts a POST, as Prometheus does. Alertmanager stores the valid alerts of a batch it answers
// 400: such a batch is sent again one alert at a time, and only the one refused is parked. After a restart what fires,
// and what has resolved less than 15 minutes ago, is told at once.
class AlertmanagerQueue : public DeliveryQueue {
 public:
  explicit AlertmanagerQueue(const DeliveryTiming& timing) : timing_(timing) {}

  void Apply(const AlertViewPtr& alert, absl::Time now) override;
  void Reapply(const AlertViewPtr& alert, absl::Time now) override;
  bool Knows(const Labels& labels) const override { return outboxes_.contains(labels); }
  std::optional<Batch> Take(absl::Time now) override;
  void Finish(const Batch& batch, const TryOutcome& outcome, absl::Time now) override;
  absl::Time NextDue() const override;
  void Hurry() override { pace_.not_before = absl::InfinitePast(); }
  int64_t RetryParked() override;
  std::vector<Document> TakeChanges(const SteadyAndWall& now) override;
  absl::Status Restore(const std::vector<Document>& documents, const SteadyAndWall& now) override;
  std::vector<OutboxItem> List(const SteadyAndWall& now) const override;
  void SetTiming(const DeliveryTiming& timing) override { timing_ = timing; }
  int64_t queued() const override { return CountQueued(outboxes_); }
  int64_t parked() const override { return CountParked(outboxes_); }

 private:
  std::vector<Outbox*> Due(absl::Time now);
  void Park(const Batch& batch, const TryOutcome& outcome, absl::Time now);

  DeliveryTiming timing_;
  Outboxes outboxes_;
  ChangedAlerts changed_;
  RetryPace pace_;
  uint64_t last_id_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_ALERTMANAGER_QUEUE_H_
