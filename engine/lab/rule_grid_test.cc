#include "engine/lab/rule_grid.h"

#include <string>
#include <vector>

#include "engine/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Text(const RuleVariant& v) {
  return fmt::format("{}/{} {}x {} {}", DurationText(v.short_window), DurationText(v.long_window), v.burn.ToString(),
                     DurationText(v.hold_for), v.guards.min_bad);
}

absl::StatusOr<RuleGrid> Expand(std::string_view sweep, std::string_view objective = "0.999") {
  Config config = TestConfig();
  config.tiers[0].objective = MustParseDecimal(objective);
  const ParsedSweep parsed = ParseSweep(sweep, config);
  EXPECT_TRUE(parsed.axes.has_value()) << sweep;
  return ExpandSweep(PlanOf(config, 0, Slo::kAvailability), *parsed.axes, config.tiers[0].objective);
}

std::vector<std::string> FastOf(const RuleGrid& grid) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < grid.plans.size(); ++i) texts.push_back(Text(grid.Plan(i)[0]));
  return texts;
}

TEST(RuleGridTest, ThePresentPlanComesFirstAndEachOnce) {
  const auto grid = Expand("fast.burn=6,14.4 fast.for=2m");
  EXPECT_THAT(FastOf(*grid), ElementsAre("5m/1h 14.4x 2m 0", "5m/1h 6x 2m 0"));
  EXPECT_EQ(Text(grid->Plan(1)[1]), "30m/6h 6x 15m 0");
}

TEST(RuleGridTest, AxesMultiplyAndPairsShareVariants) {
  const auto grid = Expand("fast.burn=6..10/1 slow.burn=2..5/1");
  EXPECT_EQ(grid->plans.size(), 1u + 5 * 4);
  EXPECT_EQ(grid->num_variants(), 1 + 5 + 1 + 4);
  EXPECT_EQ(grid->num_windows(), 4);
}

TEST(RuleGridTest, GuardsAreOfEveryPair) {
  const auto grid = Expand("min_bad=5");
  EXPECT_EQ(grid->Plan(1)[0].guards.min_bad, 5);
  EXPECT_EQ(grid->Plan(1)[1].guards.min_bad, 5);
}

TEST(RuleGridTest, WhatCannotBeIsLeftOutAndCounted) {
  auto grid = Expand("fast.short=5m,1h,2h fast.long=1h,2h");
  EXPECT_EQ(grid->swapped, 3);
  EXPECT_THAT(FastOf(*grid), ElementsAre("5m/1h 14.4x 2m 0", "5m/2h 14.4x 2m 0", "1h/2h 14.4x 2m 0"));
  grid = Expand("fast.burn=19,20,21", "0.95");
  EXPECT_EQ(grid->unreachable, 2);
  EXPECT_EQ(grid->plans.size(), 2u);
}

TEST(RuleGridTest, TooManyAreRefused) {
  EXPECT_TRUE(Expand("fast.burn=1..200/1 min_bad=1..1000/1").ok());
  const auto refused = Expand("fast.burn=1..200/1 min_bad=0..999/1 fast.for=0s,1m");
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("--sweep: more than 200000 combinations"));
}

}  // namespace
}  // namespace firebreak
