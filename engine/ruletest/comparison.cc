#include "engine/ruletest/comparison.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/burn_rate.h"
#include "fmt/format.h"
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

double ValueOf(const Comparison& comparison) {
  return comparison.is_negative ? -comparison.value.ToDouble() : comparison.value.ToDouble();
}

// Equal at the precision written: half a unit of the last digit belongs to the number above.
bool IsAsWritten(const Comparison& comparison, double number) {
  constexpr double kSlack = 1e-12;  // of what doubles leave over
  const double half = 0.5 * std::pow(10, -comparison.decimals);
  const double wanted = ValueOf(comparison);
  const double slack = kSlack * std::max(1.0, std::abs(wanted));
  return number >= wanted - half - slack && number < wanted + half - slack;
}

bool HoldsForShown(const Comparison& comparison, double shown) {
  if (comparison.sign == Comparison::Sign::kIs) return IsAsWritten(comparison, shown);
  return Holds(comparison.sign, {shown<ValueOf(comparison), shown> ValueOf(comparison)});
}

// How many decimals of a number that does not hold it takes to see that.
int DecimalsToTell(const Comparison& comparison, double number) {
  constexpr int kMost = 15;
  int decimals = comparison.decimals + 1;
  const auto shown = [&] { return std::round(number * std::pow(10, decimals)) / std::pow(10, decimals); };
  while (decimals < kMost && HoldsForShown(comparison, shown())) ++decimals;
  return decimals;
}

// 1 + what may be left of a budget below 0: the share that is spent then.
Decimal OnePlus(const Decimal& value) {
  int64_t one = 1;
  for (int i = 0; i < value.scale(); ++i) one *= 10;
  return Decimal::FromParts(value.digits() + one, value.scale());
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
  if (!comparison.is_negative && whole < comparison.value) return Holds(comparison.sign, {true, false});
  if (counts.total == 0) return Holds(comparison.sign, {false, comparison.is_negative || comparison.value < whole});
  // Less than v is left when more than 1 - v is spent.
  const Threshold spent(comparison.is_negative ? OnePlus(comparison.value) : comparison.value.OneMinus(), objective);
  return Holds(comparison.sign,
               {spent.ExceededBy(counts.bad, counts.total), !spent.ReachedBy(counts.bad, counts.total)});
}

std::string ExactBurnText(const Comparison& comparison, const SloCounts& window, const Decimal& objective) {
  const std::optional<double> burn = BurnRate(window.bad, window.total, objective);
  if (!burn || HoldsForBurn(comparison, window, objective)) return "";
  return fmt::format("burn {:.{}f}x", *burn, DecimalsToTell(comparison, *burn));
}

std::string BudgetLeftText(const Comparison& comparison, double left) {
  return fmt::format("{:.{}f}", 100 * left, std::max(1, DecimalsToTell(comparison, left) - 2));
}

}  // namespace firebreak
