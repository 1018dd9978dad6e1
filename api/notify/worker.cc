#include "api/notify/worker.h"

#include <algorithm>
#include <utility>

#include "api/notify/alert_json.h"
#include "api/notify/renderer.h"
#include "api/notify/retry.h"
#include "api/notify/signature.h"
#include "nlohmann/json.hpp"

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

// Which destination the documents of a name are of. The URL may hold secrets.
Document DestinationDocument(const Destination& destination) {
  return {"destination", DumpJson({{"kind", DestinationKindName(destination.kind)},
                                   {"url_sha256", Sha256Hex(destination.url).substr(0, 16)}})};
}

}  // namespace

Worker::Worker(WorkerOptions options, const Clock& clock, OutboxStore& store)
    : clock_(clock),
      store_(store),
      http_(HttpLimits{.total = options.common->try_deadline}),
      random_(std::random_device()()),
      options_(std::make_shared<const WorkerOptions>(options)),
      schedule_(ScheduleOptions(options), options.watchdog, SteadyNow()),
      unsaved_({DestinationDocument(options.destination)}) {}

Worker::~Worker() { Abort(); }

bool Worker::IsOf(const OutboxRecord& record) const {
  const Document wanted = DestinationDocument(options()->destination);
  return std::find(record.entries.begin(), record.entries.end(), wanted) != record.entries.end();
}

absl::Status Worker::Restore(const OutboxRecord& record) {
  MutexLock save_lock(save_mutex_);
  MutexLock lock(mutex_);
  if (absl::Status status = schedule_.Restore(record.entries, Now()); !status.ok()) return status;
  for (const Document& document : record.entries) saved_keys_.insert(document.key);
  news_read_ = record.news_read;
  return absl::OkStatus();
}

void Worker::Reapply(const AlertViewPtr& alert, int64_t news) {
  MutexLock lock(mutex_);
  schedule_.Reapply(alert, SteadyNow());
  news_read_ = std::max(news_read_, news);
}

void Worker::BeginAnew(int64_t last_news, const std::vector<Document>& left_behind) {
  MutexLock lock(mutex_);
  news_read_ = last_news;
  for (const Document& document : left_behind) {
    if (document.key != unsaved_[0].key) unsaved_.push_back({document.key, ""});
  }
}

void Worker::Start() {
  Checkpoint();
  thread_ = std::thread([this] { Run(); });
}

void Worker::Apply(const AlertViewPtr& alert, int64_t news) {
  MutexLock lock(mutex_);
  schedule_.Apply(alert, SteadyNow());
  news_read_ = std::max(news_read_, news);
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
    Checkpoint();
    const Health health = AskHealth();
    const std::optional<Batch> batch = TakeOrWait(health);
    if (batch) Send(*batch);
  }
  Checkpoint();
}

void Worker::Checkpoint() {
  MutexLock save_lock(save_mutex_);
  if (retired_) return;
  std::optional<OutboxRecord> record = TakeRecord();
  if (!record) return;
  for (const Document& document : record->entries) {
    if (document.body.empty()) {
      saved_keys_.erase(document.key);
    } else {
      saved_keys_.insert(document.key);
    }
  }
  store_.Save(*std::move(record));
}

std::optional<OutboxRecord> Worker::TakeRecord() {
  MutexLock lock(mutex_);
  OutboxRecord record{options_->destination.name, news_read_, std::exchange(unsaved_, {})};
  for (Document& document : schedule_.TakeChanges(Now())) record.entries.push_back(std::move(document));
  if (record.entries.empty() && saved_news_read_ == news_read_) return std::nullopt;
  saved_news_read_ = news_read_;
  return record;
}

std::vector<Document> Worker::Retire() {
  MutexLock lock(save_mutex_);
  retired_ = true;
  std::vector<Document> documents;
  for (const std::string& key : saved_keys_) documents.push_back({key, ""});
  return documents;
}

SteadyAndWall Worker::Now() const { return {SteadyNow(), clock_.ToWall(clock_.Now())}; }

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
  last_error_ = verdict == Verdict::kDelivered ? "" : DescribeAnswer(answer, taken);
  const TryOutcome outcome{verdict, BlamesContent(answer), random, last_error_, MayHaveBeenTaken(answer)};
  schedule_.Finish(batch, outcome, HoldBack(answer, wall), SteadyNow());
  ++sent_[std::string(ResultName(answer, taken))];
  if (verdict == Verdict::kDelivered) last_success_ = wall;
}

std::shared_ptr<const WorkerOptions> Worker::options() const {
  MutexLock lock(mutex_);
  return options_;
}

int64_t Worker::RetryParked() {
  MutexLock lock(mutex_);
  changed_.NotifyAll();
  return schedule_.RetryParked();
}

std::vector<OutboxItem> Worker::List() const {
  MutexLock lock(mutex_);
  std::vector<OutboxItem> items = schedule_.List(Now());
  for (OutboxItem& item : items) item.destination = options_->destination.name;
  return items;
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

bool SameDestination(const Destination& a, const Destination& b) {
  return a.name == b.name && a.kind == b.kind && a.url == b.url;
}

}  // namespace firebreak
