#include "engine/engine_thread.h"

#include <deque>
#include <utility>

namespace firebreak {
namespace {

constexpr absl::Duration kFlushAtStop = absl::Seconds(2);

absl::Time NextMultiple(absl::Time after, absl::Duration step) {
  return absl::UnixEpoch() + absl::Floor(after - absl::UnixEpoch(), step) + step;
}

}  // namespace

// The engine's queue of messages. Thread-safe.
class EngineThread::Mailbox {
 public:
  explicit Mailbox(size_t max_deltas) : max_deltas_(max_deltas) {}

  // Queues a message from outside. Returns false when it was closed to them, or is too full for `deltas` more.
  bool Post(Message message, size_t deltas);
  // Queues a message of ours, also while the engine stops; drops it when the thread has ended.
  void PostBack(Message message);

  // Waits for a message until `clock` shows `until`, or Close is called.
  std::optional<Message> Take(const Clock& clock, absl::Time until);
  // The next message if there is one.
  std::optional<Message> Take();

  // Takes no more messages from outside.
  void Close();
  // Closed, and nothing is queued.
  bool Drained() const;
  // The thread ends: takes no message at all.
  void End();

  // Whether this is the thread that runs the messages.
  bool OnEngineThread() const { return of_this_thread_ == this; }
  void EnterEngineThread() { of_this_thread_ = this; }

 private:
  enum class State { kOpen, kClosed, kEnded };

  std::optional<Message> TakeLocked() FIREBREAK_REQUIRES(mutex_);

  static thread_local const Mailbox* of_this_thread_;
  const size_t max_deltas_;
  mutable Mutex mutex_;
  CondVar wake_;
  std::deque<std::pair<Message, size_t>> queue_ FIREBREAK_GUARDED_BY(mutex_);
  size_t queued_deltas_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  State state_ FIREBREAK_GUARDED_BY(mutex_) = State::kOpen;
};

thread_local const EngineThread::Mailbox* EngineThread::Mailbox::of_this_thread_ = nullptr;

bool EngineThread::Mailbox::Post(Message message, size_t deltas) {
  {
    MutexLock lock(mutex_);
    const bool full = queued_deltas_ > 0 && queued_deltas_ + deltas > max_deltas_;
    if (state_ != State::kOpen || (deltas > 0 && full)) return false;
    queued_deltas_ += deltas;
    queue_.emplace_back(std::move(message), deltas);
  }
  wake_.NotifyOne();
  return true;
}

void EngineThread::Mailbox::PostBack(Message message) {
  {
    MutexLock lock(mutex_);
    if (state_ == State::kEnded) return;
    queue_.emplace_back(std::move(message), 0);
  }
  wake_.NotifyOne();
}

std::optional<EngineThread::Message> EngineThread::Mailbox::TakeLocked() {
  if (queue_.empty()) return std::nullopt;
  auto [message, deltas] = std::move(queue_.front());
  queue_.pop_front();
  queued_deltas_ -= deltas;
  return std::move(message);
}

std::optional<EngineThread::Message> EngineThread::Mailbox::Take(const Clock& clock, absl::Time until) {
  MutexLock lock(mutex_);
  while (queue_.empty() && state_ == State::kOpen) {
    const absl::Duration wait = clock.RealUntil(until);
    if (wait <= absl::ZeroDuration()) return std::nullopt;
    wake_.WaitFor(mutex_, wait);
  }
  return TakeLocked();
}

std::optional<EngineThread::Message> EngineThread::Mailbox::Take() {
  MutexLock lock(mutex_);
  return TakeLocked();
}

void EngineThread::Mailbox::Close() {
  {
    MutexLock lock(mutex_);
    if (state_ == State::kOpen) state_ = State::kClosed;
  }
  wake_.NotifyOne();
}

bool EngineThread::Mailbox::Drained() const {
  MutexLock lock(mutex_);
  return state_ == State::kClosed && queue_.empty();
}

void EngineThread::Mailbox::End() {
  std::deque<std::pair<Message, size_t>> dropped;
  MutexLock lock(mutex_);
  state_ = State::kEnded;
  dropped.swap(queue_);
}

// Keeps the transitions of one tick or reload.
class EngineThread::TransitionList : public TransitionSink {
 public:
  void OnTransition(const Transition& transition) override { list_.push_back(transition); }
  std::vector<Transition> Take() { return std::exchange(list_, {}); }

 private:
  std::vector<Transition> list_;
};

// A batch on its way through the journal.
struct EngineThread::Commit {
  AdmittedBatch batch;
  BatchTag tag;
  EngineObserver* observer = nullptr;
  std::function<void(const SubmitResult&)> done;

