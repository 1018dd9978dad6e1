#include "engine/lab/burn_recorder.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/replay.h"
#include "engine/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class BurnRecorderTest : public ::testing::Test {
 protected:
  void Traffic(absl::Duration from, absl::Duration to, int bad, std::string_view endpoint = "/pay") {
    for (absl::Duration at = from; at < to; at += absl::Seconds(10)) {
      events_.push_back(MakeEvent(kTestStart + at, endpoint, 200, 100 - bad));
      if (bad > 0) events_.push_back(MakeEvent(kTestStart + at, endpoint, 503, bad));
    }
  }

  const BurnRecorder& Record(size_t max_bars = BurnRecorder::kMaxBars) {
    const auto rules = MakeRules(config_);
    recorder_.emplace(rules, max_bars);
    ReplayDriver driver(rules, {}, {absl::Seconds(10), absl::ZeroDuration()}, *recorder_,
                        [](int64_t, std::string_view) {});
    driver.Observe(*recorder_);
    for (const Event& event : events_) driver.Offer(event, 1);
    driver.Finish();
    return *recorder_;
  }

  static double Highest(const ThinnedSeries& series) {
    double highest = -1;
    for (const auto& point : series.points()) highest = std::max(highest, point.value.value_or(-1));
    return highest;
  }
  // "pending 1m10s-3m10s", …
  static std::vector<std::string> BarTexts(const BurnRecorder& recorder) {
    std::vector<std::string> texts;
    for (const BurnRecorder::Bar* bar : recorder.bars()) {
      const Transition& begun = bar->begun;
      const std::string end = bar->end ? absl::FormatDuration(*bar->end - kTestStart) : "";
      texts.push_back(fmt::format("{}{} {} {}-{} {}", begun.pair, begun.endpoint, AlertStatusName(begun.to),
                                  absl::FormatDuration(begun.at - kTestStart), end, bar->end_reason));
    }
    return texts;
  }

  Config config_ = TestConfig();
  std::vector<Event> events_;
  std::optional<BurnRecorder> recorder_;
};

TEST_F(BurnRecorderTest, FollowsBothWindowsOfEveryAlertAndTheBudget) {
  Traffic(absl::Seconds(10), absl::Minutes(60), 0);
  Traffic(absl::Minutes(60), absl::Minutes(70), 50);
  const BurnRecorder& recorder = Record();
  ASSERT_THAT(recorder.burns(), SizeIs(2));
  EXPECT_EQ(recorder.burns()[0]->rule.pair().name, "fast");
  EXPECT_EQ(Highest(recorder.burns()[0]->short_window), 500);
  EXPECT_EQ(Highest(recorder.burns()[0]->long_window), 500) << "an hour later it holds the outage alone";
  ASSERT_THAT(recorder.budgets(), SizeIs(1));
  EXPECT_EQ(Highest(recorder.budgets()[0]->left), 1);
  EXPECT_EQ(recorder.first(), kTestStart + absl::Seconds(10));
  EXPECT_EQ(recorder.last(), kTestStart + absl::Minutes(70) - absl::Seconds(10) + absl::Hours(6));
}

TEST_F(BurnRecorderTest, BarsGoFromOneTransitionToTheNext) {
  config_.pairs.resize(1);
  config_.tiers[0].burn.resize(1);
  Traffic(absl::Seconds(10), absl::Minutes(60), 0);
  Traffic(absl::Minutes(60), absl::Minutes(70), 50);
  Traffic(absl::Minutes(70), absl::Minutes(90), 0);
  Traffic(absl::Minutes(90), absl::Minutes(94), 50);
  EXPECT_THAT(BarTexts(Record()), ElementsAre("fast pending 1h1m40s-1h3m40s ", "fast firing 1h3m40s-1h14m50s recovered",
                                              "fast pending 1h30m-1h32m ", "fast firing 1h32m-1h53m50s no_data",
                                              " firing 1h38m50s-1h43m50s escalated", " firing 1h43m50s- "));
}

// The bars are those of BarsGoFromOneTransitionToTheNext.
TEST_F(BurnRecorderTest, PendingBarsMakeRoomForThoseThatFire) {
  config_.pairs.resize(1);
  config_.tiers[0].burn.resize(1);
  Traffic(absl::Seconds(10), absl::Minutes(60), 0);
  Traffic(absl::Minutes(60), absl::Minutes(70), 50);
  Traffic(absl::Minutes(70), absl::Minutes(90), 0);
  Traffic(absl::Minutes(90), absl::Minutes(94), 50);
  EXPECT_EQ(Record(6).missing_pending().count, 0);
  EXPECT_THAT(
      BarTexts(Record(5)),
      ElementsAre("fast pending 1h1m40s-1h3m40s ", "fast firing 1h3m40s-1h14m50s recovered",
                  "fast firing 1h32m-1h53m50s no_data", " firing 1h38m50s-1h43m50s escalated", " firing 1h43m50s- "));
  EXPECT_EQ(recorder_->missing_pending().count, 1);
  EXPECT_EQ(recorder_->missing_pending().from, kTestStart + absl::Minutes(90));
  EXPECT_EQ(recorder_->missing_firing().count, 0);
  EXPECT_THAT(BarTexts(Record(2)),
              ElementsAre("fast firing 1h3m40s-1h14m50s recovered", "fast firing 1h32m-1h53m50s no_data"));
  EXPECT_EQ(recorder_->missing_pending().count, 2);
  EXPECT_EQ(recorder_->missing_pending().from, kTestStart + absl::Seconds(3700));
  EXPECT_EQ(recorder_->missing_firing().count, 2);
  EXPECT_EQ(recorder_->missing_firing().from, kTestStart + absl::Seconds(5930));
}

TEST_F(BurnRecorderTest, AnEndpointIsFollowedFromItsFirstBadRequest) {
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  Traffic(absl::Seconds(10), absl::Minutes(10), 0);
  EXPECT_THAT(Record().burns(), SizeIs(0));
  Traffic(absl::Minutes(10), absl::Minutes(20), 50);
  const BurnRecorder& recorder = Record();
  ASSERT_THAT(recorder.burns(), SizeIs(2));
  EXPECT_EQ(recorder.burns()[0]->alert.endpoint, "/pay");
  EXPECT_EQ(recorder.burns()[0]->short_window.points()[0].at, kTestStart + absl::Minutes(10));
  EXPECT_EQ(recorder.burns_left_out(), 0);
}

TEST_F(BurnRecorderTest, WhatFindsNoRoomIsCounted) {
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  std::vector<std::string> names;
  for (int i = 0; i < 35; ++i) names.push_back(fmt::format("/endpoint/{}", i));
  for (const std::string& name : names) events_.push_back(MakeEvent(kTestStart + absl::Seconds(10), name, 503));
  const BurnRecorder& recorder = Record();
  EXPECT_THAT(recorder.burns(), SizeIs(BurnRecorder::kMaxEndpointTraces));
  EXPECT_EQ(recorder.burns_left_out(), 70 - static_cast<int64_t>(BurnRecorder::kMaxEndpointTraces));
}

}  // namespace
}  // namespace firebreak
