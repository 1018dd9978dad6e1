#include "api/export/grafana.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "rules/parse.h"

namespace firebreak {
namespace {

using ::nlohmann::json;
using ::testing::ElementsAre;

json Export(const std::string& text) {
  const ParsedConfig parsed = ParseConfig(text, "rules.yaml");
  EXPECT_TRUE(parsed.config.has_value()) << text;
  return parsed.config ? json::parse(GrafanaDashboard(*parsed.config)) : json();
}

json TwoTiers() {
  return Export(
      "service: shop\nalerts: {weekly: {short: 6h, long: 3d, burn: 1}}\nslo_tiers:\n"
      "  web: {availability: 0.999, p95_ms: 250, endpoints: [/a], latency_burn_rate_fast: 8}\n"
      "  'odd \"one\"': {availability: 0.99, endpoints: [/b], slo_source: synthetic}\n");
}

std::vector<std::string> Titles(const json& dashboard) {
  std::vector<std::string> titles;
  for (const json& panel : dashboard["panels"]) titles.push_back(panel["title"]);
  return titles;
}

const json& Panel(const json& dashboard, size_t index) { return dashboard["panels"][index]; }

TEST(GrafanaDashboardTest, EachTierHasARowWithBudgetBurnsAndRequests) {
  EXPECT_THAT(Titles(TwoTiers()),
              ElementsAre("Alerts", "web", "Error budget left", "Burn rate: availability", "Burn rate: latency",
                          "Requests", "odd \"one\"", "Error budget left", "Burn rate: availability", "Requests"));
}

TEST(GrafanaDashboardTest, PanelsHaveTheirOwnIdsAndOverlapNowhere) {
  const json dashboard = TwoTiers();
  std::set<int> ids;
  std::set<std::pair<int, int>> taken;
  for (const json& panel : dashboard["panels"]) {
    EXPECT_TRUE(ids.insert(panel["id"].get<int>()).second);
    const json& at = panel["gridPos"];
    EXPECT_LE(at["x"].get<int>() + at["w"].get<int>(), 24);
    for (int x = at["x"]; x < at["x"].get<int>() + at["w"].get<int>(); ++x) {
      for (int y = at["y"]; y < at["y"].get<int>() + at["h"].get<int>(); ++y) {
        EXPECT_TRUE(taken.insert({x, y}).second) << panel["title"] << " at " << x << "," << y;
      }
    }
  }
}

TEST(GrafanaDashboardTest, EveryPanelAsksTheDataSourceThatTheImportAsksFor) {
  const json dashboard = TwoTiers();
  EXPECT_EQ(dashboard["__inputs"][0]["name"], "DS_PROMETHEUS");
  EXPECT_EQ(dashboard["__inputs"][0]["type"], "datasource");
  EXPECT_EQ(dashboard["schemaVersion"], 39);
  int queries = 0;
  for (const json& panel : dashboard["panels"]) {
    if (panel["type"] == "row") continue;
    EXPECT_EQ(panel["datasource"]["uid"], "${DS_PROMETHEUS}");
    for (const json& target : panel["targets"]) {
      EXPECT_EQ(target["datasource"]["uid"], "${DS_PROMETHEUS}");
      EXPECT_FALSE(target["expr"].get<std::string>().empty());
      ++queries;
    }
  }
  EXPECT_EQ(queries, 8);
}

TEST(GrafanaDashboardTest, ThresholdsAreThoseOfThePairsAscending) {
  const json dashboard = TwoTiers();
  const auto steps = [&](size_t panel) {
    std::vector<double> values;
    for (const json& step : Panel(dashboard, panel)["fieldConfig"]["defaults"]["thresholds"]["steps"]) {
      if (!step["value"].is_null()) values.push_back(step["value"]);
    }
    return values;
  };
  EXPECT_THAT(steps(3), ElementsAre(1, 6, 14.4));
  EXPECT_THAT(steps(4), ElementsAre(1, 6, 8));
  EXPECT_EQ(
      Panel(dashboard, 3)["description"],
      "Alerts when both windows of a pair are above its line: fast 14.4x over 5m and 1h, slow 6x over 30m and 6h, "
      "weekly 1x over 6h and 3d.");
}

TEST(GrafanaDashboardTest, QueriesNameTheTierAndItsSource) {
  const json dashboard = TwoTiers();
  EXPECT_EQ(Panel(dashboard, 2)["targets"][0]["expr"], "firebreak_error_budget_left_ratio{tier=\"web\"}");
  EXPECT_EQ(Panel(dashboard, 4)["targets"][0]["expr"], "firebreak_burn_rate{tier=\"web\",slo=\"latency\"}");
  EXPECT_EQ(Panel(dashboard, 9)["targets"][0]["expr"],
            "sum by (status_class) (rate(firebreak_requests_total{tier=\"odd \\\"one\\\"\",source=\"synthetic\"}"
            "[$__rate_interval])) > 0");
}

}  // namespace
}  // namespace firebreak
