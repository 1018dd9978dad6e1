#ifndef FIREBREAK_ENGINE_ENGINE_THREAD_H_
#define FIREBREAK_ENGINE_ENGINE_THREAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/clock.h"
#include "engine/engine_observer.h"
#include "engine/journal.h"
#include "engine/maintenance.h"
#include "engine/pipeline.h"
#include "engine/snapshot.h"
#include "engine/transition.h"
#include "rules/event.h"
#include "rules/rule_set.h"
#include "storage/ledger/committer.h"
#include "storage/ledger/records.h"
#include "storage/mutex.h"

namespace firebreak {

struct EngineOptions {
  static constexpr size_t kMaxQueuedDeltas = 1'000'000;

  PipelineOptions pipeline;
  // Puts back what outlived the process (Pipeline::Restore…), before anything else happens; may be empty.
  std::function<absl::Status(Pipeline&)> restore;
  // Destinations that keep alerts they were refused for good; asked once a tick, on the engine thread; may be empty.
  std::function<std::vector<std::string>()> parked_destinations;
  EngineObserver* observer = nullptr;  // may be nullptr; must outlive the engine
  size_t max_queued_deltas = kMaxQueuedDeltas;
};

// What comes with a batch.
struct SubmitOptions {
  std::optional<BatchKey> key;
  int64_t rejected = 0;  // events of the body that are not in the batch; kept for the answer to a duplicate
};

// What became of a batch.
struct SubmitResult {
  // Only kCommitted batches are counted, and none is before it is durable.
  Committer::Verdict verdict = Committer::Verdict::kCommitted;
  int64_t late = 0;      // events older than everything held
  int64_t overflow = 0;  // events refused by a full counter
  BatchCounts original;  // kDuplicate: what was answered then
};

// The one thread that owns the live Pipeline. Batches, heartbeats, questions and reloads are messages to it, done in
// the order they came; between them it ticks at every multiple of evaluation_interval. A tick that was missed is
// counted and never made up for. After every tick it publishes a Snapshot. What must be durable goes to the journal: a
// batch between its admission and its counting, an evaluation (or a reload) with its transitions. Thread-safe.
class EngineThread {
 public:
  // `clock` and `journal` must outlive the engine; the journal may call back for batches after the engine is gone. The
  // thread starts once options.restore has succeeded; if it fails, the engine does nothing at all.
  EngineThread(std::shared_ptr<const RuleSet> rules, EngineOptions options, const Clock& clock, Journal& journal);
  ~EngineThread();

  // What options.restore returned.
  const absl::Status& restored() const { return restored_; }

  // Queues a batch; `done` is called on the engine thread once it is durable and counted, or is neither. Returns false,
  // and keeps nothing, when more than max_queued_deltas would wait or the engine stopped: the caller should ask the
  // client to come again. A batch alone in the queue is always taken. A batch of which nothing is accepted and nothing
  // late never reaches the journal. `done` is dropped when the journal has no answer by the time the engine ends.
  bool Submit(FoldedBatch batch, SubmitOptions options, std::function<void(const SubmitResult&)> done);

  // The feed of `source` is alive, with or without requests.
  void SignOfLife(Source source);

  // Calls `question` on the engine thread, which must not keep the reference. Dropped when the engine has stopped.
  void Ask(std::function<void(const Pipeline&)> question);

  // Takes over a configuration; `done` is called on the engine thread with Pipeline::Reload's answer, or at once with
  // Unavailable when the engine has stopped.
  void Reload(std::shared_ptr<const RuleSet> rules, std::function<void(absl::Status)> done);

  // Takes over a list of maintenance windows; `done` is called on the engine thread when the snapshot shows it, or at
  // once with Unavailable when the engine has stopped. The next tick is the first to go by it.
  void SetMaintenance(MaintenanceListPtr windows, std::function<void(absl::Status)> done);

  // The state after the last tick; never nullptr.
  SnapshotPtr snapshot() const;
  // The configuration in force.
  std::shared_ptr<const RuleSet> rules() const;

  // Refuses what comes from now on, does what is queued, gives the journal 2 s to finish, counts what it has committed,
  // and ends the thread. Idempotent.
  void Stop();

 private:
  class Mailbox;
  class TransitionList;
  struct Commit;
  using Message = std::function<void(Pipeline&)>;

  void Run(Pipeline& pipeline);
  void TickIfDue(Pipeline& pipeline, absl::Time& next_tick);
  // Decides about a batch and gives it to the journal.
  void Take(Pipeline& pipeline, FoldedBatch batch, SubmitOptions options,
            std::function<void(const SubmitResult&)> done);
  // Gives what the last tick or reload changed to the journal.
  void CommitChanges(Pipeline& pipeline, absl::Time at);
  void Publish(Pipeline& pipeline);

  const EngineOptions options_;
  const Clock& clock_;
  Journal& journal_;
  const absl::Time start_;
  absl::Status restored_;
  const std::unique_ptr<TransitionList> transitions_;  // of the engine thread: since the last commit
  const std::shared_ptr<Mailbox> mailbox_;             // shared with commits that are under way
  mutable Mutex mutex_;
  SnapshotPtr snapshot_ FIREBREAK_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_ENGINE_THREAD_H_
