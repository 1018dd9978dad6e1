#ifndef FIREBREAK_ENGINE_RECORDED_REPLAY_H_
#define FIREBREAK_ENGINE_RECORDED_REPLAY_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>

#include "absl/time/time.h"
#include "engine/alert_record.h"
#include "engine/engine_observer.h"
#include "engine/folder.h"
#include "engine/maintenance.h"
#include "engine/pipeline.h"
#include "engine/replay.h"
#include "engine/tick_observer.h"
#include "engine/transition.h"
#include "rules/event.h"
#include "rules/rule_set.h"

namespace firebreak {

// Follows what an EngineObserver saw: the same batches, ticks, heartbeats and restarts in the same order, through a
// Pipeline.
//   (1) Under the configuration of then, without a reload in between, the transitions are those of then.
//   (2) Under another one the events are classified anew. Ticks are multiples of `step`: each recorded tick stands for
//       the time since the one before it, at most one recorded interval (or one step, if that is longer).
// Thread-compatible.
class RecordedReplay {
 public:
  // `sink` must outlive it. REQUIRES: ReplayDriver::Validate accepts `step`.
  RecordedReplay(std::shared_ptr<const RuleSet> rules, PipelineOptions options, absl::Duration step,
                 TransitionSink& sink);

  // Shows every tick to `observer`, which must outlive this. REQUIRES: nothing has begun.
  void Observe(TickObserver& observer) { observer_ = &observer; }

  // An engine began. With `resumed` it goes on from what came before, as from a ledger; else it begins with nothing.
  void Start(absl::Time at, absl::Duration recorded_interval, std::optional<absl::Time> resumed);
  // The recording goes on. It begins here if nothing came before.
  void Continue(absl::Time at, absl::Duration recorded_interval);

  // --- REQUIRES: Start or Continue was called.

  // Adds one event to the open batch, and counts the batch.
  void Add(const Event& event);
  void EndBatch();
  // An instant that is not later than the last one is ignored.
  void Tick(absl::Time at, EngineObserver::Ingest ingest);
  void SignOfLife(Source source, absl::Time at);
  void SetMaintenance(MaintenanceListPtr windows);

  // The events are all counted, and the ticks over. `behind` and `rejected` are zero here.
  ReplaySummary Finish();

 private:
  void Begin(absl::Time at, TickObserver::Memory memory);
  void CountEvent(const Event& event);
  void KeepChanges();

  const std::shared_ptr<const RuleSet> rules_;
  const PipelineOptions options_;
  const absl::Duration step_;
  TransitionSink& sink_;
  TickObserver* observer_ = nullptr;
  Folder folder_;
  std::unique_ptr<Pipeline> pipeline_;
  AlertRecords records_;  // what a ledger would hold
  // When requests of each source were dated, lately: what a ledger's counts would tell of its life.
  std::array<std::set<absl::Time>, kNumSources> lives_;
  MaintenanceListPtr maintenance_;
  absl::Duration recorded_interval_;
  absl::Time last_tick_;  // as recorded
  ReplaySummary summary_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RECORDED_REPLAY_H_
