#ifndef FIREBREAK_API_NOTIFY_WEBHOOK_QUEUE_H_
#define FIREBREAK_API_NOTIFY_WEBHOOK_QUEUE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "api/notify/delivery_queue.h"

namespace firebreak {

// Which alerts one POST tells, and when it is worth one.
struct Grouping {
  Labels (*key)(const Labels& labels) = nullptr;  // equal for alerts of one group
  // What is news: every change; or what changes one incident, which begins and goes on with each alert that fires and
  // ends when none does any more.
  enum class News { kEveryChange, kOfOneIncident };
  News news = News::kEveryChange;
};
// By webhook_payload.h, for webhooks and Slack.
Grouping MessageGrouping();
// By pagerduty_payload.h.
Grouping IncidentGrouping();

// The queue of a webhook, of PagerDuty and of Slack: one POST for each group of alerts that has news, holding all that
// are firing or whose resolve was not told; again every repeat_interval while any is firing. A group that fails backs
// off by itself. A group that is parked is tried again with its next news, its next repeat, or RetryParked. After a
// restart what was told is not repeated before its time.
//
// Of an incident, a resolve is told once nothing in it fires. A ticket that became a page waits a second for the page,
// which is the same incident.
class WebhookQueue : public DeliveryQueue {
 public:
  explicit WebhookQueue(const DeliveryTiming& timing, const Grouping& grouping = MessageGrouping())
      : timing_(timing), grouping_(grouping) {}

  void Apply(const AlertViewPtr& alert, absl::Time now) override;
  void Reapply(const AlertViewPtr& alert, absl::Time now) override;
  bool Knows(const Labels& labels) const override;
  std::optional<Batch> Take(absl::Time now) override;
  void Finish(const Batch& batch, const TryOutcome& outcome, absl::Time now) override;
  absl::Time NextDue() const override;
  void Hurry() override;
  int64_t RetryParked() override;
  std::vector<Document> TakeChanges(const SteadyAndWall& now) override;
  absl::Status Restore(const std::vector<Document>& documents, const SteadyAndWall& now) override;
  std::vector<OutboxItem> List(const SteadyAndWall& now) const override;
  void SetTiming(const DeliveryTiming& timing) override { timing_ = timing; }
  int64_t queued() const override;
  int64_t parked() const override;

 private:
  struct Group {
    Outboxes outboxes;
    RetryPace pace;
    absl::Time news_at;                 // when the oldest news came
    std::optional<absl::Time> told_at;  // the last POST that was taken, or refused for good
    int64_t reminders = 0;              // delivered without any news

    bool HasNews() const;
    bool HasFiring() const;
    // Whether the destination knows of an alert that is firing.
    bool IsKnownToFire() const;
  };
  using Groups = std::map<Labels, Group>;

  // When the group is to be sent: InfiniteFuture if there is nothing to say.
  absl::Time Due(const Group& group) const;
  // Of an incident that is known to go on: forgets the resolves, which end nothing.
  void Settle(Group& group);
  // How long after `alert` its group is due.
  absl::Duration Patience(const AlertView& alert) const;
  void Expire(absl::Time now);
  void DropIfEmpty(Groups::iterator group);
  static Batch TakeGroup(Group& group);
  Document GroupDocument(const Labels& key, const SteadyAndWall& now) const;
  absl::Status RestoreGroup(const Document& document, const SteadyAndWall& now, Groups& groups);

  DeliveryTiming timing_;
  Grouping grouping_;
  Groups groups_;
  ChangedAlerts changed_;
  std::set<Labels> changed_groups_;  // whose times or reminders are to be written
  uint64_t last_id_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_WEBHOOK_QUEUE_H_
