#ifndef FIREBREAK_ENGINE_BUDGET_HISTORY_H_
#define FIREBREAK_ENGINE_BUDGET_HISTORY_H_

#include <vector>

#include "absl/time/time.h"
#include "engine/evaluation.h"
#include "engine/slo.h"

namespace firebreak {

// How much of an error budget was left at an instant.
struct BudgetPoint {
  absl::Time at;
  double remaining = 1;
};

// At what steps the history of a budget is shown: at most 200 of them in the period, on borders of the slots that
// counts of such an age are kept in. Pure.
absl::Duration BudgetHistoryStep(absl::Duration period);

// How the budget of the period that ends now was spent: from 1, where what the tier's counts cover begins, down to
// BudgetView::remaining at evaluation.end. Each point is 1 less the share of what the *whole* period allows that had
// failed by then, so that the line never rises. Maintenance is left out, as in the budget. Empty before the first
// request that counts. Costs two window sums, and one for each maintenance window, a point.
// REQUIRES: the tier makes that promise.
std::vector<BudgetPoint> BudgetHistory(const Evaluation& evaluation, int tier, Slo slo);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_BUDGET_HISTORY_H_
