#include "engine/alert_state.h"

#include <string>
#include <vector>

#include "engine/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = BurnSignal::Kind;
using Guard = BurnSignal::Guard;

// Steps one alert minute by minute and writes every change down as "minute severity from>to reason".
class AlertStateTest : public ::testing::Test {
 protected:
  void Step(Kind kind, Guard guard = Guard::kMet) {
    const AlertStep step = Advance(policy_, state_, {kind, guard}, Minute(minute_));
    for (const AlertChange& change : step.changes) log_.push_back(fmt::format("{}m {}", minute_, Describe(change)));
    state_ = step.state;
    ++minute_;
  }
  void Steps(int count, Kind kind, Guard guard = Guard::kMet) {
    for (int i = 0; i < count; ++i) Step(kind, guard);
  }
  static absl::Time Minute(int minute) { return absl::FromUnixSeconds(1764000000) + absl::Minutes(minute); }

  AlertPolicy policy_{absl::Minutes(2), absl::ZeroDuration(), absl::Minutes(15), Severity::kPage};
  AlertState state_;
  int minute_ = 0;
  std::vector<std::string> log_;
};

TEST_F(AlertStateTest, ForOfTwoMinutesFiresOnTheThirdTrueMinute) {
  Steps(3, Kind::kAbove);
  EXPECT_THAT(log_, ElementsAre("0m page inactive>pending", "2m page pending>firing"));
  EXPECT_EQ(state_.pending_since, Minute(0));
  EXPECT_EQ(state_.firing_since, Minute(2));
}

TEST_F(AlertStateTest, ForOfZeroFiresAtOnce) {
  policy_.hold_for = absl::ZeroDuration();
  Step(Kind::kAbove);
  EXPECT_THAT(log_, ElementsAre("0m page inactive>firing"));
  EXPECT_EQ(state_.pending_since, Minute(0));
}

TEST_F(AlertStateTest, OneFalseEvaluationEndsPending) {
  Steps(2, Kind::kAbove);
  Step(Kind::kBelow);
  Steps(3, Kind::kAbove);
  EXPECT_THAT(log_, ElementsAre("0m page inactive>pending", "2m page pending>inactive recovered",
                                "3m page inactive>pending", "5m page pending>firing"));
}

TEST_F(AlertStateTest, NoDataEndsPending) {
  Step(Kind::kAbove);
  Step(Kind::kNoData);
  EXPECT_THAT(log_, ElementsAre("0m page inactive>pending", "1m page pending>inactive no_data"));
}

TEST_F(AlertStateTest, ResolvesAtTheFirstFalseEvaluation) {
  Steps(3, Kind::kAbove);
  Step(Kind::kBelow);
  EXPECT_EQ(log_.back(), "3m page firing>resolved recovered");
  EXPECT_EQ(state_, AlertState());
}

TEST_F(AlertStateTest, KeepFiringForHoldsItAndAnyTrueEvaluationStartsItAnew) {
  policy_.keep_firing_for = absl::Minutes(3);
  Steps(3, Kind::kAbove);  // fires at 2m
  Steps(2, Kind::kBelow);
  Step(Kind::kAbove);      // 5m
  Steps(3, Kind::kBelow);  // 6m, 7m, 8m
  EXPECT_EQ(log_.size(), 2u);
  Step(Kind::kBelow);  // 9m: three minutes after 6m
  EXPECT_EQ(log_.back(), "9m page firing>resolved recovered");
}

TEST_F(AlertStateTest, FiringIsHeldWithoutDataForTheHoldAndNoLonger) {
  Steps(3, Kind::kAbove);
  Steps(15, Kind::kNoData);  // 3m … 17m
  EXPECT_EQ(log_.size(), 2u);
  EXPECT_EQ(state_.no_data_since, Minute(3));
  Step(Kind::kNoData);
  EXPECT_EQ(log_.back(), "18m page firing>resolved no_data");
}

TEST_F(AlertStateTest, DataStartsTheNoDataHoldAnew) {
  Steps(3, Kind::kAbove);
  Steps(14, Kind::kNoData);
  Step(Kind::kAbove);
  Steps(15, Kind::kNoData);
  EXPECT_EQ(log_.size(), 2u);
}

TEST_F(AlertStateTest, NoDataHoldOfZeroIsPrometheusReading) {
  policy_.no_data_hold = absl::ZeroDuration();
  Steps(3, Kind::kAbove);
  Step(Kind::kNoData);
  EXPECT_EQ(log_.back(), "3m page firing>resolved no_data");
}

