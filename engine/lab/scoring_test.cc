#include "engine/lab/scoring.h"

#include <string>
#include <vector>

#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto m = absl::Minutes<int>;
constexpr NoticeVerdict kFalse = NoticeVerdict::kFalse;
constexpr NoticeVerdict kRepeat = NoticeVerdict::kRepeat;
constexpr NoticeVerdict kDetection = NoticeVerdict::kDetection;

// Minutes after the start.
absl::Time At(int minutes) { return kTestStart + m(minutes); }
Incident Between(int begin, int end) { return {At(begin), At(end), "checkout", "availability", "", 0}; }
Notice Fired(int at, int resolved, int window = 5) { return {At(at), At(resolved), m(window)}; }

TEST(MatchTest, ANoticeMatchesFromTheBeginToTheEndPlusItsShortWindow) {
  const std::vector<Incident> incidents = {Between(10, 20)};
  struct Case {
    Notice notice;
    NoticeVerdict verdict;
  };
  const Case cases[] = {{Fired(9, 12), kFalse},      {Fired(10, 12), kDetection}, {Fired(20, 22), kDetection},
                        {Fired(25, 26), kDetection}, {Fired(26, 27), kFalse},     {Fired(26, 27, 6), kDetection}};
  for (const Case& c : cases) {
    EXPECT_THAT(Match({c.notice}, incidents, {}).notices, ElementsAre(c.verdict)) << c.notice.fired;
  }
}

TEST(MatchTest, LaterOnesAreRepeatsAndNotFalse) {
  const Matching matching = Match({Fired(5, 6), Fired(12, 13), Fired(14, 30), Fired(40, 41)}, {Between(10, 20)}, {});
  EXPECT_THAT(matching.notices, ElementsAre(kFalse, kDetection, kRepeat, kFalse));
  EXPECT_EQ(matching.incidents[0].detected_after, m(2));
  EXPECT_EQ(matching.incidents[0].reset_after, m(10));
}

TEST(MatchTest, AWindowOfItsOwnDecidesForEachNotice) {
  EXPECT_THAT(Match({Fired(26, 28, 5), Fired(28, 30, 30)}, {Between(10, 20)}, {}).notices,
              ElementsAre(kFalse, kDetection));
}

TEST(MatchTest, WhatTellsOfAnIncidentThatIsLeftOutIsNeitherFalseNorADetection) {
  const Matching matching =
      Match({Fired(4, 9), Fired(25, 26), Fired(26, 27), Fired(42, 43)}, {Between(40, 50)}, {Between(-90, 20)});
  EXPECT_THAT(matching.notices, ElementsAre(NoticeVerdict::kOutside, NoticeVerdict::kOutside, kFalse, kDetection));
  EXPECT_EQ(matching.incidents.size(), 1u);
  EXPECT_THAT(Match({Fired(12, 13)}, {Between(10, 20)}, {Between(0, 15)}).notices, ElementsAre(kDetection));
}

TEST(MatchTest, ANoticeMayTellOfTwoIncidents) {
  const Matching matching = Match({Fired(12, 13), Fired(19, 21)}, {Between(10, 20), Between(18, 30)}, {});
  EXPECT_THAT(matching.notices, ElementsAre(kDetection, kDetection));
  EXPECT_EQ(matching.incidents[1].detected_after, m(1));
}

TEST(MatchTest, ResetIsFromTheEndAndNeverNegative) {
  EXPECT_EQ(Match({Fired(12, 15)}, {Between(10, 20)}, {}).incidents[0].reset_after, absl::ZeroDuration());
  EXPECT_EQ(Match({{At(12), std::nullopt, m(5)}}, {Between(10, 20)}, {}).incidents[0].reset_after, std::nullopt);
}

TEST(MatchTest, AnAlertThatWasThereBeforeIsSaid) {
  const Matching matching = Match({Fired(8, 30)}, {Between(10, 20), Between(40, 50)}, {});
  EXPECT_THAT(matching.notices, ElementsAre(kFalse));
  EXPECT_EQ(matching.incidents[0].detected_after, std::nullopt);
  EXPECT_TRUE(matching.incidents[0].fired_before);
  EXPECT_FALSE(matching.incidents[1].fired_before);
}

