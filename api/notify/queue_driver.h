#ifndef FIREBREAK_API_NOTIFY_QUEUE_DRIVER_H_
#define FIREBREAK_API_NOTIFY_QUEUE_DRIVER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/notify/delivery_queue.h"
#include "engine/alert_view.h"

namespace firebreak {

// What the tests of delivery queues share: alerts, and a clock to drive a queue by.

inline constexpr DeliveryTiming kTestTiming = {absl::Minutes(1), absl::Hours(4), absl::Seconds(1)};

// The alert of endpoint `name`, whose tier is its first letter. Episode n begins at 100 n seconds and lasts 50.
inline AlertViewPtr EpisodeView(const std::string& name, AlertStatus status, int episode = 1) {
  AlertView view;
  view.labels = {{"alertname", "A"}, {"service", "s"}, {"tier", name.substr(0, 1)}, {"endpoint", name}};
  view.status = status;
  view.firing_since = absl::FromUnixSeconds(100 * episode);
  if (status == AlertStatus::kResolved) view.resolved_at = *view.firing_since + absl::Seconds(50);
  return std::make_shared<const AlertView>(view);
}

// "x1 firing", "x1 resolved", …
inline std::string EpisodeText(const AlertView& view) {
  return std::string(view.labels.Get("endpoint")) + " " + std::string(AlertStatusName(view.status));
}

// Drives a queue on a clock of its own.
template <typename Queue>
class QueueDriver {
 public:
  void Fire(const std::string& name, int episode = 1) { Apply(EpisodeView(name, AlertStatus::kFiring, episode)); }
  void Resolve(const std::string& name, int episode = 1) { Apply(EpisodeView(name, AlertStatus::kResolved, episode)); }
  void Pend(const std::string& name) { Apply(EpisodeView(name, AlertStatus::kPending)); }
  void Advance(absl::Duration duration) { now_ += duration; }

  // Takes what is due.
  std::vector<std::string> Take() {
    batch_ = queue_.Take(now_);
    std::vector<std::string> texts;
    if (!batch_) return texts;
    for (const Batch::Item& item : batch_->items) texts.push_back(EpisodeText(*item.alert));
    return texts;
  }
  void Succeed() { Finish({Verdict::kDelivered}); }
  // Its backoff is the longest.
  void Fail() { Finish({.verdict = Verdict::kRetry, .random = 0.999999, .error = "503 Service Unavailable"}); }
  void Park() { Finish({.verdict = Verdict::kPark, .error = "404 Not Found"}); }
  void RefuseContent() { Finish({.verdict = Verdict::kPark, .blames_content = true, .error = "400 Bad Request"}); }
  void Finish(const TryOutcome& outcome) { queue_.Finish(*batch_, outcome, now_); }

  absl::Duration UntilDue() const { return queue_.NextDue() - now_; }
  int64_t repetition() const { return batch_->repetition; }

  Queue queue_{kTestTiming};

 protected:
  absl::Time now_ = absl::FromUnixSeconds(1000000);

 private:
  void Apply(const AlertViewPtr& view) { queue_.Apply(view, now_); }

  std::optional<Batch> batch_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_QUEUE_DRIVER_H_
