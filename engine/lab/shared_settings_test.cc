#include "engine/lab/shared_settings.h"

#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SharedSettingsTest : public ::testing::Test {
 protected:
  SloPlan Present(int tier, Slo slo = Slo::kAvailability) const { return {tier, slo, PlanOf(config_, tier, slo)}; }

  const Config config_ = *ParseConfig(
                              "slo_tiers:\n"
                              "  web: {availability: 0.999, p95_ms: 500, endpoints: [/a]}\n"
                              "  batch: {availability: 0.99, burn_rate_fast: 5, burn_rate_slow: 2, endpoints: [/b]}\n",
                              "c")
                              .config;
};

TEST_F(SharedSettingsTest, PairsAreEveryTiersButBurnsAreNot) {
  SloPlan changed = Present(0);
  changed.plan[0].hold_for = absl::ZeroDuration();
  changed.plan[0].short_window = absl::Minutes(10);
  changed.plan[0].long_window = absl::Hours(2);
  changed.plan[1].keep_firing_for = absl::Minutes(3);
  changed.plan[0].burn = Decimal::FromParts(2, 0);
  changed.plan[0].guards = changed.plan[1].guards = {7, 8};
  RulePlan expected = Present(1).plan;
  expected[0].hold_for = absl::ZeroDuration();
  expected[0].short_window = absl::Minutes(10);
  expected[0].long_window = absl::Hours(2);
  expected[1].keep_firing_for = absl::Minutes(3);
  EXPECT_EQ(AfterChange(Present(1), changed), expected);
}

TEST_F(SharedSettingsTest, GuardsAreThoseOfBothSlosOfATier) {
  SloPlan changed = Present(0);
  changed.plan[0].guards = changed.plan[1].guards = {7, 8};
  const RulePlan latency = AfterChange(Present(0, Slo::kLatency), changed);
  EXPECT_EQ(latency[0].guards.min_total, 7);
  EXPECT_EQ(latency[1].guards.min_bad, 8);
}

TEST_F(SharedSettingsTest, PlansThatWantDifferentValuesDisagree) {
  SloPlan web = Present(0);
  SloPlan batch = Present(1);
  EXPECT_THAT(Disagreements(config_, {web, batch}), IsEmpty());
  web.plan[0].hold_for = absl::ZeroDuration();
  web.plan[0].guards.min_bad = 5;  // the tier's own
  EXPECT_THAT(Disagreements(config_, {web, batch}),
              ElementsAre("alerts.fast.for: 0s for web/availability, 2m for batch/availability"));
  EXPECT_THAT(Disagreements(config_, {web, Present(0, Slo::kLatency)}),
              ElementsAre("alerts.fast.for: 0s for web/availability, 2m for web/latency",
                          "slo_tiers.web.min_bad: 5 for web/availability, 0 for web/latency"));
  EXPECT_THAT(Disagreements(config_, {web}), IsEmpty());
}

}  // namespace
}  // namespace firebreak
