#include "api/notify/dispatcher.h"

#include <algorithm>
#include <utility>

#include "api/notify/steady.h"
#include "api/notify/tellable_view.h"
#include "api/notify/webhook_queue.h"
#include "api/notify/worker.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "rules/alertname.h"

namespace firebreak {
namespace {

// For servers without a data directory.
class ForgetfulStore : public OutboxStore {
 public:
  void Save(OutboxRecord) override {}
};

OutboxStore& KeepsNothing() {
  static ForgetfulStore store;
  return store;
}

std::optional<ParkedDestination> ParkedAt(const Worker& worker) {
  const DestinationStats stats = worker.Stats();
  if (stats.parked == 0) return std::nullopt;
  ParkedDestination parked{stats.name, 0, ""};
  for (const OutboxItem& item : worker.List()) {
    const bool counts =
        item.state == OutboxItem::State::kParked && item.alert->labels.Get("alertname") != alertname::kDeliveryParked;
    if (!counts) continue;
    ++parked.alerts;
    parked.last_error = item.last_error;
  }
  return parked.alerts > 0 ? std::optional(parked) : std::nullopt;
}

absl::Status AtDestination(const std::string& name, const absl::Status& status) {
  return absl::Status(status.code(), fmt::format("destination {}: {}", name, std::string(status.message())));
}

class DispatcherImpl : public Dispatcher {
 public:
  DispatcherImpl(const Clock& clock, OutboxStore& store) : clock_(clock), store_(store), started_at_(clock.Now()) {}
  ~DispatcherImpl() override { Stop(absl::ZeroDuration()); }

  absl::Status Restore(DispatcherOptions options, const DispatcherState& state) {
    MutexLock lock(mutex_);
    last_news_ = state.last_news;
    for (const AlertViewPtr& view : state.firing) firing_[view->labels] = view;
    for (WorkerOptions& worker_options : OptionsOfWorkers(std::move(options))) {
      Entry entry = MakeEntry(std::move(worker_options));
      absl::Status status = RestoreWorker(*entry.worker, entry.destination.name, state);
      if (!status.ok()) return status;
      entries_.push_back(std::move(entry));
    }
    for (const Entry& entry : entries_) entry.worker->Start();
    return absl::OkStatus();
  }

  void OnTransition(const Transition& transition) override {
    if (const AlertViewPtr view = TellableView(transition)) Deliver(view, 0, NewsDurability::kDurable);
  }

  void Deliver(const AlertViewPtr& alert, int64_t news, NewsDurability durability) override {
    MutexLock lock(mutex_);
    last_news_ = std::max(last_news_, news);
    if (durability == NewsDurability::kNotYet) {
      not_durable_[alert->labels] = news;
    } else {
      ForgetDurable(news);
    }
    if (alert->status == AlertStatus::kFiring) {
      firing_[alert->labels] = alert;
    } else {
      firing_.erase(alert->labels);
    }
    for (const Entry& entry : entries_) entry.worker->Apply(alert, news);
  }

  void MarkDurable(int64_t news) override {
    MutexLock lock(mutex_);
    ForgetDurable(news);
  }

  std::vector<DestinationStats> Stats() const override {
    MutexLock lock(mutex_);
    std::vector<DestinationStats> stats;
    for (const Entry& entry : entries_) stats.push_back(entry.worker->Stats());
    return stats;
  }

  std::vector<OutboxItem> Outbox() const override {
    MutexLock lock(mutex_);
    std::vector<OutboxItem> all;
    for (const Entry& entry : entries_) {
      for (OutboxItem& item : entry.worker->List()) {
        item.durable = not_durable_.count(item.alert->labels) == 0;
        all.push_back(std::move(item));
      }
    }
    return all;
  }

  std::vector<ParkedDestination> ParkedDestinations() const override {
    MutexLock lock(mutex_);
    std::vector<ParkedDestination> all;
    for (const Entry& entry : entries_) {
      if (std::optional<ParkedDestination> parked = ParkedAt(*entry.worker)) all.push_back(*std::move(parked));
    }
    return all;
  }

  absl::StatusOr<int64_t> RetryParked(const std::optional<std::string>& destination) override {
    MutexLock lock(mutex_);
    const std::vector<std::string> names = Names();
    if (destination && std::find(names.begin(), names.end(), *destination) == names.end()) {
      return absl::NotFoundError(
          fmt::format("no destination \"{}\", wanted one of: {}", *destination, fmt::join(names, ", ")));
    }
    int64_t retried = 0;
    for (const Entry& entry : entries_) {
      if (!destination || entry.destination.name == *destination) retried += entry.worker->RetryParked();
    }
    return retried;
  }

  std::vector<std::string> DestinationNames() const override {
    MutexLock lock(mutex_);
    return Names();
  }

  void Reconfigure(DispatcherOptions options) override {
    std::vector<Entry> gone;  // ended after the lock: that may take a moment
    MutexLock reconfigure_lock(reconfigure_mutex_);
    {
      MutexLock lock(mutex_);
      if (stopped_) return;
      gone = std::exchange(entries_, {});
      for (WorkerOptions& worker_options : OptionsOfWorkers(std::move(options))) {
        entries_.push_back(KeepOrStart(std::move(worker_options), gone));
      }
      for (const Entry& entry : gone) {
        if (entry.worker != nullptr) entry.worker->Retire();
      }
    }
  }

  void Stop(absl::Duration deadline) override {
    const absl::Time end = SteadyNow() + deadline;
    MutexLock reconfigure_lock(reconfigure_mutex_);  // entries_ do not change under us
    const std::vector<Worker*> workers = BeginStop();
    for (Worker* worker : workers) worker->AwaitDrained(end);
    for (Worker* worker : workers) worker->Abort();
  }

