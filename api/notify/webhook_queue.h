#ifndef FIREBREAK_API_NOTIFY_WEBHOOK_QUEUE_H_
#define FIREBREAK_API_NOTIFY_WEBHOOK_QUEUE_H_

#include <cstdint>
#include <map>
#include <optional>

#include "api/notify/delivery_queue.h"

namespace firebreak {

// The queue of a webhook: one POST for each group of alerts (webhook_payload.h) that has news, holding all that are
// firing or whose resolve was not told; again every repeat_interval while any is firing. A group that fails backs off
// by itself. A group that is parked is tried again with its next news or its next repeat.
class WebhookQueue : public DeliveryQueue {
 public:
  explicit WebhookQueue(const DeliveryTiming& timing) : timing_(timing) {}

  void Apply(const AlertViewPtr& alert, absl::Time now) override;
  std::optional<Batch> Take(absl::Time now) override;
  void Finish(const Batch& batch, const TryOutcome& outcome, absl::Time now) override;
  absl::Time NextDue() const override;
  void Hurry() override;
  void SetTiming(const DeliveryTiming& timing) override { timing_ = timing; }
  int64_t queued() const override;
  int64_t parked() const override;

 private:
  struct Group {
    Outboxes outboxes;
    RetryPace pace;
    absl::Time news_at;                             // when the oldest news came
    absl::Time repeat_at = absl::InfiniteFuture();  // while any alert is firing
    int64_t reminders = 0;                          // delivered without any news

    bool HasNews() const;
    bool HasFiring() const;
    // When it is to be sent: InfiniteFuture if there is nothing to say.
    absl::Time Due() const;
  };
  using Groups = std::map<Labels, Group>;

  void Expire(absl::Time now);
  static Batch TakeGroup(Group& group);

  DeliveryTiming timing_;
  Groups groups_;
  uint64_t last_id_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_WEBHOOK_QUEUE_H_
