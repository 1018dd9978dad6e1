#ifndef FIREBREAK_ENGINE_LEDGER_REPLAY_H_
#define FIREBREAK_ENGINE_LEDGER_REPLAY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/maintenance.h"
#include "engine/pipeline.h"
#include "engine/replay.h"
#include "engine/tick_observer.h"
#include "engine/transition.h"
#include "rules/config.h"
#include "rules/rule_set.h"
#include "storage/ledger/records.h"

namespace firebreak {

// Replays the tier counts that a ledger keeps, 30 s wide, through a Pipeline: what other thresholds, windows or
// objectives would have done with the traffic that was.
//   (1) Windows are exact on the grid of the rows. Evaluation is at that grid or a multiple of it, so that a transition
//       may come up to one step later than it did live.
//   (2) Tiers with alert_by: endpoint cannot be judged, since the rows know no endpoint: of theirs only NoData is told.
// Thread-compatible.
class LedgerReplay {
 public:
  static constexpr absl::Duration kRowWidth = absl::Seconds(30);

  // `config` with the slots of the rows: an evaluation_interval of 30 s, or its own where that is wider.
  // Errors: InvalidArgument for a window or an evaluation_delay that is not a multiple of it.
  static absl::StatusOr<Config> OnRowGrid(Config config);

  // Evaluates from `since` on; what ended before is counted and not evaluated. `sink` must outlive it.
  // REQUIRES: the rules are OnRowGrid; step is a multiple of their evaluation_interval.
  LedgerReplay(std::shared_ptr<const RuleSet> rules, PipelineOptions options, absl::Time since, absl::Duration step,
               TransitionSink& sink);
  ~LedgerReplay();

  // Shows every tick to `observer`, which must outlive this. REQUIRES: nothing was taken yet.
  void Observe(TickObserver& observer);

  void SetMaintenance(MaintenanceListPtr windows);

  // Takes the rows in the order of their ends. Rows of tiers that the configuration does not have are left out.
  void Take(const SeriesName& series, const CountRow& row);

  // The tiers whose burn alerts are not told.
  std::vector<std::string> NotJudged() const;
  // Rows wider than the grid: counted at their end, so that windows which cut them are not exact.
  int64_t wide_rows() const { return wide_rows_; }

  // The last evaluation is at or before `until`.
  ReplaySummary Finish(absl::Time until);

 private:
  class Judged;

  void TickBefore(absl::Time time);

  const std::shared_ptr<const RuleSet> rules_;
  const absl::Time since_;
  const absl::Duration step_;
  const std::unique_ptr<Judged> sink_;
  TickObserver* observer_ = nullptr;
  Pipeline pipeline_;
  absl::Time next_tick_;
  int64_t wide_rows_ = 0;
  ReplaySummary summary_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LEDGER_REPLAY_H_
