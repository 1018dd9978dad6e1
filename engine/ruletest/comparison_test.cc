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

TEST(HoldsForBudgetLeftTest, IsExactBelowZero) {
  const Decimal objective = D("0.99");
  const auto negative = [](Sign sign, const std::string& value, int decimals) {
    Comparison comparison = C(sign, value, decimals);
    comparison.is_negative = true;
    return comparison;
  };
  const SloCounts overspent{500, 1000};  // 50 times what is allowed: -4900 % are left
  EXPECT_TRUE(HoldsForBudgetLeft(negative(Sign::kIs, "49", 2), overspent, objective));
  EXPECT_FALSE(HoldsForBudgetLeft(negative(Sign::kIs, "48.99", 2), overspent, objective));
  EXPECT_TRUE(HoldsForBudgetLeft(negative(Sign::kLess, "48", 0), overspent, objective));
  EXPECT_FALSE(HoldsForBudgetLeft(negative(Sign::kLess, "49", 0), overspent, objective));
  EXPECT_TRUE(HoldsForBudgetLeft(negative(Sign::kAtMost, "49", 0), overspent, objective));
  EXPECT_TRUE(HoldsForBudgetLeft(negative(Sign::kMore, "49.01", 2), overspent, objective));
  EXPECT_FALSE(HoldsForBudgetLeft(negative(Sign::kMore, "49", 0), overspent, objective));
  EXPECT_TRUE(HoldsForBudgetLeft(negative(Sign::kMore, "1", 0), {0, 0}, objective));
  EXPECT_FALSE(HoldsForBudgetLeft(negative(Sign::kLess, "1", 0), {0, 0}, objective));
  EXPECT_FALSE(HoldsForBudgetLeft(negative(Sign::kLess, "0", 0), {10, 1000}, objective)) << "0 are left";
}

// What is shown beside an expectation that does not hold can never look as if it did.
TEST(ExactBurnTextTest, CannotBeMistakenForWhatWasExpected) {
  const Decimal objective = D("0.99");
  struct Row {
    Comparison comparison;
    SloCounts window;
    std::string text;
  };
  const Row rows[] = {
      {C(Sign::kIs, "14.3", 1), {14350, 100000}, "burn 14.35x"},
      {C(Sign::kIs, "14.4", 1), {1434999, 10000000}, "burn 14.34999x"},
      {C(Sign::kIs, "14", 0), {20, 100}, "burn 20.0x"},
      {C(Sign::kMore, "14.35", 2), {14350, 100000}, "burn 14.350x"},
      {C(Sign::kMore, "14.3", 1), {1429999, 10000000}, "burn 14.30x"},
      {C(Sign::kAtLeast, "14.3", 1), {1429999, 10000000}, "burn 14.29999x"},
      {C(Sign::kLess, "14.4", 1), {1440001, 10000000}, "burn 14.40x"},
      {C(Sign::kIs, "14.4", 1), {14400, 100000}, ""},
      {C(Sign::kIs, "14.4", 1), {0, 0}, ""},
  };
  for (const Row& row : rows) EXPECT_EQ(ExactBurnText(row.comparison, row.window, objective), row.text);
}

TEST(BudgetLeftTextTest, CannotBeMistakenForWhatWasExpected) {
  EXPECT_EQ(BudgetLeftText(C(Sign::kIs, "0.496", 3), 0.4965), "49.65");
  EXPECT_EQ(BudgetLeftText(C(Sign::kIs, "0.99999", 5), 0.999984), "99.9984");
  EXPECT_EQ(BudgetLeftText(C(Sign::kLess, "0.9", 2), 0.95), "95.0");
  EXPECT_EQ(BudgetLeftText(C(Sign::kAtLeast, "0.9", 2), 0.8999999), "89.99999");
}

}  // namespace
}  // namespace firebreak
