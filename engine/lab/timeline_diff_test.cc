#include "engine/lab/timeline_diff.h"

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
using ::testing::IsEmpty;

constexpr auto m = absl::Minutes<int>;
using Kind = TimelineChange::Kind;

TimelineAlert Alert(int fired, int resolved, std::string pair = "fast", std::string severity = "page") {
  TimelineAlert alert{Labels{{"alertname", "ErrorBudgetBurn"}, {"tier", "t"}, {"pair", pair}, {"severity", severity}},
                      "t",
                      "availability",
                      pair,
                      "",
                      kTestStart + m(fired),
                      {}};
  if (resolved > 0) alert.resolved = kTestStart + m(resolved);
  return alert;
}

std::vector<std::string> Compare(const std::vector<TimelineAlert>& before, const std::vector<TimelineAlert>& after) {
  const char* names[] = {"unchanged", "gained", "lost", "earlier", "later", "longer", "shorter"};
  std::vector<std::string> texts;
  for (const TimelineChange& change : CompareTimelines(before, after)) {
    std::string text = names[static_cast<size_t>(change.kind)];
    for (const auto& alert : {change.before, change.after}) {
      text += alert ? fmt::format(" {}", absl::ToInt64Minutes(alert->fired - kTestStart)) : " -";
    }
    texts.push_back(text);
  }
  return texts;
}

TEST(TimelineDiffTest, WhatOnlyOneSideHasIsGainedOrLost) {
  EXPECT_THAT(Compare({Alert(10, 20)}, {}), ElementsAre("lost 10 -"));
  EXPECT_THAT(Compare({}, {Alert(10, 20)}), ElementsAre("gained - 10"));
  EXPECT_THAT(Compare({}, {}), IsEmpty());
}

TEST(TimelineDiffTest, WhatFiredTogetherCorresponds) {
  EXPECT_THAT(Compare({Alert(10, 20)}, {Alert(10, 20)}), ElementsAre("unchanged 10 10"));
  EXPECT_THAT(Compare({Alert(10, 20)}, {Alert(8, 11)}), ElementsAre("earlier 10 8"));
  EXPECT_THAT(Compare({Alert(10, 20)}, {Alert(19, 30)}), ElementsAre("later 10 19"));
  EXPECT_THAT(Compare({Alert(10, 0)}, {Alert(30, 0)}), ElementsAre("later 10 30"));
}

TEST(TimelineDiffTest, WhatResolvedSoonerOrLaterIsShorterOrLonger) {
  EXPECT_THAT(Compare({Alert(10, 20)}, {Alert(10, 80)}), ElementsAre("longer 10 10"));
  EXPECT_THAT(Compare({Alert(10, 20)}, {Alert(10, 19)}), ElementsAre("shorter 10 10"));
  EXPECT_THAT(Compare({Alert(10, 20)}, {Alert(10, 0)}), ElementsAre("longer 10 10"));
  EXPECT_THAT(Compare({Alert(10, 0)}, {Alert(10, 20)}), ElementsAre("shorter 10 10"));
  EXPECT_THAT(Compare({Alert(10, 0)}, {Alert(10, 0)}), ElementsAre("unchanged 10 10"));
}

TEST(TimelineDiffTest, WhatDidNotFireTogetherDoesNot) {
  EXPECT_THAT(Compare({Alert(10, 20)}, {Alert(5, 10)}), ElementsAre("gained - 5", "lost 10 -"));
  EXPECT_THAT(Compare({Alert(10, 20)}, {Alert(20, 30)}), ElementsAre("lost 10 -", "gained - 20"));
}

TEST(TimelineDiffTest, OneOfManyCorresponds) {
  EXPECT_THAT(Compare({Alert(10, 40)}, {Alert(10, 15), Alert(20, 25)}), ElementsAre("shorter 10 10", "gained - 20"));
  EXPECT_THAT(Compare({Alert(10, 15), Alert(20, 25)}, {Alert(12, 40)}), ElementsAre("later 10 12", "lost 20 -"));
}

TEST(TimelineDiffTest, PairsAndSeveritiesAreApart) {
  EXPECT_THAT(Compare({Alert(10, 20)}, {Alert(10, 20, "slow")}), ElementsAre("lost 10 -", "gained - 10"));
  EXPECT_THAT(Compare({Alert(10, 20)}, {Alert(10, 20, "fast", "ticket")}), ElementsAre("lost 10 -", "gained - 10"));
}

TEST(TimelineDiffTest, TheNameOfTheServiceIsNoDifference) {
  TimelineAlert renamed = Alert(10, 20);
  renamed.labels.Set("service", "other");
  EXPECT_THAT(Compare({Alert(10, 20)}, {renamed}), ElementsAre("unchanged 10 10"));
}

TEST(TimelineDiffTest, TwoReplaysOfOneReadingAreCompared) {
  Config patient = TestConfig();
  Config hasty = TestConfig();
  hasty.pairs[0].hold_for = absl::ZeroDuration();
  AlertTimeline before;
  AlertTimeline after;
  const auto ignore = [](int64_t, std::string_view) {};
  ReplayDriver old_driver(MakeRules(patient), {}, {}, before, ignore);
  ReplayDriver new_driver(MakeRules(hasty), {}, {}, after, ignore);
  for (absl::Duration at; at < absl::Hours(3); at += absl::Seconds(10)) {
    const bool outage = at >= absl::Hours(1) && at < absl::Hours(1) + m(10);
    const Event event = MakeEvent(kTestStart + at, "/pay", outage ? 503 : 200, 10);
    old_driver.Offer(event, 1);
    new_driver.Offer(event, 1);
  }
  old_driver.Finish();
  new_driver.Finish();
  std::vector<std::string> kinds;
  for (const TimelineChange& change : CompareTimelines(before.alerts(), after.alerts())) {
    if (change.kind == Kind::kUnchanged) continue;
    ASSERT_TRUE(change.before && change.after);
    kinds.push_back(
        fmt::format("{} {}", change.before->pair, absl::FormatDuration(change.after->fired - change.before->fired)));
  }
  EXPECT_THAT(kinds, ElementsAre("fast -2m"));
}

}  // namespace
}  // namespace firebreak