  // On the engine thread: counts the batch, or forgets it, and says so.
  void Finish(Pipeline& pipeline, const Committer::Outcome& outcome) const {
    if (outcome.verdict == Committer::Verdict::kCommitted) {
      pipeline.Apply(batch);
      if (observer != nullptr) observer->OnApplied(tag, batch.events);
    } else {
      pipeline.Abandon(batch);
    }
    done({outcome.verdict, batch.record.counts.late, batch.overflow, outcome.original});
  }
};

EngineThread::EngineThread(std::shared_ptr<const RuleSet> rules, EngineOptions options, const Clock& clock,
                           Journal& journal)
    : options_(std::move(options)),
      clock_(clock),
      journal_(journal),
      start_(clock.Now()),
      transitions_(std::make_unique<TransitionList>()),
      mailbox_(std::make_shared<Mailbox>(options_.max_queued_deltas)) {
  auto pipeline = std::make_unique<Pipeline>(rules, options_.pipeline, start_, *transitions_);
  if (options_.restore) restored_ = options_.restore(*pipeline);
  if (!restored_.ok()) {
    mailbox_->Close();
    return;
  }
  if (options_.observer != nullptr) {
    options_.observer->OnStart(start_, rules, pipeline->resumed());
    if (!pipeline->maintenance()->windows().empty()) {
      options_.observer->OnMaintenance(start_, pipeline->maintenance());
    }
  }
  Publish(*pipeline);
  thread_ = std::thread([this, pipeline = std::move(pipeline)] { Run(*pipeline); });
}

EngineThread::~EngineThread() { Stop(); }

bool EngineThread::Submit(FoldedBatch batch, SubmitOptions options, std::function<void(const SubmitResult&)> done) {
  const size_t deltas = batch.deltas.size();
  return mailbox_->Post([this, batch = std::move(batch), options, done = std::move(done)](
                            Pipeline& pipeline) mutable { Take(pipeline, std::move(batch), options, std::move(done)); },
                        deltas);
}

void EngineThread::Take(Pipeline& pipeline, FoldedBatch batch, SubmitOptions options,
                        std::function<void(const SubmitResult&)> done) {
  BatchTag tag = batch.tag;
  const auto commit = std::make_shared<Commit>(
      Commit{pipeline.Admit(std::move(batch)), std::move(tag), options_.observer, std::move(done)});
  const BatchCounts& counts = commit->batch.record.counts;
  if (counts.accepted + counts.late == 0) return commit->Finish(pipeline, {});
  BatchRecord record = commit->batch.record;
  record.key = options.key;
  record.counts.rejected += options.rejected;
  record.at = clock_.Now();
  // The journal may answer at once, on this thread, or later and from any other: then the engine may be gone.
  const bool taken = journal_.CommitBatch(
      std::move(record), [commit, mailbox = mailbox_, here = &pipeline](const Committer::Outcome& outcome) {
        if (mailbox->OnEngineThread()) return commit->Finish(*here, outcome);
        mailbox->PostBack([commit, outcome](Pipeline& there) { commit->Finish(there, outcome); });
      });
  if (!taken) commit->Finish(pipeline, {Committer::Verdict::kFailed, {}});
}

void EngineThread::SignOfLife(Source source) {
  mailbox_->Post(
      [this, source, when = clock_.Now()](Pipeline& pipeline) {
        pipeline.SignOfLife(source, when);
        if (options_.observer != nullptr) options_.observer->OnSignOfLife(source, when);
      },
      0);
}

void EngineThread::Ask(std::function<void(const Pipeline&)> question) {
  mailbox_->Post([question = std::move(question)](Pipeline& pipeline) { question(pipeline); }, 0);
}

void EngineThread::Reload(std::shared_ptr<const RuleSet> rules, std::function<void(absl::Status)> done) {
  const bool posted = mailbox_->Post(
      [this, rules = std::move(rules), done](Pipeline& pipeline) {
        const absl::Status status = pipeline.Reload(rules);
        if (status.ok()) {
          if (options_.observer != nullptr) options_.observer->OnReload(pipeline.last_tick(), rules);
          CommitChanges(pipeline, pipeline.last_tick());
        }
        Publish(pipeline);
        done(status);
      },
      0);
  if (!posted) done(absl::UnavailableError("the engine has stopped"));
}

void EngineThread::SetMaintenance(MaintenanceListPtr windows, std::function<void(absl::Status)> done) {
  const bool posted = mailbox_->Post(
      [this, windows = std::move(windows), done](Pipeline& pipeline) {
        pipeline.SetMaintenance(windows);
        if (options_.observer != nullptr) options_.observer->OnMaintenance(pipeline.last_tick(), windows);
        Publish(pipeline);
        done(absl::OkStatus());
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
  mailbox_->Close();
  if (thread_.joinable()) thread_.join();
}

void EngineThread::TickIfDue(Pipeline& pipeline, absl::Time& next_tick) {
  const absl::Time now = clock_.Now();
  if (now < next_tick) return;
  const absl::Duration interval = pipeline.rules()->config.evaluation_interval;
  const absl::Time newest_due = NextMultiple(now, interval) - interval;
  pipeline.CountMissedTicks((newest_due - next_tick) / interval);
  ServiceHealth health;
  if (journal_.Refusing()) health.ingest = EngineObserver::Ingest::kRefusing;
  if (options_.parked_destinations) health.parked_destinations = options_.parked_destinations();
  pipeline.Tick(newest_due, health);
  if (options_.observer != nullptr) options_.observer->OnTick(newest_due, health.ingest);
  CommitChanges(pipeline, newest_due);
  Publish(pipeline);
  next_tick = newest_due + interval;
}

void EngineThread::CommitChanges(Pipeline& pipeline, absl::Time at) {
  AlertChanges changes = pipeline.TakeChanges();
  journal_.CommitEvaluation({at, std::move(changes.changed), std::move(changes.ended), transitions_->Take()});
}

void EngineThread::Publish(Pipeline& pipeline) {
  SnapshotPtr fresh = pipeline.TakeSnapshot();
  MutexLock lock(mutex_);
  snapshot_ = std::move(fresh);
}

void EngineThread::Run(Pipeline& pipeline) {
  mailbox_->EnterEngineThread();
  absl::Time next_tick = NextMultiple(start_, pipeline.rules()->config.evaluation_interval);
  while (!mailbox_->Drained()) {
    if (std::optional<Message> message = mailbox_->Take(clock_, next_tick)) (*message)(pipeline);
    TickIfDue(pipeline, next_tick);
  }
  journal_.Flush(kFlushAtStop);
  while (std::optional<Message> message = mailbox_->Take()) (*message)(pipeline);
  mailbox_->End();
}

}  // namespace firebreak
