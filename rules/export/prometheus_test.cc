#include "rules/export/prometheus.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/export/promql.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Config Parsed(const std::string& text) {
  ParsedConfig parsed = ParseConfig(text, "rules.yaml");
  for (const Finding& finding : parsed.findings) {
    EXPECT_NE(finding.kind, FindingKind::kError) << finding.ToString();
  }
  return parsed.config.value_or(Config());
}

// The rules of one tier "web" of 99.9 % with these further keys, and of the rest of a configuration.
std::string Export(const std::string& tier, const std::string& rest = "", const PrometheusOptions& options = {}) {
  return PrometheusRules(Parsed("slo_tiers: {web: {availability: 0.999, endpoints: [/a]" + tier + "}}\n" + rest),
                         options);
}

size_t Occurrences(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(PrometheusRulesTest, EachWindowIsRecordedOnceThoughPairsShareIt) {
  const std::string text = Export("", "alerts: {weekly: {short: 6h, long: 3d, burn: 1}}\n");
  for (const std::string window : {"5m", "1h", "30m", "6h", "3d"}) {
    EXPECT_EQ(Occurrences(text, "- record: firebreak:slo_error_ratio:rate" + window + "\n"), 1u) << window;
  }
  EXPECT_EQ(Occurrences(text, "- record: "), 5u);
  EXPECT_EQ(Occurrences(text, "- alert: ErrorBudgetBurn\n"), 3u);
}

TEST(PrometheusRulesTest, TheRatioIsOfSums) {
  EXPECT_THAT(
      Export(""),
      HasSubstr("          sum(rate(firebreak_requests_total{tier=\"web\",source=\"rum\","
                "status_class=~\"5xx|timeout|shape_mismatch|failed\"}[5m]))\n"
                "          / sum(rate(firebreak_requests_total{tier=\"web\",source=\"rum\"}[5m]))\n"
                "        labels:\n          service: default\n          tier: web\n          slo: availability\n"));
}

TEST(PrometheusRulesTest, AnAlertIsBothWindowsWithFirebreaksLabels) {
  const std::string text =
      Export("", "service: shop\nexternal_url: http://fb\nalerts: {fast: {keep_firing_for: 10m}}\n");
  const std::string chosen = "{service=\"shop\",tier=\"web\",slo=\"availability\"}";
  EXPECT_THAT(
      text, HasSubstr("      - alert: ErrorBudgetBurn\n        expr: |\n"
                      "          firebreak:slo_error_ratio:rate5m" +
                      chosen +
                      " > (14.4 * 0.001)\n"
                      "          and\n"
                      "          firebreak:slo_error_ratio:rate1h" +
                      chosen +
                      " > (14.4 * 0.001)\n"
                      "        for: 2m\n        keep_firing_for: 10m\n"
                      "        labels:\n          severity: page\n          service: shop\n          tier: web\n"
                      "          slo: availability\n          pair: fast\n"
                      "        annotations:\n"
                      "          summary: \"web burns its availability error budget above 14.4x over both 5m and 1h\"\n"
                      "          description: \"More than 1.44 % fail. At 14.4x a 30-day budget lasts 50 hours.\"\n"
                      "          runbook_url: \"http://fb/runbooks/ErrorBudgetBurn\"\n"));
  EXPECT_THAT(text, HasSubstr("        for: 15m\n        labels:\n          severity: ticket\n"));
}

TEST(PrometheusRulesTest, NoForAndNoHoldAreLeftOut) {
  const std::string text = Export("", "alerts: {fast: {for: 0s}, slow: {for: 0s}}\n");
  EXPECT_THAT(text, Not(HasSubstr(" for: ")));
  EXPECT_THAT(text, Not(HasSubstr("keep_firing_for")));
}

TEST(PrometheusRulesTest, RunbooksAreTheTiersThenTheGlobalThenOurs) {
  EXPECT_THAT(Export(", runbook_url: \"http://r/web\"", "runbook_url: http://r/all\n"),
              HasSubstr("runbook_url: \"http://r/web\"\n"));
  EXPECT_THAT(Export("", "runbook_url: http://r/all\n"), HasSubstr("runbook_url: \"http://r/all\"\n"));
  EXPECT_THAT(Export(""), HasSubstr("runbook_url: \"http://127.0.0.1:9710/runbooks/ErrorBudgetBurn\"\n"));
  EXPECT_THAT(Export("", "external_url: http://fb/\n"), HasSubstr("\"http://fb/runbooks/ErrorBudgetBurn\"\n"));
}

TEST(PrometheusRulesTest, WhatIsBadIsAMatcherOfTheStatusClass) {
  struct Row {
    const char* classification;
    const char* bad;
    const char* counted;
  };
  for (const Row& row : {
           Row{"{errors: [5xx]}", "status_class=\"5xx\"", "source=\"rum\"}"},
           Row{"{errors: [4xx, 5xx]}", "status_class=~\"4xx|5xx\"", "source=\"rum\"}"},
           Row{"{errors: non_2xx}", "status_class!=\"2xx\"", "source=\"rum\"}"},
           Row{"{client_errors: exclude}", "status_class=~\"5xx|timeout", "source=\"rum\",status_class!=\"4xx\"}"},
           Row{"{errors: [4xx, 5xx], client_errors: exclude}", "status_class=~\"4xx|5xx\"", "source=\"rum\"}"},
           Row{"{errors: non_2xx, client_errors: exclude}", "status_class!=\"2xx\"", "source=\"rum\"}"},
       }) {
    const std::string text = Export("", std::string("classification: ") + row.classification + "\n");
    EXPECT_THAT(text,
                HasSubstr(std::string("sum(rate(firebreak_requests_total{tier=\"web\",source=\"rum\",") + row.bad));
    EXPECT_THAT(text,
                HasSubstr(std::string("/ sum(rate(firebreak_requests_total{tier=\"web\",") + row.counted + "[5m]))"));
  }
}

TEST(PrometheusRulesTest, SingleCodesAndLatencyGoByTheCountersOfTheSlo) {
  const std::string text = Export(", p95_ms: 250, slo_source: synthetic", "classification: {errors: [5xx, 429]}\n");
  for (const std::string slo : {"availability", "latency"}) {
    const std::string chosen = "{tier=\"web\",slo=\"" + slo + "\",source=\"synthetic\"}[5m]";
    EXPECT_THAT(text, HasSubstr("sum(rate(firebreak_slo_bad_requests_total" + chosen +
                                "))\n"
                                "          / sum(rate(firebreak_slo_requests_total" +
                                chosen + "))\n"));
  }
  EXPECT_THAT(text, HasSubstr("- alert: LatencyBudgetBurn\n"));
  EXPECT_THAT(text, HasSubstr("slo=\"latency\"} > (14.4 * 0.05)\n"));
  EXPECT_THAT(text, HasSubstr("More than 72 % are slower than 250 ms."));
}

TEST(PrometheusRulesTest, EndpointsAreAddedUpOneByOneWhereTheyAlert) {
  EXPECT_THAT(Export(", alert_by: endpoint"), HasSubstr("          sum by (endpoint) (rate("));
  EXPECT_THAT(Export(", alert_by: endpoint"), HasSubstr("          / sum by (endpoint) (rate("));
}

TEST(PrometheusRulesTest, AGuardedPageIsAPageAndATicket) {
  const std::string text = Export(", min_total: 100, min_bad: 5");
  const std::string chosen = "{service=\"default\",tier=\"web\",slo=\"availability\"}";
  const std::string guards = "          firebreak:slo_requests:increase1h" + chosen +
                             " >= 100\n          and\n"
                             "          firebreak:slo_bad_requests:increase1h" +
                             chosen + " >= 5\n";
  EXPECT_THAT(text, HasSubstr("- record: firebreak:slo_requests:increase1h\n"));
  EXPECT_THAT(text,
              HasSubstr("          and\n" + guards + "        for: 2m\n        labels:\n          severity: page\n"));
  EXPECT_THAT(text, HasSubstr("          unless (\n" + guards +
                              "          )\n        for: 2m\n        labels:\n          severity: ticket\n"));
  EXPECT_EQ(Occurrences(text, "- alert: ErrorBudgetBurn\n"), 3u) << "slow is a ticket anyway";
  EXPECT_THAT(text, Not(HasSubstr("increase6h")));
  EXPECT_THAT(text, HasSubstr("# - min_total, min_bad: "));
}

TEST(PrometheusRulesTest, ADelayIsAnOffset) {
  EXPECT_THAT(Export("", "evaluation_delay: 30s\n"), HasSubstr("source=\"rum\"}[5m] offset 30s))\n"));
}

TEST(PrometheusRulesTest, SaysWhatPromqlCannot) {
  const std::string text = Export("");
  EXPECT_THAT(text, HasSubstr("# - exact ties: "));
  EXPECT_THAT(text, HasSubstr("# - no_data_hold: Firebreak holds a firing alert without data for 15m"));
  EXPECT_THAT(Export("", "no_data_hold: 0s\n"), Not(HasSubstr("no_data_hold")));
  EXPECT_THAT(text, Not(HasSubstr("min_bad")));
}

PrometheusOptions Foreign() { return {"tikliveapi_request_total"}; }

TEST(PrometheusRulesTest, AnotherCounterKnowsNoSources) {
  EXPECT_THAT(Export("", "classification: {errors: non_2xx}\n", Foreign()),
              HasSubstr("          sum(rate(tikliveapi_request_total{tier=\"web\",status_class!=\"2xx\"}[5m]))\n"
                        "          / sum(rate(tikliveapi_request_total{tier=\"web\"}[5m]))\n"));
}

TEST(PrometheusRulesTest, WhatAnotherCounterCannotSayIsSaid) {
  const std::string text = Export(", p95_ms: 250", "classification: {errors: [5xx, 429, 425]}\n", Foreign());
  EXPECT_THAT(text, HasSubstr("# - the latency SLO of web is left out: tikliveapi_request_total knows no latencies\n"));
  EXPECT_THAT(text,
              HasSubstr("# - 425, 429 are bad to Firebreak and not here: status_class does not tell them apart\n"));
  EXPECT_THAT(text, Not(HasSubstr("slo: latency")));
  const std::string nothing = Export("", "classification: {errors: [429]}\n", Foreign());
  EXPECT_THAT(nothing, HasSubstr("# - availability of web is left out: status_class does not tell 429 apart\n"));
  EXPECT_THAT(nothing, HasSubstr("\ngroups: []\n"));
}

TEST(PrometheusRulesTest, NamesAreEscapedForYamlForPromqlAndForTemplates) {
  const std::string text =
      PrometheusRules(Parsed("slo_tiers: {'a \"b\" \\ {{c}}': {availability: 0.999, endpoints: [/a]}}\n"), {});
  EXPECT_THAT(text, HasSubstr(R"(tier="a \"b\" \\ {{c}}")"));
  EXPECT_THAT(text, HasSubstr(R"(tier: "a \"b\" \\ {{\"{{\"}}c}}")"));
}

TEST(MetricNameTest, IsPrometheusOwn) {
  for (const char* name : {"a", "_x:y_9", "A"}) EXPECT_EQ(MetricNameFault(name), "") << name;
  for (const char* name : {"", "9a", "a-b", "a b", "a{}", "é"}) EXPECT_NE(MetricNameFault(name), "") << name;
}

}  // namespace
}  // namespace firebreak
