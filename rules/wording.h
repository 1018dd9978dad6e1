#ifndef FIREBREAK_RULES_WORDING_H_
#define FIREBREAK_RULES_WORDING_H_

#include <string>

#include "absl/time/time.h"
#include "rules/decimal.h"

namespace firebreak {

// "1200 ms", "0.5 ms": a latency as the configuration writes it.
std::string LatencyText(absl::Duration latency);

// How long a full budget lasts at a burn, for people: "50 hours", "5 days", "7.5 days", "43.2 minutes" (rounded to a
// tenth). Source: a budget of `period` at burn b is empty after period / b. REQUIRES: burn > 0.
std::string BudgetLastsText(absl::Duration period, const Decimal& burn);

// "30-day" for 30d, "36-hour" for 36h: a period before a noun. REQUIRES: whole hours.
std::string PeriodText(absl::Duration period);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_WORDING_H_
