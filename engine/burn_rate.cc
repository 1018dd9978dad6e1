#include "engine/burn_rate.h"

#include <cmath>

namespace firebreak {

std::optional<double> BurnRate(int64_t bad, int64_t total, const Decimal& objective) {
  if (total == 0) return std::nullopt;
  return static_cast<double>(bad) / static_cast<double>(total) / objective.OneMinus().ToDouble();
}

double AllowedBad(int64_t total, const Decimal& objective) {
  const Decimal share = objective.OneMinus();
  // A power of ten is exact as a double, a share such as 0.001 is not.
  return static_cast<double>(total) * static_cast<double>(share.digits()) / std::pow(10.0, share.scale());
}

double BudgetLeft(int64_t bad, int64_t total, const Decimal& objective) {
  if (total == 0) return 1;
  return 1 - static_cast<double>(bad) / AllowedBad(total, objective);
}

std::optional<absl::Duration> TimeLeft(double budget_left, double burn, absl::Duration period) {
  if (budget_left <= 0) return absl::ZeroDuration();
  if (burn <= 0) return std::nullopt;
  return budget_left * period / burn;
}

}  // namespace firebreak
