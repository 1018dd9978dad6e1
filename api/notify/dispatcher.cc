#include "api/notify/dispatcher.h"

#include <algorithm>
#include <utility>

#include "api/notify/steady.h"
#include "api/notify/worker.h"

namespace firebreak {
namespace {

// What destinations are told of a step: a firing alert that is gone has resolved, however its view puts it.
AlertViewPtr TellableView(const Transition& transition) {
  const bool ended = transition.from == AlertStatus::kFiring && transition.alert->status == AlertStatus::kInactive;
  if (!ended) return transition.alert;
  auto view = std::make_shared<AlertView>(*transition.alert);
  view->status = AlertStatus::kResolved;
  if (!view->resolved_at) view->resolved_at = transition.at;
  return view;
}

bool SameDestination(const Destination& a, const Destination& b) {
  return a.name == b.name && a.kind == b.kind && a.url == b.url;
}

class DispatcherImpl : public Dispatcher {
 public:
  explicit DispatcherImpl(const Clock& clock) : clock_(clock), started_at_(clock.Now()) {}
  ~DispatcherImpl() override { Stop(absl::ZeroDuration()); }

  void OnTransition(const Transition& transition) override {
    if (transition.alert == nullptr) return;
    const AlertViewPtr view = TellableView(transition);
    MutexLock lock(mutex_);
    if (view->status == AlertStatus::kFiring) {
      firing_[view->labels] = view;
    } else {
      firing_.erase(view->labels);
    }
    for (const Entry& entry : entries_) entry.worker->Apply(view);
  }

  std::vector<DestinationStats> Stats() const override {
    MutexLock lock(mutex_);
    std::vector<DestinationStats> stats;
    for (const Entry& entry : entries_) stats.push_back(entry.worker->Stats());
    return stats;
  }

  void Reconfigure(DispatcherOptions options) override {
    std::vector<Entry> gone;  // ended after the lock: that may take a moment
    MutexLock reconfigure_lock(reconfigure_mutex_);
    {
      MutexLock lock(mutex_);
      if (stopped_) return;
      gone = std::exchange(entries_, {});
      const auto common = std::make_shared<const DispatcherOptions>(std::move(options));
      const AlertViewPtr watchdog = MakeWatchdog(common->service, started_at_);
      for (const Destination& destination : common->destinations) {
        entries_.push_back(KeepOrStart({destination, common, watchdog}, gone));
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

  Entry KeepOrStart(WorkerOptions options, std::vector<Entry>& before) FIREBREAK_REQUIRES(mutex_) {
    Entry entry{options.destination, nullptr};
    const auto kept = std::find_if(before.begin(), before.end(), [&](const Entry& candidate) {
      return candidate.worker != nullptr && SameDestination(candidate.destination, entry.destination);
    });
    if (kept != before.end()) {
      entry.worker = std::move(kept->worker);
      entry.worker->SetOptions(std::move(options));
      if (kept->destination.severities != entry.destination.severities) TellWhatFires(*entry.worker);
      return entry;
    }
    entry.worker = std::make_unique<Worker>(std::move(options), clock_);
    TellWhatFires(*entry.worker);
    return entry;
  }

  void TellWhatFires(Worker& worker) FIREBREAK_REQUIRES(mutex_) {
    for (const auto& [labels, view] : firing_) worker.Apply(view);
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

  const Clock& clock_;
  const absl::Time started_at_;
  Mutex reconfigure_mutex_;  // before mutex_
  mutable Mutex mutex_;
  std::vector<Entry> entries_ FIREBREAK_GUARDED_BY(mutex_);
  std::map<Labels, AlertViewPtr> firing_ FIREBREAK_GUARDED_BY(mutex_);  // for destinations that come later
  bool stopped_ FIREBREAK_GUARDED_BY(mutex_) = false;
};

}  // namespace

std::unique_ptr<Dispatcher> Dispatcher::Start(DispatcherOptions options, const Clock& clock) {
  auto dispatcher = std::make_unique<DispatcherImpl>(clock);
  dispatcher->Reconfigure(std::move(options));
  return dispatcher;
}

}  // namespace firebreak
