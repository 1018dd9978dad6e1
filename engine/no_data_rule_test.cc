#include "engine/no_data_rule.h"

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

// Steps minute by minute and writes every change down as "minute severity from>to reason".
class NoDataRuleTest : public ::testing::Test {
 protected:
  void Step(FeedState feed, std::optional<Severity> held = std::nullopt) {
    const absl::Time now = kTestStart + absl::Minutes(minute_);
    const NoDataStep step = AdvanceNoData(
        state_, feed, held, feed == FeedState::kTraffic ? CoveredSeries::kHaveRequests : CoveredSeries::kSilent, now);
    for (const AlertChange& change : step.changes) log_.push_back(fmt::format("{}m {}", minute_, Describe(change)));
    state_ = step.state;
    ++minute_;
  }

  NoDataState state_;
  int minute_ = 0;
  std::vector<std::string> log_;
};

TEST_F(NoDataRuleTest, TrafficAndIdleFeedsRaiseNothing) {
  Step(FeedState::kTraffic);
  Step(FeedState::kIdle);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(NoDataRuleTest, ALostFeedRaisesATicketUntilASignOfLife) {
  Step(FeedState::kLost);
  Step(FeedState::kLost);
  Step(FeedState::kIdle);
  EXPECT_THAT(log_, ElementsAre("0m ticket inactive>firing", "2m ticket firing>resolved recovered"));
}

TEST_F(NoDataRuleTest, AHeldPageRaisesAPageThoughTheFeedIsAlive) {
  Step(FeedState::kIdle, Severity::kPage);
  EXPECT_THAT(log_, ElementsAre("0m page inactive>firing"));
}

TEST_F(NoDataRuleTest, ATicketBecomesAPageWhenAPageIsHeld) {
  Step(FeedState::kLost);
  Step(FeedState::kLost, Severity::kPage);
  EXPECT_THAT(
      log_, ElementsAre("0m ticket inactive>firing", "1m ticket firing>resolved escalated", "1m page inactive>firing"));
  EXPECT_EQ(state_.firing_since, kTestStart + absl::Minutes(1));
}

TEST_F(NoDataRuleTest, APageIsNeverDemoted) {
  Step(FeedState::kLost, Severity::kPage);
  Step(FeedState::kLost, Severity::kTicket);
  Step(FeedState::kLost);
  EXPECT_THAT(log_, ElementsAre("0m page inactive>firing"));
}

// The held alert ends on its own after no_data_hold. Were NoData to end with it, a dead service without callers would
// look recovered.
TEST_F(NoDataRuleTest, OutlastsTheHeldAlertUntilRequestsComeAgain) {
  Step(FeedState::kIdle, Severity::kPage);
  Step(FeedState::kIdle);
  Step(FeedState::kLost);
  Step(FeedState::kIdle);
  EXPECT_EQ(log_.size(), 1u);
  Step(FeedState::kTraffic);
  EXPECT_THAT(log_, ElementsAre("0m page inactive>firing", "4m page firing>resolved recovered"));
  EXPECT_FALSE(state_.until_requests);
}

TEST_F(NoDataRuleTest, ATicketForALostFeedOutlastsATicketHeldMeanwhile) {
  Step(FeedState::kLost);
  Step(FeedState::kLost, Severity::kTicket);
  Step(FeedState::kIdle);
  EXPECT_THAT(log_, ElementsAre("0m ticket inactive>firing"));
  Step(FeedState::kTraffic);
  EXPECT_EQ(log_.back(), "3m ticket firing>resolved recovered");
}

TEST_F(NoDataRuleTest, OneSilentEndpointOfABusyTierEndsWithItsAlert) {
  Step(FeedState::kTraffic, Severity::kPage);
  Step(FeedState::kTraffic);
  EXPECT_THAT(log_, ElementsAre("0m page inactive>firing", "1m page firing>resolved recovered"));
}

TEST_F(NoDataRuleTest, MaintenanceEndsItWhateverItWaitsFor) {
  EXPECT_THAT(EndForMaintenance(state_).changes, IsEmpty());
  Step(FeedState::kIdle, Severity::kPage);
  const NoDataStep step = EndForMaintenance(state_);
  ASSERT_EQ(step.changes.size(), 1u);
  EXPECT_EQ(step.changes[0].to, AlertStatus::kResolved);
  EXPECT_EQ(step.changes[0].severity, Severity::kPage);
  EXPECT_EQ(step.changes[0].reason, "maintenance");
  EXPECT_FALSE(step.state.firing);
  EXPECT_FALSE(step.state.until_requests);
}

}  // namespace
}  // namespace firebreak
