#ifndef FIREBREAK_ENGINE_LAB_DERIVE_INCIDENTS_H_
#define FIREBREAK_ENGINE_LAB_DERIVE_INCIDENTS_H_

#include <vector>

#include "absl/time/time.h"
#include "engine/lab/slo_history.h"
#include "rules/decimal.h"
#include "rules/incident_file.h"

namespace firebreak {

// The error budget of one period at the mean traffic of (begin, end], in bad requests: what shares of the budget are
// shares of. 0 without traffic. REQUIRES: begin < end, objective < 1.
double PeriodBudget(const SloHistory& history, const Decimal& objective, absl::Duration period, absl::Time begin,
                    absl::Time end);

// For want of labels: every stretch that spends at least `least_share` of `budget` (bad requests) at once. A stretch is
// where the burn rate of the last five minutes stays above 1, evaluated each minute (or finest slot, if that is wider),
// from the first bad request to the last. What a burn-rate rule is measured by is then itself a burn rate: circular,
// and to be marked so. Tier and slo are left empty. REQUIRES: budget > 0.
std::vector<Incident> DeriveIncidents(const SloHistory& history, const Decimal& objective, double budget,
                                      double least_share);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_DERIVE_INCIDENTS_H_
