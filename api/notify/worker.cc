#include "api/notify/worker.h"

#include <algorithm>
#include <utility>

#include "api/notify/renderer.h"
#include "api/notify/retry.h"
#include "api/notify/steady.h"

namespace firebreak {
namespace {

// Bounds of one wait: an instant that is only just due must not spin, and one that never comes must not overflow.
constexpr absl::Duration kShortestWait = absl::Milliseconds(1);
constexpr absl::Duration kLongestWait = absl::Hours(1);

Schedule::Options ScheduleOptions(const WorkerOptions& options) {
  const DispatcherOptions& common = *options.common;
  return {.kind = options.destination.kind,
          .timing = {common.resend_delay, common.repeat_interval, common.first_backoff},
          .watchdog = common.watchdog ? Schedule::Watchdog::kOn : Schedule::Watchdog::kOff,
          .severities = options.destination.severities};
}

// A refusal that may be about one alert out of several.
bool BlamesContent(const HttpAnswer& answer) {
  return answer.status == 400 || answer.status == 413 || answer.status == 422;
}

HttpAnswer CannotSend(const absl::Status& status) {
  HttpAnswer answer;
  answer.failure = HttpFailure::kResolve;
  answer.error = std::string(status.message());
  return answer;
}

}  // namespace

Worker::Worker(WorkerOptions options, const Clock& clock)
    : clock_(clock),
      http_(HttpLimits{.total = options.common->try_deadline}),
      random_(std::random_device()()),
      options_(std::make_shared<const WorkerOptions>(options)),
      schedule_(ScheduleOptions(options), options.watchdog, SteadyNow()),
      thread_([this] { Run(); }) {}

Worker::~Worker() { Abort(); }

void Worker::Apply(const AlertViewPtr& alert) {
  MutexLock lock(mutex_);
  schedule_.Apply(alert, SteadyNow());
  changed_.NotifyAll();
}

void Worker::SetOptions(WorkerOptions options) {
  MutexLock lock(mutex_);
  options_ = std::make_shared<const WorkerOptions>(std::move(options));
  schedule_.SetOptions(ScheduleOptions(*options_), options_->watchdog, SteadyNow());
  changed_.NotifyAll();
}

void Worker::BeginDrain() {
  MutexLock lock(mutex_);
  if (phase_ == Phase::kRunning) phase_ = Phase::kDraining;
  schedule_.Hurry();
  changed_.NotifyAll();
}

void Worker::AwaitDrained(absl::Time deadline) {
  MutexLock lock(mutex_);
  while (phase_ != Phase::kEnded && SteadyNow() < deadline) changed_.WaitFor(mutex_, deadline - SteadyNow());
}

void Worker::Abort() {
  {
    MutexLock lock(mutex_);
    phase_ = Phase::kEnded;
    changed_.NotifyAll();
  }
  http_.Cancel();
  if (thread_.joinable()) thread_.join();
}

void Worker::Run() {
  while (Running()) {
    const Health health = AskHealth();
    const std::optional<Batch> batch = TakeOrWait(health);
    if (batch) Send(*batch);
  }
}

bool Worker::Running() const {
  MutexLock lock(mutex_);
  return phase_ != Phase::kEnded;
}

// Asks without holding our lock: the answer may take the engine's.
Health Worker::AskHealth() const {
  const std::shared_ptr<const WorkerOptions> current = options();
  if (!current->common->watchdog) return Health::kStale;
  return !current->common->healthy || current->common->healthy() ? Health::kFresh : Health::kStale;
}

std::optional<Batch> Worker::TakeOrWait(Health health) {
  MutexLock lock(mutex_);
  if (phase_ == Phase::kDraining && schedule_.queued() == 0) {
    phase_ = Phase::kEnded;
    changed_.NotifyAll();
  }
  if (phase_ == Phase::kEnded) return std::nullopt;
  const absl::Time now = SteadyNow();
  if (std::optional<Batch> batch = schedule_.Take(now, health)) return batch;
  changed_.WaitFor(mutex_, std::clamp(schedule_.NextDue() - now, kShortestWait, kLongestWait));
  return std::nullopt;
}

void Worker::Send(const Batch& batch) {
  const std::shared_ptr<const WorkerOptions> current = options();
  const absl::StatusOr<Url> url = ParseUrl(current->destination.url);
  if (!url.ok()) {
    Report(batch, CannotSend(url.status()));
    return;
  }
  Report(batch, http_.Post(Render(current->destination, *url, *current->common, clock_, batch)));
}

void Worker::Report(const Batch& batch, const HttpAnswer& answer) {
  const absl::Time wall = clock_.ToWall(clock_.Now());
  const std::shared_ptr<const WorkerOptions> current = options();
  const Taken taken = TakenBy(current->destination.kind);
  const Verdict verdict = Classify(answer, taken);
  const double random = std::uniform_real_distribution<double>(0, 1)(random_);
  MutexLock lock(mutex_);
  schedule_.Finish(batch, {verdict, BlamesContent(answer), random}, HoldBack(answer, wall), SteadyNow());
  ++sent_[std::string(ResultName(answer, taken))];
  if (verdict == Verdict::kDelivered) {
    last_success_ = wall;
    last_error_.clear();
  } else {
    last_error_ = DescribeAnswer(answer, taken);
  }
}

std::shared_ptr<const WorkerOptions> Worker::options() const {
  MutexLock lock(mutex_);
  return options_;
}

DestinationStats Worker::Stats() const {
  MutexLock lock(mutex_);
  DestinationStats stats;
  stats.name = options_->destination.name;
  stats.kind = std::string(DestinationKindName(options_->destination.kind));
  stats.queued = schedule_.queued();
  stats.parked = schedule_.parked();
  stats.sent = sent_;
  stats.last_success = last_success_;
  stats.last_error = last_error_;
  return stats;
}

}  // namespace firebreak
