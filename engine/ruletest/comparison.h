#ifndef FIREBREAK_ENGINE_RULETEST_COMPARISON_H_
#define FIREBREAK_ENGINE_RULETEST_COMPARISON_H_

#include <cstdint>
#include <string>

#include "engine/slo.h"
#include "rules/decimal.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// Whether a number is as a test expects it. <, <=, > and >= are decided exactly, without rounding; a number without a
// sign is equal at the precision it is written with. All are pure.

bool HoldsForCount(const Comparison& comparison, int64_t count);

// The burn rate of a window. False without data. REQUIRES: objective < 1.
bool HoldsForBurn(const Comparison& comparison, const SloCounts& window, const Decimal& objective);

// The share of the error budget that is left of these counts; 1 without requests. REQUIRES: objective < 1.
bool HoldsForBudgetLeft(const Comparison& comparison, const SloCounts& counts, const Decimal& objective);

// What was there instead, with so many digits that it cannot be mistaken for what was expected: at least one more than
// that has. "burn 14.35x", or "" where it holds or there is no data; "49.65" of 49.65 %.
std::string ExactBurnText(const Comparison& comparison, const SloCounts& window, const Decimal& objective);
std::string BudgetLeftText(const Comparison& comparison, double left);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_COMPARISON_H_
