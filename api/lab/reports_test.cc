// The parts of the reports that the end-to-end tests see too little of.

#include <string>

#include "api/lab/diff_report.h"
#include "api/lab/text_table.h"
#include "api/lab/tune_report.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "rules/parse.h"

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

class DiffReportTest : public ::testing::Test {
 protected:
  DiffReportTest() {
    report_.old_path = "old|1.yaml";
    report_.new_path = "new.yaml";
    report_.summary.events = 7;
  }
  void Lost(const std::string& endpoint, const std::string& severity) {
    TimelineAlert alert{Labels{{"alertname", "ErrorBudgetBurn"}, {"severity", severity}},
                        "web",
                        "availability",
                        "fast",
                        endpoint,
                        absl::FromUnixSeconds(1764000000),
                        {}};
    report_.changes.push_back({TimelineChange::Kind::kLost, alert, std::nullopt});
  }
  DiffReport report_;
};

TEST_F(DiffReportTest, MarkdownCannotBreakOutOfItsTable) {
  Lost("/a|b`<i>\\", "page");
  const std::string markdown = DiffMarkdown(report_);
  EXPECT_THAT(markdown, HasSubstr("### Alerts: old\\|1.yaml → new.yaml"));
  EXPECT_THAT(markdown,
              HasSubstr("| lost | page | web/availability/fast /a\\|b\\`\\<i>\\\\ | 2025-11-24T16:00:00Z to the "
                        "end | – |\n"));
}

TEST_F(DiffReportTest, TotalsAreBySeverity) {
  Lost("", "page");
  Lost("", "ticket");
  Lost("", "ticket");
  EXPECT_THAT(DiffText(report_),
              HasSubstr("pages: 0 gained, 1 lost, 0 earlier, 0 later, 0 unchanged; tickets: 0 gained, 2 lost"));
  const auto json = nlohmann::json::parse(DiffJson(report_));
  EXPECT_EQ(json["totals"]["ticket"]["lost"], 2);
  EXPECT_EQ(json["changes"][0]["new"], nullptr);
}

TEST_F(DiffReportTest, WithoutAChangeThatIsSaid) {
  EXPECT_FALSE(HasChanges(report_));
  EXPECT_THAT(DiffText(report_), HasSubstr("No alert changes."));
  EXPECT_THAT(DiffMarkdown(report_), Not(HasSubstr("|---|")));
}

}  // namespace
}  // namespace firebreak
