#include "api/notify/schedule.h"

#include <algorithm>
#include <utility>

#include "api/notify/alertmanager_queue.h"
#include "api/notify/webhook_queue.h"
#include "rules/alertname.h"

namespace firebreak {
namespace {

// No queue numbers its entries so: they begin at 1.
constexpr uint64_t kWatchdogId = 0;
constexpr absl::Duration kMaxWatchdogInterval = absl::Minutes(5);
// How soon a Watchdog that was held back for the health is looked at again.
constexpr absl::Duration kHealthPoll = absl::Seconds(5);

std::unique_ptr<DeliveryQueue> MakeQueue(const Schedule::Options& options) {
  switch (options.kind) {
    case Destination::Kind::kAlertmanager:
      return std::make_unique<AlertmanagerQueue>(options.timing);
    case Destination::Kind::kPagerDuty:
      return std::make_unique<WebhookQueue>(options.timing, IncidentGrouping());
    case Destination::Kind::kWebhook:
    case Destination::Kind::kSlack:
      break;
  }
  return std::make_unique<WebhookQueue>(options.timing, MessageGrouping());
}

}  // namespace

Schedule::Schedule(const Options& options, AlertViewPtr watchdog, absl::Time now)
    : options_(options), watchdog_(std::move(watchdog)), queue_(MakeQueue(options)), watchdog_due_(now) {}

bool Schedule::IsFor(const AlertView& alert) const {
  const bool ends = alert.status != AlertStatus::kFiring && queue_->Knows(alert.labels);
  return ends || IsRouted(options_.severities, alert.labels);
}

void Schedule::Apply(const AlertViewPtr& alert, absl::Time now) {
  if (IsFor(*alert)) queue_->Apply(alert, now);
}

void Schedule::Reapply(const AlertViewPtr& alert, absl::Time now) {
  if (IsFor(*alert)) queue_->Reapply(alert, now);
}

bool Schedule::HasWatchdog() const {
  const bool notices =
      options_.kind == Destination::Kind::kAlertmanager || options_.kind == Destination::Kind::kWebhook;
  return notices && options_.watchdog == Watchdog::kOn;
}

absl::Duration Schedule::WatchdogInterval() const {
  if (options_.kind == Destination::Kind::kAlertmanager) return options_.timing.resend_delay;
  return std::min(options_.timing.repeat_interval, kMaxWatchdogInterval);
}

std::optional<Batch> Schedule::Take(absl::Time now, Health health) {
  if (now < held_until_) return std::nullopt;
  if (std::optional<Batch> batch = queue_->Take(now)) return batch;
  const bool due = HasWatchdog() && now >= watchdog_due_ && queue_->queued() == 0;
  if (!due) return std::nullopt;
  if (health == Health::kStale) {
    watchdog_due_ = now + std::min(kHealthPoll, WatchdogInterval());
    return std::nullopt;
  }
  return Batch{.items = {{.id = kWatchdogId, .alert = watchdog_}}, .repetition = watchdogs_told_};
}

void Schedule::Finish(const Batch& batch, const TryOutcome& outcome, std::optional<absl::Duration> hold_back,
                      absl::Time now) {
  if (hold_back) held_until_ = now + *hold_back;
  if (batch.items[0].id == kWatchdogId) {
    FinishWatchdog(outcome, now);
  } else {
    queue_->Finish(batch, outcome, now);
  }
}

void Schedule::FinishWatchdog(const TryOutcome& outcome, absl::Time now) {
  if (outcome.verdict == Verdict::kRetry) {
    watchdog_pace_.Fail(now, options_.timing.first_backoff, outcome.random);
    watchdog_due_ = watchdog_pace_.not_before;
    return;
  }
  watchdog_pace_.Succeed();
  watchdog_due_ = now + WatchdogInterval();
  if (outcome.verdict == Verdict::kDelivered) ++watchdogs_told_;
}

absl::Time Schedule::NextDue() const {
  absl::Time next = queue_->NextDue();
  if (HasWatchdog() && queue_->queued() == 0) next = std::min(next, watchdog_due_);
  return std::max(next, held_until_);
}

std::vector<OutboxItem> Schedule::List(const SteadyAndWall& now) const {
  std::vector<OutboxItem> items = queue_->List(now);
  if (held_until_ <= now.steady) return items;
  const absl::Time held_until = now.ToWall(held_until_);
  for (OutboxItem& item : items) item.next_try = std::max(item.next_try.value_or(held_until), held_until);
  return items;
}

void Schedule::Hurry() {
  options_.watchdog = Watchdog::kOff;
  held_until_ = absl::InfinitePast();
  queue_->Hurry();
}

void Schedule::SetOptions(const Options& options, AlertViewPtr watchdog, absl::Time now) {
  if (options_.watchdog == Watchdog::kOff) watchdog_due_ = now;
  options_ = options;
  watchdog_ = std::move(watchdog);
  queue_->SetTiming(options.timing);
}

AlertViewPtr MakeWatchdog(std::string_view service, std::string_view runbook_url, absl::Time firing_since) {
  AlertView view;
  view.labels.Set("alertname", alertname::kWatchdog);
  view.labels.Set("service", service);
  view.labels.Set("severity", "none");
  view.annotations.Set("summary", "Firebreak is alive: it takes events, evaluates them and delivers alerts");
  view.annotations.Set("description", "This alert always fires. Page when it stops coming.");
  if (!runbook_url.empty()) view.annotations.Set("runbook_url", runbook_url);
  view.status = AlertStatus::kFiring;
  view.active_since = firing_since;
  view.firing_since = firing_since;
  return std::make_shared<const AlertView>(std::move(view));
}

}  // namespace firebreak
