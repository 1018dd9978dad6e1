#include "engine/budget.h"

#include "engine/burn_rate.h"
#include "engine/testing.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

constexpr absl::Duration kMonth = absl::Hours(30 * 24);

// A budget of `bad` failures among `total` requests, with the same share of bad ones in both windows of the projections
// as `burn` means.
BudgetView Budget(const char* objective, int64_t bad, int64_t total, double burn = 0) {
  const Decimal promised = MustParseDecimal(objective);
  const int64_t burnt = static_cast<int64_t>(burn * promised.OneMinus().ToDouble() * 1e6 + 0.5);
  BudgetCounts counts;
  counts.period = {bad, total};
  counts.projected = {{{burnt, 1'000'000}, {burnt, 1'000'000}}};
  counts.data_held = kMonth / 4;
  return MakeBudget(promised, kMonth, counts);
}

// docs/semantics.md: allowed failures per 250,000 calls.
TEST(BudgetTest, WhatMayFailOf250000Calls) {
  const struct {
    const char* objective;
    double allowed;
  } kRows[] = {{"0.999", 250}, {"0.995", 1250}, {"0.99", 2500}, {"0.95", 12500}, {"0.9999", 25}};
  for (const auto& row : kRows) {
    const BudgetView budget = Budget(row.objective, static_cast<int64_t>(row.allowed), 250'000);
    EXPECT_EQ(budget.allowed_bad, row.allowed) << row.objective;
    EXPECT_EQ(budget.consumed, 1) << row.objective;
    EXPECT_EQ(budget.remaining, 0) << row.objective;
    EXPECT_EQ(Budget(row.objective, static_cast<int64_t>(row.allowed) - 1, 250'000).remaining > 0, true);
  }
}

TEST(BudgetTest, WhatIsLeftLastsPeriodOverBurn) {
  const struct {
    int64_t bad;  // of 1,000,000 at 99.9 %: 1,000 are allowed
    double burn;
    std::optional<absl::Duration> lasts;
  } kRows[] = {
      {0, 14.4, absl::Hours(50)},  // the article says 2 hours
      {0, 360, absl::Hours(2)},    // … which takes this
      {0, 6, absl::Hours(5 * 24)},     {0, 1, kMonth},
      {500, 14.4, absl::Hours(25)},    {0, 0, std::nullopt},
      {999, 0, std::nullopt},          {1000, 14.4, absl::ZeroDuration()},
      {1000, 0, absl::ZeroDuration()}, {4000, 14.4, absl::ZeroDuration()},  // no negative hours
  };
  for (const auto& row : kRows) {
    const BudgetView budget = Budget("0.999", row.bad, 1'000'000, row.burn);
    for (const BudgetProjection& projection : budget.projections) {
      ASSERT_EQ(projection.lasts.has_value(), row.lasts.has_value()) << row.bad << " at " << row.burn;
      if (!row.lasts) continue;
      EXPECT_LT(absl::AbsDuration(*projection.lasts - *row.lasts), absl::Seconds(1)) << row.bad << " at " << row.burn;
    }
  }
}

// "2 % in one hour" holds at mean traffic only: an hour with ten times the requests spends ten times as much.
TEST(BudgetTest, IsWeightedByVolume) {
  const int64_t per_hour = 10'000;
  const int64_t total = per_hour * 720;
  EXPECT_NEAR(Budget("0.999", per_hour * 144 / 10'000, total).consumed, 0.02, 1e-12);
  EXPECT_NEAR(Budget("0.999", 10 * per_hour * 144 / 10'000, total + 9 * per_hour).consumed, 0.2 / (1 + 9.0 / 720),
              1e-12);
}

TEST(BudgetTest, WithoutRequestsNothingIsSpentAndNothingProjected) {
  const BudgetView budget = MakeBudget(MustParseDecimal("0.999"), kMonth, {});
  EXPECT_EQ(budget.allowed_bad, 0);
  EXPECT_EQ(budget.consumed, 0);
  EXPECT_EQ(budget.remaining, 1);
  EXPECT_EQ(budget.coverage, 0);
  for (const BudgetProjection& projection : budget.projections) {
    EXPECT_EQ(projection.burn, std::nullopt);
    EXPECT_EQ(projection.lasts, std::nullopt);
  }
}

TEST(BudgetTest, SaysWhatItCovers) {
  EXPECT_EQ(Budget("0.999", 0, 1).coverage, 0.25);
  EXPECT_EQ(Budget("0.999", 0, 1).data_held, kMonth / 4);
}

TEST(BudgetTest, EachProjectionGoesByItsOwnWindow) {
  BudgetCounts counts;
  counts.period = {0, 1'000'000};
  counts.projected = {{{144, 10'000}, {0, 0}}};
  const BudgetView budget = MakeBudget(MustParseDecimal("0.999"), kMonth, counts);
  EXPECT_EQ(budget.projections[0].window, absl::Hours(1));
  EXPECT_NEAR(absl::ToDoubleHours(*budget.projections[0].lasts), 50, 1e-6);
  EXPECT_EQ(budget.projections[1].window, absl::Hours(6));
  EXPECT_EQ(budget.projections[1].lasts, std::nullopt);
}

TEST(BudgetTest, NoProjectionLooksBackBeyondThePeriod) {
  EXPECT_EQ(ProjectionWindows(absl::Hours(1))[1], absl::Hours(1));
  EXPECT_EQ(ProjectionWindows(absl::Hours(3))[1], absl::Hours(3));
  EXPECT_EQ(ProjectionWindows(kMonth)[1], absl::Hours(6));
}

}  // namespace
}  // namespace firebreak
