#ifndef FIREBREAK_RULES_IMPORT_BURN_OF_BUDGET_H_
#define FIREBREAK_RULES_IMPORT_BURN_OF_BUDGET_H_

#include <optional>

#include "absl/time/time.h"
#include "rules/decimal.h"

namespace firebreak {

struct BurnOfBudget {
  Decimal burn;
  bool is_exact = true;  // else cut after twelve digits behind the point
};

// The burn that spends `percent` % of a period's budget in `window`: percent / 100 * period / window (SRE Workbook,
// "Alerting on SLOs"). 2 % of 30 days in 1 hour is 14.4. nullopt when it is 0, or a million or more.
// REQUIRES: whole seconds, window > 0.
std::optional<BurnOfBudget> BurnThatSpends(const Decimal& percent, absl::Duration period, absl::Duration window);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_IMPORT_BURN_OF_BUDGET_H_
