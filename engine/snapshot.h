#ifndef FIREBREAK_ENGINE_SNAPSHOT_H_
#define FIREBREAK_ENGINE_SNAPSHOT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_view.h"
#include "engine/budget.h"
#include "engine/maintenance.h"
#include "engine/no_data_rule.h"
#include "engine/slo.h"
#include "engine/transition.h"
#include "rules/rule_set.h"

namespace firebreak {

// What one pair of an SLO shows at one instant.
struct PairView {
  std::string name;
  Severity severity = Severity::kPage;
  Decimal burn;           // the threshold, as a burn rate
  std::string threshold;  // … and as an exact percentage of errors: "1.44"
  WindowReading short_window;
  WindowReading long_window;
  AlertStatus status = AlertStatus::kInactive;  // of the tier's own alert; the highest endpoint's with alert_by
};

struct SloView {
  Slo slo = Slo::kAvailability;
  Decimal objective;
  BudgetView budget;
  std::vector<PairView> pairs;
};

struct TierView {
  std::string name;
  FeedState feed = FeedState::kLost;
  std::optional<absl::Time> last_event;         // end of its slot
  double coverage = 0;                          // of the period
  std::optional<absl::Time> maintenance_until;  // while under maintenance
  std::vector<SloView> slos;
};

// Counters of the engine since it started.
struct EngineStats {
  int64_t ticks = 0;
  int64_t missed_ticks = 0;      // skipped because evaluation overran or the clock jumped ahead
  int64_t events = 0;            // applied or late
  int64_t late_dropped = 0;      // older than everything held
  int64_t overflow_dropped = 0;  // refused by a full counter
  int64_t transitions = 0;
};

// Everything the engine shows at one instant. Immutable and shared: readers never touch the engine.
struct Snapshot {
  absl::Time at;  // the last evaluation
  absl::Time started;
  std::shared_ptr<const RuleSet> rules;
  std::vector<TierView> tiers;       // as in the configuration
  std::vector<AlertViewPtr> alerts;  // pending, firing, and resolved in the last 15 minutes
  MaintenanceListPtr maintenance;
  EngineStats stats;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_SNAPSHOT_H_
