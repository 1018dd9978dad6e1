#include "engine/ruletest/comparison.h"

#include <string>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

using Sign = Comparison::Sign;

Decimal D(const std::string& text) { return *Decimal::Parse(text); }
Comparison C(Sign sign, const std::string& value, int decimals) { return {sign, D(value), decimals, value}; }

TEST(HoldsForCountTest, ComparesExactly) {
  EXPECT_TRUE(HoldsForCount(C(Sign::kIs, "9000", 0), 9000));
  EXPECT_FALSE(HoldsForCount(C(Sign::kIs, "9000", 0), 9001));
  EXPECT_TRUE(HoldsForCount(C(Sign::kMore, "8999.5", 1), 9000));
  EXPECT_FALSE(HoldsForCount(C(Sign::kMore, "9000", 0), 9000));
  EXPECT_TRUE(HoldsForCount(C(Sign::kAtLeast, "9000", 0), 9000));
  EXPECT_FALSE(HoldsForCount(C(Sign::kLess, "9000", 0), 9000));
  EXPECT_TRUE(HoldsForCount(C(Sign::kAtMost, "9000", 0), 9000));
}

// 144 bad of 10,000 at 99.9 % burn exactly 14.4x.
TEST(HoldsForBurnTest, IsExactAtTheThreshold) {
  const Decimal objective = D("0.999");
  const SloCounts tie{144, 10000};
  EXPECT_FALSE(HoldsForBurn(C(Sign::kMore, "14.4", 1), tie, objective));
  EXPECT_TRUE(HoldsForBurn(C(Sign::kAtLeast, "14.4", 1), tie, objective));
  EXPECT_TRUE(HoldsForBurn(C(Sign::kAtMost, "14.4", 1), tie, objective));
  EXPECT_FALSE(HoldsForBurn(C(Sign::kLess, "14.4", 1), tie, objective));
  EXPECT_TRUE(HoldsForBurn(C(Sign::kMore, "14.4", 1), {145, 10000}, objective));
  EXPECT_TRUE(HoldsForBurn(C(Sign::kLess, "14.4", 1), {143, 10000}, objective));
}

TEST(HoldsForBurnTest, ABareNumberIsEqualAtItsOwnPrecision) {
  const Decimal objective = D("0.999");
  const Comparison is = C(Sign::kIs, "14.4", 1);
  EXPECT_FALSE(HoldsForBurn(is, {14349, 1000000}, objective));
  EXPECT_TRUE(HoldsForBurn(is, {14350, 1000000}, objective));
  EXPECT_TRUE(HoldsForBurn(is, {14449, 1000000}, objective));
  EXPECT_FALSE(HoldsForBurn(is, {14450, 1000000}, objective));
}

TEST(HoldsForBurnTest, WithoutDataNothingHolds) {
  for (const Sign sign : {Sign::kIs, Sign::kLess, Sign::kAtMost, Sign::kMore, Sign::kAtLeast}) {
    EXPECT_FALSE(HoldsForBurn(C(sign, "0", 0), {0, 0}, D("0.999")));
  }
}

TEST(HoldsForBudgetLeftTest, IsExact) {
  const Decimal objective = D("0.999");
  const SloCounts tenth_spent{10, 100000};  // of 100 allowed
  EXPECT_FALSE(HoldsForBudgetLeft(C(Sign::kLess, "0.9", 1), tenth_spent, objective));
  EXPECT_TRUE(HoldsForBudgetLeft(C(Sign::kAtLeast, "0.9", 1), tenth_spent, objective));
  EXPECT_TRUE(HoldsForBudgetLeft(C(Sign::kIs, "0.9", 3), tenth_spent, objective));
  EXPECT_FALSE(HoldsForBudgetLeft(C(Sign::kIs, "0.9", 3), {11, 100000}, objective));
  EXPECT_TRUE(HoldsForBudgetLeft(C(Sign::kLess, "0", 0), {101, 100000}, objective));
  EXPECT_FALSE(HoldsForBudgetLeft(C(Sign::kLess, "0", 0), {100, 100000}, objective));
  EXPECT_TRUE(HoldsForBudgetLeft(C(Sign::kIs, "1", 0), {0, 0}, objective));
  EXPECT_TRUE(HoldsForBudgetLeft(C(Sign::kLess, "1.5", 1), {0, 100}, objective));
}

}  // namespace
}  // namespace firebreak
