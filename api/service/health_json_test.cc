#include "api/service/health_json.h"

#include <memory>
#include <utility>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "rules/parse.h"

namespace firebreak {
namespace {

using nlohmann::json;

const absl::Time kStart = absl::FromUnixSeconds(1764000000);

class HealthJsonTest : public ::testing::Test {
 protected:
  HealthJsonTest() {
    snapshot_.at = kStart + absl::Minutes(1);
    snapshot_.rules = *RuleSet::Create(
        *ParseConfig("slo_tiers:\n  web: {availability: 0.999, endpoints: [/pay/]}\n", "test.yaml").config);
    snapshot_.stats.ticks = 12;
    process_.reload.last_success = kStart;
    process_.started = kStart;
  }
  json Health(EvaluationPace pace = EvaluationPace::kFresh) {
    return json::parse(HealthJson(snapshot_, process_, pace, kStart + absl::Minutes(1)));
  }

  Snapshot snapshot_;
  IngestCounters ingest_;
  ProcessState process_{ingest_, {}, {}, {}, {}, {}, {}, {}};
};

TEST_F(HealthJsonTest, SaysWhetherEvaluationKeepsUp) {
  EXPECT_EQ(Health()["evaluation"]["fresh"], true);
  EXPECT_EQ(Health(EvaluationPace::kBehind)["evaluation"]["fresh"], false);
  EXPECT_EQ(Health()["evaluation"]["done"], 12);
  EXPECT_EQ(Health()["evaluation"]["interval_seconds"], 5.0);
  EXPECT_EQ(Health()["evaluation"]["at"], "2025-11-24T16:01:00Z");
}

TEST_F(HealthJsonTest, InMemoryThereIsNoLedger) {
  EXPECT_TRUE(Health()["ledger"].is_null());
  process_.ledger.emplace();
  process_.ledger->refusing = true;
  process_.ledger->error = "disk full";
  process_.ledger->last_commit_took = absl::Milliseconds(2.5);
  EXPECT_EQ(Health()["ledger"]["refusing"], true);
  EXPECT_EQ(Health()["ledger"]["error"], "disk full");
  EXPECT_EQ(Health()["ledger"]["last_commit_ms"], 2.5);
}

TEST_F(HealthJsonTest, EachDestinationSaysHowItGoes) {
  DestinationStats destination;
  destination.name = "oncall";
  destination.kind = "webhook";
  destination.queued = 2;
  destination.parked = 1;
  destination.sent = {{"ok", 3}, {"parked", 1}};
  process_.destinations.push_back(destination);
  EXPECT_TRUE(Health()["destinations"][0]["last_success"].is_null());
  EXPECT_TRUE(Health()["destinations"][0]["last_error"].is_null());
  process_.destinations[0].last_success = kStart;
  process_.destinations[0].last_error = "404 Not Found";
  EXPECT_EQ(Health()["destinations"][0],
            json::parse(R"({"name":"oncall","kind":"webhook","queued":2,"parked":1,"sent":{"ok":3,"parked":1},
                            "last_success":"2025-11-24T16:00:00Z","last_error":"404 Not Found"})"));
}

TEST_F(HealthJsonTest, CountsWhatTheServerDid) {
  process_.http.open_streams = 2;
  process_.http.open_connections = 5;
  process_.http.responses = {{200, 40}, {404, 1}};
  process_.http.refused = {{"not_found", 1}};
  ingest_.rejected = 4;
  const json health = Health();
  EXPECT_EQ(health["http"],
            json::parse(R"({"connections":5,"streams":2,"responses":{"200":40,"404":1},"refused":{"not_found":1}})"));
  EXPECT_EQ(health["ingest"]["rejected"], 4);
  EXPECT_EQ(health["version"].get<std::string>().empty(), false);
}

}  // namespace
}  // namespace firebreak
