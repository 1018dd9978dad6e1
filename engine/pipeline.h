#ifndef FIREBREAK_ENGINE_PIPELINE_H_
#define FIREBREAK_ENGINE_PIPELINE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/evaluation.h"
#include "engine/folder.h"
#include "engine/maintenance.h"
#include "engine/no_data_rule.h"
#include "engine/removed_alerts.h"
#include "engine/service_watch.h"
#include "engine/signs_of_life.h"
#include "engine/snapshot.h"
#include "engine/tier_watch.h"
#include "engine/transition.h"
#include "rules/event.h"
#include "rules/rule_set.h"
#include "storage/ladder_shape.h"
#include "storage/ledger/ledger.h"
#include "storage/ledger/records.h"
#include "storage/traffic_store.h"

namespace firebreak {

// How far events may run ahead of now before they are refused; the rings hold that much beyond now.
inline constexpr absl::Duration kMaxAhead = absl::Seconds(30);

// How long which width of counts is held, in the rings and in a ledger, under a configuration.
LadderShape LadderShapeFor(const Config& config);

// A batch about which everything is decided and nothing is counted yet.
struct AdmittedBatch {
  BatchRecord record;    // what is to be made durable: accepted deltas, and how many events were accepted and late
  int64_t events = 0;    // accepted, late or overflowed
  int64_t overflow = 0;  // events refused by a full counter
};

// The one way from counts to alerts, live and in replay: batches go in, ticks read the windows and move the alerts, and
// every change goes to the sink. What differs between live and replay is who calls, never what happens here.
//   (1) Deterministic: the same batches and ticks in the same order give the same transitions.
//   (2) Ticks are instants on the grid of evaluation_interval and never go back.
// Thread-compatible; it belongs to the engine thread.
class Pipeline {
 public:
  struct Applied {
    int64_t late = 0;      // events older than everything held
    int64_t overflow = 0;  // events refused by a full counter
  };

  // From `start` on the feed is missed when it is silent. `sink` must outlive the pipeline.
  Pipeline(std::shared_ptr<const RuleSet> rules, PipelineOptions options, absl::Time start, TransitionSink& sink);

  const std::shared_ptr<const RuleSet>& rules() const { return rules_; }
  const TrafficStore& traffic() const { return traffic_; }
  const EngineStats& stats() const { return stats_; }
  const MaintenanceListPtr& maintenance() const { return maintenance_; }
  // The last evaluation; the start before the first.
  absl::Time last_tick() const { return last_tick_; }

  // Decides about a batch: which events are late or overflow, and where the others count. One that was classified by an
  // older configuration is mapped by the names of its tiers. Counts nothing; Apply or Abandon must follow.
  AdmittedBatch Admit(FoldedBatch batch);
  // Counts an admitted batch. Events whose tier is gone by now are counted nowhere, like its others.
  void Apply(const AdmittedBatch& batch);
  // Gives up an admitted batch that could not be made durable: nothing of it is counted.
  void Abandon(const AdmittedBatch& batch);
  // Both steps at once: for replay, where nothing has to be durable.
  Applied Apply(FoldedBatch batch);

  // Counts what a ledger kept of a tier in one slot, 0 <= source < kNumSources. For replay: no endpoint and no cause of
  // it is known.
  TrafficStore::ApplyResult ApplyTier(int tier, int source, int64_t slot, const Counts& counts);

  // The feed of `source` was seen alive at `when`, with or without requests.
  void SignOfLife(Source source, absl::Time when);

  // Takes over a list of maintenance windows; the next tick is the first to go by it.
  void SetMaintenance(MaintenanceListPtr windows);

  // Evaluates every rule at `now` and moves the alerts.
  // REQUIRES: now is on the grid of evaluation_interval and later than the last tick.
  void Tick(absl::Time now, const ServiceHealth& health = {});

  // The alerts that changed since the last call: what must be written down of the ticks and reloads in between.
  AlertChanges TakeChanges();

  // --- After a restart, before the first tick: what a ledger kept.

