#include "engine/ruletest/comparison.h"

#include <cmath>

#include "engine/burn_rate.h"
#include "rules/threshold.h"

namespace firebreak {
namespace {

// How a number lies to the one it is compared with.
struct Relation {
  bool less = false;
  bool more = false;
};

bool Holds(Comparison::Sign sign, const Relation& relation) {
  switch (sign) {
    case Comparison::Sign::kLess:
      return relation.less;
    case Comparison::Sign::kAtMost:
      return !relation.more;
    case Comparison::Sign::kMore:
      return relation.more;
    case Comparison::Sign::kAtLeast:
      return !relation.less;
    case Comparison::Sign::kIs:
      break;
  }
  return !relation.less && !relation.more;
}

// Equal at the precision written: half a unit of the last digit belongs to the number above.
bool IsAsWritten(const Comparison& comparison, double number) {
  constexpr double kSlack = 1e-12;  // of what doubles leave over
  const double half = 0.5 * std::pow(10, -comparison.decimals);
  const double wanted = comparison.value.ToDouble();
  const double slack = kSlack * std::max(1.0, std::abs(wanted));
  return number >= wanted - half - slack && number < wanted + half - slack;
}

}  // namespace

bool HoldsForCount(const Comparison& comparison, int64_t count) {
  const Decimal whole = Decimal::FromParts(count, 0);
  return Holds(comparison.sign, {whole < comparison.value, comparison.value < whole});
}

bool HoldsForBurn(const Comparison& comparison, const SloCounts& window, const Decimal& objective) {
  const std::optional<double> burn = BurnRate(window.bad, window.total, objective);
  if (!burn) return false;
  if (comparison.sign == Comparison::Sign::kIs) return IsAsWritten(comparison, *burn);
  const Threshold threshold(comparison.value, objective);
  return Holds(comparison.sign,
               {!threshold.ReachedBy(window.bad, window.total), threshold.ExceededBy(window.bad, window.total)});
}

bool HoldsForBudgetLeft(const Comparison& comparison, const SloCounts& counts, const Decimal& objective) {
  const double left = BudgetLeft(counts.bad, counts.total, objective);
  if (comparison.sign == Comparison::Sign::kIs) return IsAsWritten(comparison, left);
  const Decimal whole = Decimal::FromParts(1, 0);
  if (whole < comparison.value) return Holds(comparison.sign, {true, false});
  if (counts.total == 0) return Holds(comparison.sign, {false, comparison.value < whole});
  // Less than v is left when more than 1 - v is spent.
  const Threshold spent(comparison.value.OneMinus(), objective);
  return Holds(comparison.sign,
               {spent.ExceededBy(counts.bad, counts.total), !spent.ReachedBy(counts.bad, counts.total)});
}

}  // namespace firebreak
