#ifndef FIREBREAK_ENGINE_REMOVED_ALERTS_H_
#define FIREBREAK_ENGINE_REMOVED_ALERTS_H_

#include <set>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_record.h"
#include "engine/labels.h"
#include "engine/transition.h"

namespace firebreak {

// The alerts that no rule has any more, because a reload or a restart took away their tier, pair, SLO or service. What
// is active ends with reason "removed"; what is resolved, by that or before, is shown as long as any other. When a rule
// comes back it takes the record back. Thread-compatible.
class RemovedAlerts {
 public:
  void Add(AlertRecords records);

  // Ends every alert that is pending or firing.
  void End(absl::Time now, TransitionSink& sink);

  // For rules that came back: they take their records out.
  AlertRecords& records() { return records_; }

  // As TierWatch's. A view whose labels are among `alerts` already is left out: a rule shows that alert itself.
  void CollectAlerts(absl::Time now, std::vector<AlertViewPtr>& alerts);
  void CollectChanges(AlertChanges& changes);

 private:
  AlertRecords records_;
  std::set<Labels> unsaved_;  // identities of those that differ from what was collected last
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_REMOVED_ALERTS_H_
