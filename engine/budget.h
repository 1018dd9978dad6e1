#ifndef FIREBREAK_ENGINE_BUDGET_H_
#define FIREBREAK_ENGINE_BUDGET_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "engine/slo.h"
#include "rules/decimal.h"

namespace firebreak {

// How long what is left of an error budget lasts if it goes on burning as it did over the last `window`.
struct BudgetProjection {
  absl::Duration window;
  std::optional<double> burn;           // absent without data
  std::optional<absl::Duration> lasts;  // zero = exhausted; absent = for ever, or there is no burn to go by
};

// One error budget over the rolling period, of the data held: what may fail, what did, and how long the rest lasts.
// Requests under maintenance are in none of it but `excluded`. Shares are weighted by volume: bad requests of those
// allowed. docs/semantics.md, "Budget".
struct BudgetView {
  SloCounts counts;
  SloCounts excluded;
  double allowed_bad = 0;    // total * (1 - objective)
  double consumed = 0;       // share of allowed_bad that failed; 0 without requests, above 1 when overspent
  double remaining = 1;      // 1 - consumed
  absl::Duration data_held;  // how much of the period the counts cover …
  double coverage = 0;       // … and as a share
  std::array<BudgetProjection, 2> projections;  // at the burn of the last hour, and of the last six
};

// The windows that projections are made from; no longer than the period.
std::array<absl::Duration, 2> ProjectionWindows(absl::Duration period);

// What a budget is computed from.
struct BudgetCounts {
  SloCounts period;
  SloCounts excluded;                  // of the period
  std::array<SloCounts, 2> projected;  // of ProjectionWindows(period)
  absl::Duration data_held;
};

// Pure. REQUIRES: objective < 1, 0 <= data_held <= period.
BudgetView MakeBudget(const Decimal& objective, absl::Duration period, const BudgetCounts& counts);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_BUDGET_H_
