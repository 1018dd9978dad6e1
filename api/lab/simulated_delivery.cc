#include "api/lab/simulated_delivery.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/notify/destination.h"
#include "api/notify/dispatcher.h"
#include "api/notify/schedule.h"
#include "api/notify/tellable_view.h"

namespace firebreak {
namespace {

constexpr absl::Duration kShortestWait = absl::Milliseconds(1);  // as a worker's

Schedule::Options OptionsOf(Destination::Kind kind, SeveritySet severities, const NotifyConfig& notify) {
  Schedule::Options options;
  options.kind = kind;
  options.timing.resend_delay = notify.resend_delay;
  options.timing.repeat_interval = notify.repeat_interval;
  options.severities = severities;
  return options;
}

}  // namespace

// One destination: its queue, and what it knows.
struct SimulatedDelivery::Receiver {
  Receiver(std::string destination, const Schedule::Options& schedule_options, absl::Time start)
      : name(std::move(destination)), options(schedule_options), now(start) {
    Begin({});
  }

  // A queue that goes on from `documents`.
  void Begin(const std::vector<Document>& documents) {
    schedule = std::make_unique<Schedule>(options, nullptr, now);
    schedule->Restore(documents, {now, now}).IgnoreError();  // it wrote them itself
  }

  // What a worker does from now until `until`.
  void Run(absl::Time until, std::vector<ToldAlert>& told) {
    if (until < now) return;
    for (;;) {
      if (const std::optional<Batch> batch = schedule->Take(now, Health::kStale)) {
        Tell(*batch, told);
        schedule->Finish(*batch, TryOutcome(), std::nullopt, now);
        continue;
      }
      const absl::Time next = std::max(schedule->NextDue(), now + kShortestWait);
      if (next > until) break;
      now = next;
    }
    now = until;
  }

  void Tell(const Batch& batch, std::vector<ToldAlert>& told) {
    for (const Batch::Item& item : batch.items) {
      AlertViewPtr& last = heard[item.alert->labels];
      const bool again =
          last != nullptr && last->status == item.alert->status && last->firing_since == item.alert->firing_since;
      last = item.alert;
      told.push_back({now, name, item.alert, again ? ToldAlert::Kind::kRepeat : ToldAlert::Kind::kNews});
    }
  }

  // Everything the queue would have in a ledger.
  std::vector<Document> Documents() {
    for (Document& document : schedule->TakeChanges({now, now})) documents[document.key] = std::move(document.body);
    std::erase_if(documents, [](const auto& document) { return document.second.empty(); });
    std::vector<Document> all;
    for (const auto& [key, body] : documents) all.push_back({key, body});
    return all;
  }

  const std::string name;
  const Schedule::Options options;
  absl::Time now;
  std::unique_ptr<Schedule> schedule;
  std::map<std::string, std::string> documents;
  std::map<Labels, AlertViewPtr> heard;  // the last state told, by alert
};

SimulatedDelivery::SimulatedDelivery(const NotifyConfig& notify, absl::Time start) {
  const auto add = [&](Destination::Kind kind, const auto& targets) {
    for (const auto& target : targets) {
      receivers_.push_back(std::make_unique<Receiver>(target.name, OptionsOf(kind, target.severities, notify), start));
    }
  };
  add(Destination::Kind::kAlertmanager, notify.alertmanagers);
  add(Destination::Kind::kWebhook, notify.webhooks);
  add(Destination::Kind::kPagerDuty, notify.pagerduty);
  add(Destination::Kind::kSlack, notify.slack);
}

SimulatedDelivery::~SimulatedDelivery() = default;

void SimulatedDelivery::OnTransition(const Transition& transition) {
  const AlertViewPtr view = TellableView(transition);
  if (view == nullptr) return;
  if (view->status == AlertStatus::kFiring) {
    firing_[view->labels] = view;
  } else {
    firing_.erase(view->labels);
  }
  for (const auto& receiver : receivers_) {
    receiver->Run(transition.at - absl::Nanoseconds(1), told_);
    receiver->now = transition.at;
    receiver->schedule->Apply(view, transition.at);
  }
}

void SimulatedDelivery::AdvanceTo(absl::Time now) {
  for (const auto& receiver : receivers_) receiver->Run(now, told_);
}

void SimulatedDelivery::Restart(absl::Time at, TickObserver::Memory memory) {
  const bool kept = memory == TickObserver::Memory::kKept;
  if (!kept) firing_.clear();
  for (const auto& receiver : receivers_) {
    const std::vector<Document> documents = kept ? receiver->Documents() : std::vector<Document>();
    if (!kept) receiver->documents.clear();
    receiver->now = at;
    receiver->Begin(documents);
    for (const auto& [labels, view] : firing_) receiver->schedule->Apply(view, at);
  }
}

}  // namespace firebreak
