#include "rules/wording.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(WordingTest, ABudgetLastsPeriodOverBurn) {
  const struct {
    int period_hours;
    Decimal burn;
    std::string_view want;
  } kRows[] = {
      {720, Decimal::FromParts(144, 1), "50 hours"},  {720, Decimal::FromParts(6, 0), "5 days"},
      {720, Decimal::FromParts(360, 0), "2 hours"},   {720, Decimal::FromParts(720, 0), "1 hour"},
      {720, Decimal::FromParts(1, 0), "30 days"},     {720, Decimal::FromParts(96, 1), "3.1 days"},
      {720, Decimal::FromParts(10, 0), "3 days"},     {720, Decimal::FromParts(1000, 0), "43.2 minutes"},
      {720, Decimal::FromParts(11, 0), "65.5 hours"},
  };
  for (const auto& row : kRows) EXPECT_EQ(BudgetLastsText(absl::Hours(row.period_hours), row.burn), row.want);
}

TEST(WordingTest, LatenciesReadAsWritten) {
  EXPECT_EQ(LatencyText(absl::Milliseconds(1200)), "1200 ms");
  EXPECT_EQ(LatencyText(absl::Microseconds(500)), "0.5 ms");
  EXPECT_EQ(LatencyText(absl::Nanoseconds(1)), "0.000001 ms");
}

TEST(WordingTest, PeriodsStandBeforeANoun) {
  EXPECT_EQ(PeriodText(absl::Hours(720)), "30-day");
  EXPECT_EQ(PeriodText(absl::Hours(36)), "36-hour");
}

}  // namespace
}  // namespace firebreak
