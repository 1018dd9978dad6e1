#include "engine/budget.h"

#include <algorithm>

#include "engine/burn_rate.h"

namespace firebreak {

std::array<absl::Duration, 2> ProjectionWindows(absl::Duration period) {
  return {std::min(absl::Hours(1), period), std::min(absl::Hours(6), period)};
}

BudgetView MakeBudget(const Decimal& objective, absl::Duration period, const BudgetCounts& counts) {
  BudgetView budget;
  budget.counts = counts.period;
  budget.excluded = counts.excluded;
  budget.allowed_bad = AllowedBad(counts.period.total, objective);
  if (counts.period.total > 0) budget.consumed = static_cast<double>(counts.period.bad) / budget.allowed_bad;
  budget.remaining = 1 - budget.consumed;
  budget.data_held = counts.data_held;
  budget.coverage = absl::FDivDuration(counts.data_held, period);
  const std::array<absl::Duration, 2> windows = ProjectionWindows(period);
  for (size_t i = 0; i < windows.size(); ++i) {
    const std::optional<double> burn = BurnRate(counts.projected[i].bad, counts.projected[i].total, objective);
    budget.projections[i] = {windows[i], burn, TimeLeft(budget.remaining, burn.value_or(0), period)};
  }
  return budget;
}

}  // namespace firebreak
