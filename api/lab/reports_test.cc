// The parts of the reports that the end-to-end tests see too little of.

#include <string>

#include "api/lab/text_table.h"
#include "api/lab/tune_report.h"
#include "gtest/gtest.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

Config TheConfig() {
  return *ParseConfig(
              "slo_tiers:\n"
              "  web: {availability: 0.999, p95_ms: 500, latency_burn_rate_fast: 6, latency_burn_rate_slow: 3, "
              "endpoints: [/a]}\n",
              "c")
              .config;
}

TEST(TextTableTest, ColumnsAreAlignedByCharacters) {
  EXPECT_EQ(TextTable({{"a", "bb", "ccc"}, {"–––", "b"}, {"", "b", "1"}}, 1, "> "),
            "> a    bb  ccc\n> –––   b\n>       b    1\n");
  EXPECT_EQ(TextTable({}, 1, ""), "");
}

TEST(RuleTextTest, SaysWhatAPairGoesBy) {
  const Config config = TheConfig();
  RuleVariant variant = VariantOf(config, 0, Slo::kAvailability, 0);
  EXPECT_EQ(RuleText(config.pairs[0], variant), "fast 5m/1h 14.4x for 2m");
  variant.keep_firing_for = absl::Minutes(90);
  EXPECT_EQ(RuleText(config.pairs[0], variant), "fast 5m/1h 14.4x for 2m, kept 1h30m");
}

class PlanYamlTest : public ::testing::Test {
 protected:
  std::string Yaml(Slo slo) {
    SloTuning tuning;
    tuning.slo = slo;
    return PlanYaml(config_, tuning, plan_);
  }
  const Config config_ = TheConfig();
  RulePlan plan_ = PlanOf(config_, 0, Slo::kAvailability);
};

TEST_F(PlanYamlTest, ThePresentPlanNeedsNone) { EXPECT_EQ(Yaml(Slo::kAvailability), ""); }

TEST_F(PlanYamlTest, HoldsWhatDiffersAndNothingElse) {
  plan_[0].hold_for = absl::ZeroDuration();
  plan_[1].short_window = absl::Minutes(20);
  plan_[1].long_window = absl::Hours(4);
  plan_[1].keep_firing_for = absl::Minutes(5);
  plan_[0].burn = Decimal::FromParts(85, 1);
  for (RuleVariant& variant : plan_) variant.guards = {7, 5};
  EXPECT_EQ(Yaml(Slo::kAvailability),
            "    alerts:  # for every tier\n"
            "      fast: {for: 0s}\n"
            "      slow: {short: 20m, long: 4h, keep_firing_for: 5m}\n"
            "    slo_tiers:\n"
            "      web:\n"
            "        burn_rate_fast: 8.5\n"
            "        min_total: 7\n"
            "        min_bad: 5\n");
}

TEST_F(PlanYamlTest, LatencyHasBurnsOfItsOwn) {
  plan_ = PlanOf(config_, 0, Slo::kLatency);
  plan_[0].burn = Decimal::FromParts(5, 0);
  EXPECT_EQ(Yaml(Slo::kLatency), "    slo_tiers:\n      web:\n        latency_burn_rate_fast: 5\n");
}

}  // namespace
}  // namespace firebreak