 private:
  struct Entry {
    Destination destination;
    std::unique_ptr<Worker> worker;
  };

  std::vector<WorkerOptions> OptionsOfWorkers(DispatcherOptions options) const {
    const auto common = std::make_shared<const DispatcherOptions>(std::move(options));
    const AlertViewPtr watchdog = MakeWatchdog(common->service, common->watchdog_runbook_url, started_at_);
    std::vector<WorkerOptions> all;
    for (const Destination& destination : common->destinations) all.push_back({destination, common, watchdog});
    return all;
  }

  Entry MakeEntry(WorkerOptions options) const {
    Entry entry{options.destination, nullptr};
    entry.worker = std::make_unique<Worker>(std::move(options), clock_, store_);
    return entry;
  }

  absl::Status RestoreWorker(Worker& worker, const std::string& name, const DispatcherState& state)
      FIREBREAK_REQUIRES(mutex_) {
    const auto record = std::find_if(state.outboxes.begin(), state.outboxes.end(),
                                     [&](const OutboxRecord& candidate) { return candidate.destination == name; });
    if (record == state.outboxes.end()) {
      BeginAnew(worker, {});
      return absl::OkStatus();
    }
    if (!worker.IsOf(*record)) {
      BeginAnew(worker, record->entries);
      return absl::OkStatus();
    }
    if (absl::Status status = worker.Restore(*record); !status.ok()) return AtDestination(name, status);
    for (const auto& [number, alert] : state.news) {
      if (number > record->news_read) worker.Reapply(alert, number);
    }
    TellWhatFires(worker);
    return absl::OkStatus();
  }

  void BeginAnew(Worker& worker, const std::vector<Document>& left_behind) FIREBREAK_REQUIRES(mutex_) {
    worker.BeginAnew(last_news_, left_behind);
    TellWhatFires(worker);
  }

  // Changes nothing for what the worker knows already.
  void TellWhatFires(Worker& worker) FIREBREAK_REQUIRES(mutex_) {
    for (const auto& [labels, view] : firing_) worker.Apply(view, 0);
  }

  Entry KeepOrStart(WorkerOptions options, std::vector<Entry>& before) FIREBREAK_REQUIRES(mutex_) {
    const auto same_name = std::find_if(before.begin(), before.end(), [&](const Entry& candidate) {
      return candidate.worker != nullptr && candidate.destination.name == options.destination.name;
    });
    if (same_name != before.end() && SameDestination(same_name->destination, options.destination)) {
      Entry entry{options.destination, std::move(same_name->worker)};
      entry.worker->SetOptions(std::move(options));
      if (same_name->destination.severities != entry.destination.severities) TellWhatFires(*entry.worker);
      return entry;
    }
    Entry entry = MakeEntry(std::move(options));
    BeginAnew(*entry.worker, same_name == before.end() ? std::vector<Document>() : same_name->worker->Retire());
    entry.worker->Start();
    return entry;
  }

  std::vector<Worker*> BeginStop() {
    MutexLock lock(mutex_);
    stopped_ = true;
    std::vector<Worker*> workers;
    for (const Entry& entry : entries_) {
      entry.worker->BeginDrain();
      workers.push_back(entry.worker.get());
    }
    return workers;
  }

  std::vector<std::string> Names() const FIREBREAK_REQUIRES(mutex_) {
    std::vector<std::string> names;
    for (const Entry& entry : entries_) names.push_back(entry.destination.name);
    return names;
  }

  void ForgetDurable(int64_t news) FIREBREAK_REQUIRES(mutex_) {
    std::erase_if(not_durable_, [news](const auto& alert) { return alert.second <= news; });
  }

  const Clock& clock_;
  OutboxStore& store_;
  const absl::Time started_at_;
  Mutex reconfigure_mutex_;  // before mutex_
  mutable Mutex mutex_;
  std::vector<Entry> entries_ FIREBREAK_GUARDED_BY(mutex_);
  std::map<Labels, AlertViewPtr> firing_ FIREBREAK_GUARDED_BY(mutex_);  // for destinations that come later
  int64_t last_news_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  std::map<Labels, int64_t> not_durable_ FIREBREAK_GUARDED_BY(mutex_);  // the last news of alerts, not on disk yet
  bool stopped_ FIREBREAK_GUARDED_BY(mutex_) = false;
};

}  // namespace

// An Alertmanager's documents are a part of what a webhook's queue has; how it groups changes nothing of how they read.
absl::Status CheckOutbox(const OutboxRecord& record) {
  const absl::Status status = WebhookQueue(DeliveryTiming()).Restore(record.entries, SteadyAndWall());
  return status.ok() ? status : AtDestination(record.destination, status);
}

std::unique_ptr<Dispatcher> Dispatcher::Start(DispatcherOptions options, const Clock& clock) {
  auto dispatcher = std::make_unique<DispatcherImpl>(clock, KeepsNothing());
  dispatcher->Reconfigure(std::move(options));
  return dispatcher;
}

absl::StatusOr<std::unique_ptr<Dispatcher>> Dispatcher::Restore(DispatcherOptions options, const Clock& clock,
                                                                OutboxStore& store, const DispatcherState& state) {
  auto dispatcher = std::make_unique<DispatcherImpl>(clock, store);
  if (absl::Status status = dispatcher->Restore(std::move(options), state); !status.ok()) return status;
  return dispatcher;
}

}  // namespace firebreak