  // Puts back what is visited. Counts of tiers that are gone, and what a clock that ran ahead dated more than kMaxAhead
  // after the start, are left out. The visitor must not outlive the pipeline.
  Ledger::Visitor RestoreCounts();
  // Instead of RestoreCounts: goes on with the counts of `before`, as if a ledger had kept them. `before` is good for
  // nothing then. REQUIRES: both have the same rules, and nothing is admitted in `before` and not applied.
  void TakeCounts(Pipeline& before);
  // Puts back the alerts of the evaluation at `head`. The time since then does not count towards `for`,
  // keep_firing_for and no_data_hold. Those whose rule is gone end with reason "removed" at the first tick.
  // REQUIRES: counts are restored first.
  void RestoreAlerts(std::vector<AlertRecord> records, absl::Time head);
  // That `head`; absent when there was nothing to take over.
  std::optional<absl::Time> resumed() const { return resumed_; }

  // Ticks that were due and did not happen, because evaluation overran or the clock jumped ahead.
  void CountMissedTicks(int64_t ticks) { stats_.missed_ticks += ticks; }

  // Whether further ticks change nothing until an event comes: no window holds an event or will when now passes those
  // counted ahead, no burn alert is active, no NoData alert can still begin, and no maintenance is to come. A replay
  // skips such ticks.
  bool IsQuiet() const;

  // Takes over a configuration. Alerts that both have keep their state; firing ones that are gone resolve ("removed").
  // Errors: FailedPrecondition, changing nothing, when a setting differs that only a restart can change.
  absl::Status Reload(std::shared_ptr<const RuleSet> rules);

  // --- How things stood at the last tick, for who looks closer. Good until the next call that changes anything.

  Evaluation LastEvaluation() const;
  const TierWatch& watch(int tier) const { return watches_[static_cast<size_t>(tier)]; }
  FeedState FeedOf(int tier) const;
  // When `source` was last seen alive.
  std::optional<absl::Time> LastLife(Source source) const { return LastLife(source, last_tick_); }

  // How everything looks after the last tick. Makes the words of firing alerts anew that grew old.
  SnapshotPtr TakeSnapshot();

 private:
  Evaluation At(absl::Time now) const;
  std::optional<absl::Time> LastLife(Source source, absl::Time now) const;
  void CompileMaintenance();
  FeedState Feed(const Tier& tier, int number, const Evaluation& evaluation) const;
  // What follows from rules_.
  void SetRules(std::shared_ptr<const RuleSet> rules);
  // The tier of this configuration that an event belongs to.
  int MapTier(const FoldedBatch& batch, int tier) const;
  // The tier that an admitted delta belongs to now; absent when it is gone.
  std::optional<int> TierNow(const BatchRecord& record, const Delta& delta) const;
  void Count(const Delta& delta);
  void PlaceEndpointOf(const AlertRecord& record);
  void TakeBackAlerts();

  std::shared_ptr<const RuleSet> rules_;
  std::shared_ptr<const std::vector<std::string>> tier_names_;
  std::string latency_bounds_;  // LatencyBoundsText
  const PipelineOptions options_;
  const absl::Time start_;
  TransitionSink& sink_;
  TrafficStore traffic_;
  TrafficStore::InFlight in_flight_;
  std::vector<TierWatch> watches_;  // by tier
  ServiceWatch service_watch_;
  RemovedAlerts removed_;  // restored ones whose rule is gone end at the first tick
  AlertChanges changes_;   // of alerts that changed hands, until they are taken
  std::optional<absl::Time> resumed_;
  // Until then a silent feed is our own doing: the process had not started, or refused what came.
  absl::Time excused_until_;
  std::array<SignsOfLife, kNumSources> lives_;
  absl::Time last_tick_;
  EngineObserver::Ingest ingest_at_last_tick_ = EngineObserver::Ingest::kOpen;
  MaintenanceListPtr maintenance_;
  MaintenanceListPtr maintenance_at_last_tick_;
  std::vector<TierMaintenance> tier_maintenance_;  // made from these two, by tier
  EngineStats stats_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_PIPELINE_H_
