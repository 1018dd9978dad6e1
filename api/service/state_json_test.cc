#include "api/service/state_json.h"

#include <memory>
#include <utility>

#include "api/service/budgets_json.h"
#include "api/service/metrics.h"
#include "engine/folder.h"
#include "engine/pipeline.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "rules/parse.h"

namespace firebreak {
namespace {

using nlohmann::json;

const absl::Time kStart = absl::FromUnixSeconds(1764000000);

class NoSink : public TransitionSink {
 public:
  void OnTransition(const Transition&) override {}
};

// A pipeline whose one tier has had a total outage for long enough to page.
class StateJsonTest : public ::testing::Test {
 protected:
  StateJsonTest() {
    ParsedConfig parsed = ParseConfig(
        "service: shop\n"
        "slo_tiers:\n"
        "  checkout: {availability: 0.999, p95_ms: 800, endpoints: [/pay/]}\n",
        "test.yaml");
    rules_ = *RuleSet::Create(*std::move(parsed.config));
    pipeline_ = std::make_unique<Pipeline>(rules_, PipelineOptions{"http://here"}, kStart, sink_);
  }

  void Send(int status, absl::Duration latency, int64_t count) {
    Folder folder(rules_);
    Event event;
    event.time = now_;
    event.endpoint = "/pay/";
    event.status = status;
    event.latency = latency;
    event.count = count;
    folder.Add(event);
    pipeline_->Apply(folder.Take());
  }

  // Ticks for `duration`, with `status` answers all the while.
  void Traffic(absl::Duration duration, int status) {
    for (const absl::Time end = now_ + duration; now_ < end;) {
      now_ += absl::Seconds(5);
      Send(status, absl::Milliseconds(100), 10);
      pipeline_->Tick(now_);
    }
  }

