#ifndef FIREBREAK_ENGINE_BURN_RATE_H_
#define FIREBREAK_ENGINE_BURN_RATE_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "rules/decimal.h"

namespace firebreak {

// Burn rates and budgets as numbers to show. What fires is decided by Threshold, exactly; nothing here decides.
// All functions are pure. `bad` of `total` are counts of one SLO: failed of all, or slow of timed.

// Burn rate = (bad / total) / (1 - objective), a plain ratio: 1.0 spends the budget exactly over the SLO period
// (SRE Workbook, "Alerting on SLOs"). No events is nullopt, not zero. REQUIRES: objective < 1.
std::optional<double> BurnRate(int64_t bad, int64_t total, const Decimal& objective);

// How many of `total` may be bad: total * (1 - objective), exactly where that is a whole number below
// 2^53. REQUIRES: objective < 1.
double AllowedBad(int64_t total, const Decimal& objective);

// The share of the error budget that is left: 1 - bad / (total * (1 - objective)), volume-weighted, of the counts
// given. Negative when more than the budget was spent; 1 when there were no events. REQUIRES: objective < 1.
double BudgetLeft(int64_t bad, int64_t total, const Decimal& objective);

// How long what is left of the budget lasts at a steady burn: left * period / burn (docs/semantics.md).
// Zero when nothing is left; nullopt when it lasts for ever (burn 0).
std::optional<absl::Duration> TimeLeft(double budget_left, double burn, absl::Duration period);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_BURN_RATE_H_
