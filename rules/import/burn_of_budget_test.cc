#include "rules/import/burn_of_budget.h"

#include <string>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

std::string Burn(const char* percent, absl::Duration period, absl::Duration window) {
  const std::optional<BurnOfBudget> burn = BurnThatSpends(*Decimal::Parse(percent), period, window);
  if (!burn.has_value()) return "none";
  return burn->burn.ToString() + (burn->is_exact ? "" : "…");
}

TEST(BurnOfBudgetTest, IsTheSreWorkbooks) {
  constexpr absl::Duration kMonth = absl::Hours(24 * 30);
  EXPECT_EQ(Burn("2", kMonth, absl::Hours(1)), "14.4");
  EXPECT_EQ(Burn("5", kMonth, absl::Hours(6)), "6");
  EXPECT_EQ(Burn("10", kMonth, absl::Hours(24)), "3");
  EXPECT_EQ(Burn("10", kMonth, absl::Hours(72)), "1");
  EXPECT_EQ(Burn("2", absl::Hours(24 * 28), absl::Hours(1)), "13.44");
  EXPECT_EQ(Burn("0.25", kMonth, absl::Minutes(5)), "21.6");
}

TEST(BurnOfBudgetTest, WhatHasNoEndIsCut) {
  EXPECT_EQ(Burn("1", absl::Hours(24 * 28), absl::Minutes(54)), "7.466666666666…");
  EXPECT_EQ(Burn("100", absl::Hours(1), absl::Hours(3)), "0.333333333333…");
}

TEST(BurnOfBudgetTest, WhatNoAlertCanGoByIsNone) {
  EXPECT_EQ(Burn("0", absl::Hours(24), absl::Hours(1)), "none");
  EXPECT_EQ(Burn("0.000000000001", absl::Hours(1), absl::Hours(100)), "none");
  EXPECT_EQ(Burn("100", absl::Seconds(1'000'000), absl::Seconds(1)), "none");
  EXPECT_EQ(Burn("100", absl::Seconds(999'999), absl::Seconds(1)), "999999");
  EXPECT_EQ(Burn("999999999999999999", absl::Hours(24 * 366), absl::Hours(1)), "none");
}

}  // namespace
}  // namespace firebreak