  NoSink sink_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Pipeline> pipeline_;
  absl::Time now_ = kStart;
};

TEST_F(StateJsonTest, SlosShowWindowsBudgetAndFeed) {
  Traffic(absl::Minutes(10), 200);
  const json slos = json::parse(SlosJson(*pipeline_->TakeSnapshot()));
  EXPECT_EQ(slos["service"], "shop");
  EXPECT_EQ(slos["period"], "30d");
  const json& tier = slos["tiers"][0];
  EXPECT_EQ(tier["feed"], "traffic");
  const json& availability = tier["slos"][0];
  EXPECT_EQ(availability["budget"]["total"], 1200);
  EXPECT_EQ(availability["budget"]["left"], 1.0);
  const json& fast = availability["pairs"][0];
  EXPECT_EQ(fast["short"]["window"], "5m");
  EXPECT_EQ(fast["short"]["total"], 600);
  EXPECT_EQ(fast["long"]["total"], 1200);
  EXPECT_EQ(fast["error_percent_threshold"], "1.44");
  EXPECT_TRUE(fast["hours_left"].is_null()) << "nothing burns";
  EXPECT_NEAR(fast["long"]["coverage"].get<double>(), 10.0 / 60, 1e-9);
  EXPECT_EQ(tier["slos"][1]["latency_limit_ms"], 800.0);
}

TEST_F(StateJsonTest, BudgetsSayWhatIsSpentAndHowLongTheRestLasts) {
  Traffic(absl::Minutes(10), 200);
  Send(503, absl::Milliseconds(1), 1);
  now_ += absl::Seconds(5);
  pipeline_->Tick(now_);
  const json budgets = json::parse(BudgetsJson(*pipeline_->TakeSnapshot()));
  EXPECT_EQ(budgets["period"], "30d");
  const json& tier = budgets["tiers"][0];
  EXPECT_EQ(tier["tier"], "checkout");
  EXPECT_TRUE(tier["maintenance_until"].is_null());
  ASSERT_EQ(tier["budgets"].size(), 2u);
  const json& availability = tier["budgets"][0];
  EXPECT_EQ(availability["slo"], "availability");
  EXPECT_EQ(availability["bad"], 1);
  EXPECT_EQ(availability["total"], 1201);
  EXPECT_EQ(availability["allowed_bad"], 1.201);
  EXPECT_NEAR(availability["consumed"].get<double>(), 1 / 1.201, 1e-12);
  EXPECT_NEAR(availability["remaining"].get<double>(), 1 - 1 / 1.201, 1e-12);
  const json& hour = availability["projections"][0];
  EXPECT_EQ(hour["window"], "1h");
  EXPECT_NEAR(hour["burn"].get<double>(), 1 / 1.201, 1e-9);
  EXPECT_NEAR(hour["exhausted_in_hours"].get<double>(), (1 - 1 / 1.201) * 720 / (1 / 1.201), 1e-6);
  EXPECT_EQ(availability["projections"][1]["window"], "6h");
  EXPECT_TRUE(tier["budgets"][1]["projections"][0]["exhausted_in_hours"].is_null()) << "nothing is slow";
  Send(503, absl::Milliseconds(1), 1);
  now_ += absl::Seconds(5);
  pipeline_->Tick(now_);
  const json spent = json::parse(BudgetsJson(*pipeline_->TakeSnapshot()))["tiers"][0]["budgets"][0];
  EXPECT_LT(spent["remaining"].get<double>(), 0);
  EXPECT_EQ(spent["projections"][0]["exhausted_in_hours"], 0.0) << "no negative hours";
}

TEST_F(StateJsonTest, WhatMaintenanceTookOutStandsBesideWhatCounts) {
  Traffic(absl::Minutes(2), 503);
  pipeline_->SetMaintenance(std::make_shared<const MaintenanceList>(
      std::vector<MaintenanceWindow>{{"a", "*", kStart + absl::Minutes(1), kStart + absl::Minutes(10), "", kStart}}));
  Traffic(absl::Minutes(1), 200);
  const SnapshotPtr snapshot = pipeline_->TakeSnapshot();
  const json tier = json::parse(SlosJson(*snapshot))["tiers"][0];
  EXPECT_EQ(tier["maintenance_until"], "2025-11-24T16:10:00Z");
  EXPECT_EQ(tier["slos"][0]["budget"]["excluded"], (json{{"bad", 120}, {"total", 240}}));
  const json& window = tier["slos"][0]["pairs"][0]["short"];
  EXPECT_EQ(window["bad"], 120);
  EXPECT_EQ(window["total"], 120);
  EXPECT_EQ(window["excluded"], (json{{"bad", 120}, {"total", 240}}));
  const json budget = json::parse(BudgetsJson(*snapshot))["tiers"][0]["budgets"][0];
  EXPECT_EQ(budget["total"], 120);
  EXPECT_EQ(budget["excluded"], (json{{"bad", 120}, {"total", 240}}));
  const std::string text = StateText(*snapshot);
  EXPECT_NE(text.find("checkout  feed: traffic  under maintenance until 2025-11-24T16:10:00Z\n"), text.npos) << text;
}

TEST_F(StateJsonTest, WithoutEventsThereIsNoBurnAndNoNumberThatIsNone) {
  pipeline_->Tick(kStart + absl::Seconds(5));
  const std::string text = SlosJson(*pipeline_->TakeSnapshot());
  EXPECT_EQ(text.find(":nan"), std::string::npos);
  EXPECT_TRUE(json::parse(text)["tiers"][0]["slos"][0]["pairs"][0]["short"]["burn"].is_null());
}

TEST_F(StateJsonTest, AlertsCarryTheirWordsAndFilters) {
  Traffic(absl::Minutes(3), 503);
  const SnapshotPtr snapshot = pipeline_->TakeSnapshot();
  const json all = json::parse(AlertsJson(*snapshot, "", ""))["alerts"];
  ASSERT_EQ(all.size(), 2u);
  const json firing = json::parse(AlertsJson(*snapshot, "firing", ""))["alerts"];
  ASSERT_EQ(firing.size(), 1u);
  EXPECT_EQ(firing[0]["labels"]["pair"], "fast");
  EXPECT_EQ(firing[0]["burn"], 1000.0);
  EXPECT_EQ(firing[0]["annotations"]["runbook_url"], "http://here/runbooks/ErrorBudgetBurn");
  const std::string fingerprint = firing[0]["fingerprint"];
  EXPECT_EQ(json::parse(AlertsJson(*snapshot, "", fingerprint))["alerts"].size(), 1u);
  EXPECT_EQ(json::parse(AlertsJson(*snapshot, "resolved", ""))["alerts"].size(), 0u);
}

TEST_F(StateJsonTest, PrometheusApiHasItsShape) {
  Traffic(absl::Minutes(3), 503);
  const SnapshotPtr snapshot = pipeline_->TakeSnapshot();
  const json alerts = json::parse(PrometheusAlertsJson(*snapshot));
  EXPECT_EQ(alerts["status"], "success");
  EXPECT_EQ(alerts["data"]["alerts"].size(), 2u);
  const json rules = json::parse(PrometheusRulesJson(*snapshot))["data"]["groups"][0]["rules"];
  ASSERT_EQ(rules.size(), 5u) << "two pairs of two SLOs, and NoData";
  EXPECT_EQ(rules[0]["state"], "firing");
  EXPECT_EQ(rules[0]["duration"], 120.0);
  EXPECT_EQ(
      rules[0]["query"],
      "firebreak_error_ratio{tier=\"checkout\",slo=\"availability\",window=\"5m\"} > 1.44e-2 and ignoring (window) "
      "firebreak_error_ratio{tier=\"checkout\",slo=\"availability\",window=\"1h\"} > 1.44e-2");
  EXPECT_EQ(rules[4]["name"], "NoData");
}

TEST_F(StateJsonTest, TrafficMetricsCountEveryRequestAndBucket) {
  now_ += absl::Seconds(5);
  Send(200, absl::Milliseconds(800), 3);  // exactly the limit: in its bucket
  Send(503, absl::Milliseconds(801), 2);
  const std::string text = TrafficMetrics(*pipeline_);
  const auto has = [&](std::string_view line) { return text.find(line) != std::string::npos; };
  EXPECT_TRUE(
      has("firebreak_requests_total{endpoint=\"/pay/\",tier=\"checkout\",status_class=\"2xx\",source=\"rum\"} 3\n"));
  EXPECT_TRUE(
      has("firebreak_requests_total{endpoint=\"/pay/\",tier=\"checkout\",status_class=\"5xx\",source=\"rum\"} 2\n"));
  EXPECT_TRUE(has(
      "firebreak_requests_total{endpoint=\"/pay/\",tier=\"checkout\",status_class=\"timeout\",source=\"rum\"} 0\n"));
  const std::string of_slo = "{endpoint=\"/pay/\",tier=\"checkout\",slo=\"";
  EXPECT_TRUE(has("firebreak_slo_requests_total" + of_slo + "availability\",source=\"rum\"} 5\n"));
  EXPECT_TRUE(has("firebreak_slo_bad_requests_total" + of_slo + "availability\",source=\"rum\"} 2\n"));
  EXPECT_TRUE(has("firebreak_slo_requests_total" + of_slo + "latency\",source=\"rum\"} 3\n")) << "timed, not failed";
  EXPECT_TRUE(has("firebreak_slo_bad_requests_total" + of_slo + "latency\",source=\"rum\"} 0\n"));
  const std::string series = "{endpoint=\"/pay/\",tier=\"checkout\",source=\"rum\"";
  EXPECT_TRUE(has("firebreak_request_duration_seconds_bucket" + series + ",le=\"0.75\"} 0\n"));
  EXPECT_TRUE(has("firebreak_request_duration_seconds_bucket" + series + ",le=\"0.8\"} 3\n"));
  EXPECT_TRUE(has("firebreak_request_duration_seconds_bucket" + series + ",le=\"1\"} 5\n"));
  EXPECT_TRUE(has("firebreak_request_duration_seconds_bucket" + series + ",le=\"+Inf\"} 5\n"));
  EXPECT_TRUE(has("firebreak_request_duration_seconds_count" + series + "} 5\n"));
}

}  // namespace
}  // namespace firebreak
