#include "api/service/traffic_json.h"

#include <memory>
#include <utility>

#include "engine/folder.h"
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

class TrafficJsonTest : public ::testing::Test {
 protected:
  void Send(std::string_view endpoint, Source source, int status, int64_t count) {
    Folder folder(rules_);
    Event event;
    event.time = kStart + absl::Minutes(1);
    event.endpoint = endpoint;
    event.source = source;
    event.status = status;
    event.latency = absl::Seconds(1);
    event.count = count;
    folder.Add(event);
    pipeline_.Apply(folder.Take());
  }
  void Tick() { pipeline_.Tick(kStart + absl::Minutes(2)); }
  std::string Window(std::string_view parameter) {
    const absl::StatusOr<absl::Duration> window = OffendersWindow(parameter, rules_->config);
    return window.ok() ? absl::FormatDuration(*window) : std::string(window.status().message());
  }

  NoSink sink_;
  std::shared_ptr<const RuleSet> rules_ = *RuleSet::Create(
      *ParseConfig("slo_tiers:\n  web: {availability: 0.99, p95_ms: 800, endpoints: [/pay/]}\n", "test.yaml").config);
  Pipeline pipeline_{rules_, {}, kStart, sink_};
};

TEST_F(TrafficJsonTest, AnEmptyStoreIsEmptyListsAndZeros) {
  const json burn_down = json::parse(BurnDownJson(pipeline_));
  EXPECT_EQ(burn_down["period"], "30d");
  EXPECT_EQ(burn_down["step_seconds"], 14400);
  ASSERT_EQ(burn_down["budgets"].size(), 2u);
  EXPECT_EQ(burn_down["budgets"][0]["points"], json::array());
  EXPECT_EQ(json::parse(OffendersJson(pipeline_, absl::Hours(1)))["offenders"], json::array());
  const json sources = json::parse(SourcesJson(pipeline_))["tiers"][0]["sources"];
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0]["windows"]["5m"]["total"], 0);
}

TEST_F(TrafficJsonTest, ABudgetIsPointsOfMillisecondsAndShare) {
  Send("/pay/", Source::kRum, 200, 990);
  Send("/pay/", Source::kRum, 503, 5);
  Send("/pay/", Source::kRum, 503, 5);
  Tick();
  const json budgets = json::parse(BurnDownJson(pipeline_))["budgets"];
  EXPECT_EQ(budgets[0]["tier"], "web");
  EXPECT_EQ(budgets[0]["slo"], "availability");
  EXPECT_EQ(budgets[0]["points"].front(), json::parse("[1764000000000, 1.0]")) << "before the first request";
  EXPECT_EQ(budgets[0]["points"].back(), json::parse("[1764000120000, 0.0]")) << "ten of ten allowed are spent";
  EXPECT_EQ(budgets[1]["slo"], "latency");
}

TEST_F(TrafficJsonTest, OffendersNameTierEndpointAndSlo) {
  Send("/pay/", Source::kRum, 200, 990);
  Send("/pay/", Source::kRum, 503, 10);
  Tick();
  const json offenders = json::parse(OffendersJson(pipeline_, absl::Hours(168)));
  EXPECT_EQ(offenders["window"], "7d");
  ASSERT_EQ(offenders["offenders"].size(), 2u);
  EXPECT_EQ(offenders["offenders"][1],
            json::parse(R"({"tier":"web","endpoint":"/pay/","slo":"availability","bad":10,"total":1000,"burnt":1.0})"));
  EXPECT_EQ(offenders["offenders"][0]["slo"], "latency") << "all of 990 are slow, of 49.5 allowed";
}

TEST_F(TrafficJsonTest, SourcesStandSideBySide) {
  Send("/pay/", Source::kRum, 503, 7);
  Send("/pay/", Source::kSynthetic, 404, 2);
  Tick();
  const json sources = json::parse(SourcesJson(pipeline_))["tiers"][0]["sources"];
  EXPECT_EQ(sources[0]["source"], "rum");
  EXPECT_EQ(sources[0]["windows"]["5m"]["bad"], 7);
  EXPECT_EQ(sources[1]["source"], "synthetic");
  EXPECT_EQ(sources[1]["windows"]["1h"]["client_errors"], 2);
  EXPECT_EQ(sources[1]["windows"]["6h"]["total"], 2);
}

TEST_F(TrafficJsonTest, TheWindowIsAWeekUnlessItIsSaid) {
  EXPECT_EQ(Window(""), "168h");
  EXPECT_EQ(Window("5s"), "5s");
  EXPECT_EQ(Window("30d"), "720h");
  EXPECT_EQ(Window("31d"), "720h") << "no longer than the period";
  EXPECT_EQ(Window("4s"), "window: 4s is shorter than the evaluation_interval of 5s");
  EXPECT_EQ(Window("soon").substr(0, 8), "window: ");
}

}  // namespace
}  // namespace firebreak
