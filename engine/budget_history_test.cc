#include "engine/budget_history.h"

#include <memory>

#include "engine/pipeline.h"
#include "engine/testing.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

class BudgetHistoryTest : public ::testing::Test {
 protected:
  void Send(absl::Time when, int status, int64_t count) {
    pipeline_.Apply(Fold(rules_, {MakeEvent(when, "/pay", status, count)}));
  }
  void TickAt(absl::Time now) { pipeline_.Tick(now); }
  std::vector<BudgetPoint> History() { return BudgetHistory(pipeline_.LastEvaluation(), 0, Slo::kAvailability); }
  double BudgetShown() { return pipeline_.TakeSnapshot()->tiers[0].slos[0].budget.remaining; }
  // What is left at `when`, which must be a point.
  double LeftAt(absl::Time when) {
    for (const BudgetPoint& point : History()) {
      if (point.at == when) return point.remaining;
    }
    ADD_FAILURE() << "no point at " << when;
    return 0;
  }

  TransitionLog log_;
  std::shared_ptr<const RuleSet> rules_ = MakeRules(TestConfig());
  Pipeline pipeline_{rules_, {}, kTestStart, log_};
};

TEST(BudgetHistoryStepTest, KeepsWithinTwoHundredPoints) {
  const struct {
    absl::Duration period;
    absl::Duration step;
  } kRows[] = {
      {absl::Hours(1), absl::Minutes(5)},
      {absl::Minutes(1000), absl::Minutes(5)},
      {absl::Minutes(1001), absl::Minutes(30)},
      {7 * kDay, absl::Hours(1)},
      {30 * kDay, absl::Hours(4)},
      {90 * kDay, absl::Hours(12)},
      {100 * kDay, absl::Hours(12)},
      {101 * kDay, kDay},
      {365 * kDay, 2 * kDay},
  };
  for (const auto& row : kRows) EXPECT_EQ(BudgetHistoryStep(row.period), row.step) << row.period;
}

TEST_F(BudgetHistoryTest, BeforeTheFirstRequestThereIsNone) {
  EXPECT_TRUE(History().empty());
  TickAt(kTestStart + absl::Hours(1));
  EXPECT_TRUE(History().empty());
}

TEST_F(BudgetHistoryTest, OneRequestIsAFullBudgetFromBeginToNow) {
  Send(kTestStart + absl::Minutes(10), 200, 1);
  TickAt(kTestStart + absl::Minutes(15));
  const std::vector<BudgetPoint> points = History();
  ASSERT_EQ(points.size(), 2u);
  EXPECT_LE(points[0].at, kTestStart + absl::Minutes(10));
  EXPECT_EQ(points[1].at, kTestStart + absl::Minutes(15));
  for (const BudgetPoint& point : points) EXPECT_EQ(point.remaining, 1);
}

TEST_F(BudgetHistoryTest, FallsWhenItIsBurntAndEndsAtTheBudgetShown) {
  // 100,000 requests allow 100 bad ones.
  Send(kTestStart + absl::Hours(1), 200, 50'000);
  Send(kTestStart + absl::Hours(30), 503, 25);
  Send(kTestStart + absl::Hours(60), 503, 50);
  Send(kTestStart + absl::Hours(70), 200, 49'925);
  TickAt(kTestStart + absl::Hours(71));
  EXPECT_EQ(LeftAt(kTestStart + absl::Hours(28)), 1);
  EXPECT_EQ(LeftAt(kTestStart + absl::Hours(32)), 0.75);
  EXPECT_EQ(LeftAt(kTestStart + absl::Hours(60)), 0.25);
  EXPECT_EQ(History().back().at, kTestStart + absl::Hours(71));
  EXPECT_EQ(History().back().remaining, 0.25);
  EXPECT_EQ(History().back().remaining, BudgetShown());
}

TEST_F(BudgetHistoryTest, NeverRisesAndReachesBackOnePeriodAtMost) {
  for (int day = 0; day < 50; ++day) {
    Send(kTestStart + day * kDay + absl::Hours(1), 200, 10'000);
    Send(kTestStart + day * kDay + absl::Hours(2), 503, day % 7);
    TickAt(kTestStart + day * kDay + absl::Hours(3));
  }
  const std::vector<BudgetPoint> points = History();
  EXPECT_LE(points.size(), 182u);
  EXPECT_GE(points.front().at, points.back().at - 30 * kDay);
  EXPECT_LE(points.front().at, points.back().at - 29 * kDay);
  EXPECT_EQ(points.back().remaining, BudgetShown());
  for (size_t i = 1; i < points.size(); ++i) EXPECT_LE(points[i].remaining, points[i - 1].remaining) << i;
}

TEST_F(BudgetHistoryTest, MaintenanceBurnsNothing) {
  Send(kTestStart + absl::Hours(1), 200, 100'000);
  Send(kTestStart + absl::Hours(30), 503, 50);
  pipeline_.SetMaintenance(std::make_shared<const MaintenanceList>(std::vector<MaintenanceWindow>{
      {"deploy", "checkout", kTestStart + absl::Hours(29), kTestStart + absl::Hours(31), "", kTestStart}}));
  TickAt(kTestStart + absl::Hours(40));
  EXPECT_EQ(LeftAt(kTestStart + absl::Hours(32)), 1);
  EXPECT_EQ(History().back().remaining, BudgetShown());
}

}  // namespace
}  // namespace firebreak