TEST_F(AlertStateTest, KeepFiringForOutlastsTheDataAsInPrometheus) {
  policy_.no_data_hold = absl::ZeroDuration();
  policy_.keep_firing_for = absl::Minutes(5);
  Steps(3, Kind::kAbove);
  Step(Kind::kBelow);  // 3m: the five minutes begin
  Steps(2, Kind::kNoData);
  Step(Kind::kBelow);
  Step(Kind::kNoData);  // 7m
  EXPECT_EQ(log_.size(), 2u);
  Step(Kind::kNoData);
  EXPECT_EQ(log_.back(), "8m page firing>resolved no_data");
}

TEST_F(AlertStateTest, WithoutDataTheLongerOfBothHoldsCounts) {
  policy_.no_data_hold = absl::Minutes(2);
  policy_.keep_firing_for = absl::Minutes(3);
  Steps(3, Kind::kAbove);
  Step(Kind::kNoData);  // 3m: both begin
  EXPECT_EQ(EndWithoutData(policy_, state_), Minute(6));
  Steps(2, Kind::kNoData);
  EXPECT_EQ(log_.size(), 2u);
  Step(Kind::kNoData);
  EXPECT_EQ(log_.back(), "6m page firing>resolved no_data");
}

TEST_F(AlertStateTest, NoDataAloneDoesNothing) {
  Steps(30, Kind::kNoData);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(AlertStateTest, AFailedEvaluationKeepsEveryState) {
  Step(Kind::kFailed);
  EXPECT_EQ(state_.phase, AlertPhase::kInactive);
  Step(Kind::kAbove);
  Step(Kind::kFailed);
  EXPECT_EQ(state_.phase, AlertPhase::kPending);
  Step(Kind::kAbove);
  EXPECT_EQ(log_.back(), "3m page pending>firing");
  Steps(60, Kind::kFailed);
  EXPECT_EQ(state_.phase, AlertPhase::kFiring);
}

TEST_F(AlertStateTest, MaintenanceEndsEveryStateAtOnceWhateverHoldsIt) {
  policy_.keep_firing_for = absl::Hours(1);
  Step(Kind::kMaintenance);
  EXPECT_THAT(log_, IsEmpty());
  Step(Kind::kAbove);
  Step(Kind::kMaintenance);
  Steps(3, Kind::kAbove);
  Step(Kind::kNoData);
  Step(Kind::kMaintenance);
  EXPECT_THAT(
      log_, ElementsAre("1m page inactive>pending", "2m page pending>inactive maintenance", "3m page inactive>pending",
                        "5m page pending>firing", "7m page firing>resolved maintenance"));
  EXPECT_EQ(state_, AlertState());
}

TEST_F(AlertStateTest, MaintenanceEndsAGuardedTicketAsTheTicketItIs) {
  policy_.hold_for = absl::ZeroDuration();
  Step(Kind::kAbove, Guard::kUnder);
  Step(Kind::kMaintenance);
  EXPECT_THAT(log_, ElementsAre("0m ticket inactive>firing", "1m ticket firing>resolved maintenance"));
}

TEST_F(AlertStateTest, UnderTheGuardItFiresAsATicket) {
  Steps(3, Kind::kAbove, Guard::kUnder);
  EXPECT_EQ(log_.back(), "2m ticket pending>firing");
}

TEST_F(AlertStateTest, CrossingTheGuardPagesAtOnceAndEndsTheTicket) {
  Steps(4, Kind::kAbove, Guard::kUnder);
  Step(Kind::kAbove);
  EXPECT_THAT(log_, ElementsAre("0m page inactive>pending", "2m ticket pending>firing",
                                "4m ticket firing>resolved escalated", "4m page inactive>firing"));
  EXPECT_EQ(state_.firing_since, Minute(4));
  EXPECT_EQ(state_.pending_since, Minute(0));
}

TEST_F(AlertStateTest, AFiringPageIsNeverDemoted) {
  Steps(3, Kind::kAbove);
  Steps(10, Kind::kAbove, Guard::kUnder);
  EXPECT_EQ(state_.severity, Severity::kPage);
  EXPECT_EQ(log_.size(), 2u);
}

TEST_F(AlertStateTest, ATicketRuleHasNothingToEscalate) {
  policy_.severity = Severity::kTicket;
  Steps(3, Kind::kAbove, Guard::kUnder);
  Steps(3, Kind::kAbove);
  EXPECT_THAT(log_, ElementsAre("0m ticket inactive>pending", "2m ticket pending>firing"));
}

}  // namespace
}  // namespace firebreak