TEST(NoticesTest, OnlyThoseSevereEnoughAreTold) {
  const std::vector<AlertEpisode> episodes = {{At(0), At(1), At(2), Severity::kTicket, "escalated"},
                                              {At(0), At(2), At(9), Severity::kPage, "recovered"}};
  EXPECT_EQ(NoticesOf(episodes, m(5), Severity::kPage).size(), 1u);
  EXPECT_EQ(NoticesOf(episodes, m(5), Severity::kTicket).size(), 2u);
}

// Checked against the table in Newcombe, "Two-sided confidence intervals for the single proportion" (1998), method 3.
TEST(ProportionTest, WilsonIntervalsAreThoseOfTheLiterature) {
  struct Case {
    int64_t k, n;
    double low, high;
  };
  const Case cases[] = {
      {81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}};
  for (const Case& c : cases) {
    const Proportion proportion{c.k, c.n};
    EXPECT_THAT(proportion.low(), DoubleNear(c.low, 0.00005)) << c.k << "/" << c.n;
    EXPECT_THAT(proportion.high(), DoubleNear(c.high, 0.00005)) << c.k << "/" << c.n;
  }
}

TEST(ProportionTest, OfNothingNothingIsKnown) {
  const Proportion nothing;
  EXPECT_EQ(nothing.share(), std::nullopt);
  EXPECT_EQ(nothing.low(), 0);
  EXPECT_EQ(nothing.high(), 1);
  EXPECT_EQ((Proportion{3, 3}).high(), 1);
}

TEST(SpreadTest, MedianAndWorst) {
  EXPECT_EQ(SpreadOf<double>({}).median, std::nullopt);
  EXPECT_EQ(SpreadOf<double>({3, 1, 2}).median, 2);
  EXPECT_EQ(SpreadOf<double>({4, 1, 2, 3}).median, 2.5);
  EXPECT_EQ(SpreadOf<double>({4, 1, 2, 3}).worst, 4);
}

Score ScoreBetween(int begin, int end, const std::vector<Notice>& notices, const std::vector<Incident>& incidents) {
  return ScoreOf(notices, incidents, Match(notices, incidents, {}), {At(begin), At(end)},
                 [](const TimeRange& range) { return absl::ToDoubleMinutes(range.end - range.begin) / 100; });
}

TEST(ScoreTest, CountsWhatHappenedInTheSpan) {
  const std::vector<Incident> incidents = {Between(10, 20), Between(50, 60), Between(100, 110)};
  const std::vector<Notice> notices = {Fired(12, 21), Fired(15, 22), Fired(30, 31), Fired(106, 120)};
  const Score all = ScoreBetween(0, 200, notices, incidents);
  EXPECT_EQ(all.pages, 4);
  EXPECT_EQ(all.detections, 2);
  EXPECT_EQ(all.repeats, 1);
  EXPECT_EQ(all.false_pages, 1);
  EXPECT_EQ(all.incidents, 3);
  EXPECT_EQ(all.caught, 2);
  EXPECT_EQ(all.missed(), 1);
  EXPECT_EQ(all.precision().k, 2);
  EXPECT_EQ(all.precision().n, 3);
  EXPECT_EQ(all.detection.median, m(4));
  EXPECT_EQ(all.detection.worst, m(6));
  EXPECT_EQ(all.reset.worst, m(10));
  EXPECT_THAT(*all.budget_spent.worst, DoubleNear(0.06, 1e-9));
  EXPECT_THAT(all.PagesPerWeek(), DoubleNear(4 * 7 * 24 * 60 / 200.0, 1e-9));
  const Score early = ScoreBetween(0, 50, notices, incidents);
  EXPECT_EQ(early.pages, 3);
  EXPECT_EQ(early.incidents, 2);
  EXPECT_EQ(early.caught, 1);
}

TEST(ScoreTest, NothingIsNoScore) {
  const Score score = ScoreBetween(0, 50, {}, {});
  EXPECT_EQ(score.precision().share(), std::nullopt);
  EXPECT_EQ(score.recall().share(), std::nullopt);
  EXPECT_EQ(score.detection.median, std::nullopt);
  EXPECT_EQ(score.PagesPerWeek(), 0);
}

}  // namespace
}  // namespace firebreak
