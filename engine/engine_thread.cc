#include "engine/engine_thread.h"

#include <utility>

namespace firebreak {
namespace {

absl::Time NextMultiple(absl::Time after, absl::Duration step) {
  return absl::UnixEpoch() + absl::Floor(after - absl::UnixEpoch(), step) + step;
}

}  // namespace

EngineThread::EngineThread(std::shared_ptr<const RuleSet> rules, PipelineOptions options, const Clock& clock,
                           TransitionSink& sink, size_t max_queued_deltas)
    : clock_(clock), sink_(sink), start_(clock.Now()), max_queued_deltas_(max_queued_deltas) {
  auto pipeline = std::make_unique<Pipeline>(std::move(rules), std::move(options), start_, sink_);
  Publish(*pipeline);
  thread_ = std::thread([this, pipeline = std::move(pipeline)] { Run(*pipeline); });
}

EngineThread::~EngineThread() { Stop(); }

bool EngineThread::Post(Message message, size_t deltas) {
  {
    MutexLock lock(mutex_);
    const bool full = queued_deltas_ > 0 && queued_deltas_ + deltas > max_queued_deltas_;
    if (stopping_ || (deltas > 0 && full)) return false;
    queued_deltas_ += deltas;
    queue_.emplace_back(std::move(message), deltas);
  }
  wake_.NotifyOne();
  return true;
}

bool EngineThread::Submit(FoldedBatch batch, std::function<void(Pipeline::Applied)> done) {
  const size_t deltas = batch.deltas.size();
  return Post([batch = std::move(batch), done = std::move(done)](Pipeline& pipeline) { done(pipeline.Apply(batch)); },
              deltas);
}

void EngineThread::SignOfLife(Source source) {
  Post([source, when = clock_.Now()](Pipeline& pipeline) { pipeline.SignOfLife(source, when); }, 0);
}

void EngineThread::Ask(std::function<void(const Pipeline&)> question) {
  Post([question = std::move(question)](Pipeline& pipeline) { question(pipeline); }, 0);
}

void EngineThread::Reload(std::shared_ptr<const RuleSet> rules, std::function<void(absl::Status)> done) {
  const bool posted = Post(
      [this, rules = std::move(rules), done](Pipeline& pipeline) {
        const absl::Status status = pipeline.Reload(rules);
        Publish(pipeline);
        done(status);
      },
      0);
  if (!posted) done(absl::UnavailableError("the engine has stopped"));
}

SnapshotPtr EngineThread::snapshot() const {
  MutexLock lock(mutex_);
  return snapshot_;
}

std::shared_ptr<const RuleSet> EngineThread::rules() const { return snapshot()->rules; }

void EngineThread::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.NotifyOne();
  if (thread_.joinable()) thread_.join();
}

std::optional<EngineThread::Message> EngineThread::NextMessage(absl::Time next_tick) {
  MutexLock lock(mutex_);
  while (queue_.empty() && !stopping_) {
    const absl::Duration wait = clock_.RealUntil(next_tick);
    if (wait <= absl::ZeroDuration()) return std::nullopt;
    wake_.WaitFor(mutex_, wait);
  }
  if (queue_.empty()) return std::nullopt;
  auto [message, deltas] = std::move(queue_.front());
  queue_.pop_front();
  queued_deltas_ -= deltas;
  return std::move(message);
}

bool EngineThread::Finished() const {
  MutexLock lock(mutex_);
  return stopping_ && queue_.empty();
}

void EngineThread::TickIfDue(Pipeline& pipeline, absl::Time& next_tick) {
  const absl::Time now = clock_.Now();
  if (now < next_tick) return;
  const absl::Duration interval = pipeline.rules()->config.evaluation_interval;
  const absl::Time newest_due = NextMultiple(now, interval) - interval;
  pipeline.CountMissedTicks((newest_due - next_tick) / interval);
  pipeline.Tick(newest_due);
  Publish(pipeline);
  next_tick = newest_due + interval;
}

void EngineThread::Publish(Pipeline& pipeline) {
  SnapshotPtr fresh = pipeline.TakeSnapshot();
  MutexLock lock(mutex_);
  snapshot_ = std::move(fresh);
}

void EngineThread::Run(Pipeline& pipeline) {
  absl::Time next_tick = NextMultiple(start_, pipeline.rules()->config.evaluation_interval);
  while (!Finished()) {
    if (std::optional<Message> message = NextMessage(next_tick)) (*message)(pipeline);
    TickIfDue(pipeline, next_tick);
  }
}

}  // namespace firebreak
