#ifndef FIREBREAK_ENGINE_ENGINE_THREAD_H_
#define FIREBREAK_ENGINE_ENGINE_THREAD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/clock.h"
#include "engine/pipeline.h"
#include "engine/snapshot.h"
#include "engine/transition.h"
#include "rules/event.h"
#include "rules/rule_set.h"
#include "storage/mutex.h"

namespace firebreak {

// The one thread that owns the live Pipeline. Batches, heartbeats, questions and reloads are messages to it, done in
// the order they came; between them it ticks at every multiple of evaluation_interval. A tick that was missed is
// counted and never made up for. After every tick it publishes a Snapshot. Thread-safe.
class EngineThread {
 public:
  static constexpr size_t kMaxQueuedDeltas = 1'000'000;

  // `clock` and `sink` must outlive the engine. The thread starts at once.
  EngineThread(std::shared_ptr<const RuleSet> rules, PipelineOptions options, const Clock& clock, TransitionSink& sink,
               size_t max_queued_deltas = kMaxQueuedDeltas);
  ~EngineThread();

  // Queues a batch; `done` is called on the engine thread once it is counted. Returns false, and keeps nothing, when
  // more than max_queued_deltas would wait or the engine stopped: the caller should ask the client to come again.
  // A batch alone in the queue is always taken.
  bool Submit(FoldedBatch batch, std::function<void(Pipeline::Applied)> done);

  // The feed of `source` is alive, with or without requests.
  void SignOfLife(Source source);

  // Calls `question` on the engine thread, which must not keep the reference. Dropped when the engine has stopped.
  void Ask(std::function<void(const Pipeline&)> question);

  // Takes over a configuration; `done` is called on the engine thread with Pipeline::Reload's answer, or at once with
  // Unavailable when the engine has stopped.
  void Reload(std::shared_ptr<const RuleSet> rules, std::function<void(absl::Status)> done);

  // The state after the last tick; never nullptr.
  SnapshotPtr snapshot() const;
  // The configuration in force.
  std::shared_ptr<const RuleSet> rules() const;

  // Does what is queued, then ends the thread. Idempotent.
  void Stop();

 private:
  using Message = std::function<void(Pipeline&)>;

  bool Post(Message message, size_t deltas);
  void Run(Pipeline& pipeline);
  // Takes the next message, or nothing when a tick is due or the engine stops.
  std::optional<Message> NextMessage(absl::Time next_tick);
  void TickIfDue(Pipeline& pipeline, absl::Time& next_tick);
  void Publish(Pipeline& pipeline);
  bool Finished() const;

  const Clock& clock_;
  TransitionSink& sink_;
  const absl::Time start_;
  const size_t max_queued_deltas_;
  mutable Mutex mutex_;
  CondVar wake_;
  std::deque<std::pair<Message, size_t>> queue_ FIREBREAK_GUARDED_BY(mutex_);
  size_t queued_deltas_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  bool stopping_ FIREBREAK_GUARDED_BY(mutex_) = false;
  SnapshotPtr snapshot_ FIREBREAK_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_ENGINE_THREAD_H_
