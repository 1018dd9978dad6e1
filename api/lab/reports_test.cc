// The parts of the reports that the end-to-end tests see too little of.

#include <string>

#include "api/lab/text_table.h"
#include "api/lab/tune_report.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "rules/parse.h"
#include "rules/rule_set.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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

TEST(PlanYamlOfHostileNamesTest, NamesAreQuotedWhereTheyMustBe) {
  Config config = *ParseConfig("slo_tiers:\n  \"on: #1\": {availability: 0.999, endpoints: [/a]}\n", "c").config;
  RulePlan plan = PlanOf(config, 0, Slo::kAvailability);
  plan[0].burn = Decimal::FromParts(5, 0);
  EXPECT_EQ(PlanYaml(config, SloTuning(), plan), "    slo_tiers:\n      \"on: #1\":\n        burn_rate_fast: 5\n");
}

TEST(PlanYamlOfInheritedBurnsTest, LatencyGoesOnAsItDoes) {
  const Config config =
      *ParseConfig("slo_tiers:\n  web: {availability: 0.999, p95_ms: 500, endpoints: [/a]}\n", "c").config;
  RulePlan plan = PlanOf(config, 0, Slo::kAvailability);
  plan[0].burn = Decimal::FromParts(5, 0);
  EXPECT_EQ(
      PlanYaml(config, SloTuning(), plan),
      "    slo_tiers:\n      web:\n        burn_rate_fast: 5\n        latency_burn_rate_fast: 14.4  # as it is\n");
}

class TuneReportTest : public ::testing::Test {
 protected:
  TuneReportTest() {
    report_.rules = *RuleSet::Create(TheConfig());
    report_.config_path = "rules.yaml";
    report_.incidents_path = "i.csv";
    report_.slos.resize(1);
    TuningAnswer& answer = report_.slos[0].answer;
    answer.current.plan = PlanOf(TheConfig(), 0, Slo::kAvailability);
    answer.front = {answer.current};
  }
  nlohmann::json Json() const {
    std::string json;
    WriteTuneJson(report_, [&](std::string_view piece) { json += piece; });
    return nlohmann::json::parse(json);
  }
  TuneReport report_;
};

TEST_F(TuneReportTest, RejectedLinesAreSaid) {
  EXPECT_THAT(TuneText(report_, 10), Not(HasSubstr("rejected")));
  report_.read.lines = 9;
  report_.read.rejected = 2;
  report_.read.reasons = {"log:3: no time"};
  EXPECT_THAT(TuneText(report_, 10),
              HasSubstr("Read 9 lines: 2 rejected.\n  rejected: log:3: no time\n  rejected: …\n"));
}

TEST_F(TuneReportTest, WhatARecommendationDoesToOthersIsSaid) {
  SideEffect effect;
  effect.slo = Slo::kLatency;
  effect.missed.resize(1);
  effect.missed[0].what = "slow disks";
  effect.false_pages_now = 1;
  effect.false_pages_then = 3;
  report_.slos[0].side_effects = {effect};
  const std::string text = TuneText(report_, 10);
  EXPECT_THAT(text, HasSubstr("Warning: this changes web/latency too, which then misses 1970-01-01T00:00:00Z to "
                              "1970-01-01T00:00:00Z (slow disks).\n"));
  EXPECT_THAT(text, HasSubstr("Warning: this changes web/latency too, which then has 3 false pages (1 now).\n"));
  const auto json = Json()["slos"][0]["side_effects"][0];
  EXPECT_EQ(json["slo"], "latency");
  EXPECT_EQ(json["missed"][0]["what"], "slow disks");
  EXPECT_EQ(json["false_pages_then"], 3);
}

TEST_F(TuneReportTest, ThePresentRulesHaveTheirPlaceInTheList) {
  TuningAnswer& answer = report_.slos[0].answer;
  EXPECT_THAT(TuneText(report_, 10), HasSubstr("  now, 1  fast 5m/1h"));
  answer.front[0].plan[0].hold_for = absl::ZeroDuration();
  EXPECT_THAT(TuneText(report_, 10), HasSubstr("  now  fast 5m/1h"));
}

TEST_F(TuneReportTest, JsonHasEveryCombinationAndThePageDoesNot) {
  TuningAnswer& answer = report_.slos[0].answer;
  EXPECT_FALSE(Json()["slos"][0].contains("all"));
  answer.all = {answer.current, answer.current};
  report_.slos.push_back(report_.slos[0]);
  EXPECT_EQ(Json()["slos"][1]["all"].size(), 2u);
  EXPECT_EQ(Json()["slos"][1]["all"][0]["rules"][0]["pair"], "fast");
  EXPECT_FALSE(nlohmann::json::parse(TuneJson(report_))["slos"][0].contains("all"));
  report_.slos.clear();
  EXPECT_TRUE(Json()["slos"].empty());
}

}  // namespace
}  // namespace firebreak
