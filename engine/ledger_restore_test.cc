// A pipeline made again from the real ledger, after a month of random traffic, against the one that never stopped.

#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "engine/pipeline.h"
#include "engine/testing.h"
#include "fmt/format.h"
#include "gtest/gtest.h"
#include "storage/ledger/ledger.h"

namespace firebreak {
namespace {

class LedgerRestoreTest : public ::testing::Test {
 protected:
  LedgerRestoreTest() {
    Config config = TestConfig();
    config.tiers[0].max_endpoints = 4;
    config.tiers.push_back(MakeTier("search", "0.99", {"/find"}));
    config.classification.unknown_endpoint_tier = 0;
    rules_ = MakeRules(config);
    pipeline_ = std::make_unique<Pipeline>(rules_, PipelineOptions(), kTestStart, log_);
    LedgerOptions options;
    options.shape = LadderShape::For(config.evaluation_interval, config.period,
                                     config.allowed_lateness + config.evaluation_delay + kMaxAhead);
    options.durability.mode = Durability::Mode::kNone;
    const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/ledger.db";
    auto ledger = Ledger::Open(path, options);
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    ledger_ = *std::move(ledger);
  }

  int Random(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

  // Some requests around now: in time, ahead, late, or very late.
  void Send() {
    Folder folder(rules_);
    for (int i = Random(6); i >= 0; --i) {
      static constexpr const char* kEndpoints[] = {"/pay", "/cart", "/find", "/x", "/y", "/z"};
      const absl::Duration late = Random(8) == 0 ? absl::Seconds(Random(3 * 86'400)) : absl::Seconds(Random(60) - 25);
      Event event =
          MakeEvent(now_ - late, kEndpoints[Random(6)], Random(3) == 0 ? 500 + Random(4) : 200, 1 + Random(9));
      event.source = Random(5) == 0 ? Source::kSynthetic : Source::kRum;
      event.latency = absl::Milliseconds(Random(2000));
      folder.Add(event);
    }
    const AdmittedBatch batch = pipeline_->Admit(folder.Take());
    ASSERT_TRUE(ledger_->Begin().ok());
    ASSERT_TRUE(ledger_->Add(batch.record).ok());
    ASSERT_TRUE(ledger_->Commit().ok());
    pipeline_->Apply(batch);
  }
  void Compact() {
    while (true) {
      const auto more = ledger_->Compact(now_);
      ASSERT_TRUE(more.ok()) << more.status();
      if (!*more) return;
    }
  }
  // Time goes on; now and then the ledger folds what is old.
  void Live(absl::Duration time, absl::Duration between) {
    for (const absl::Time end = now_ + time; now_ < end;) {
      now_ += absl::Ceil(between * (1 + Random(100)) / 50, absl::Seconds(5));
      pipeline_->Tick(now_);
      Send();
      if (Random(40) == 0) Compact();
    }
  }

  // Every window of every series, by name.
  std::map<std::string, Counts> Windows(const TrafficStore& traffic) const {
    std::map<std::string, Counts> windows;
    for (const absl::Duration window :
         {absl::Seconds(5), absl::Minutes(5), absl::Hours(1), absl::Hours(2), absl::Hours(6), absl::Hours(13),
          absl::Hours(72), absl::Hours(97), absl::Hours(24 * 30)}) {
      for (const absl::Duration ago : {absl::ZeroDuration(), absl::Seconds(5), absl::Minutes(5)}) {
        const absl::Time end = now_ - ago;
        for (int tier = 0; tier < traffic.num_tiers(); ++tier) {
          for (int source = 0; source < kSourceKinds; ++source) {
            const std::string key =
                fmt::format("{} {} {} {}", tier, source, absl::FormatDuration(window), absl::FormatDuration(ago));
            windows[key] = traffic.TierSum(tier, source, end, window);
            for (const auto& [code, bad] : traffic.CauseSums(tier, source, end, window)) {
              windows[fmt::format("{} cause {}", key, code)].bad = bad;
            }
            for (int i = 0; i < traffic.num_endpoints(tier); ++i) {
              windows[fmt::format("{} {}", key, traffic.endpoint_name(tier, i))] =
                  traffic.EndpointSum(tier, i, source, end, window);
            }
          }
        }
      }
    }
    return windows;
  }

  void ExpectSameAfterARestart() {
    Pipeline restored(rules_, PipelineOptions(), now_, log_);
    ASSERT_TRUE(ledger_->VisitCounts(restored.RestoreCounts()).ok());
    const auto wanted = Windows(pipeline_->traffic());
    const auto found = Windows(restored.traffic());
    ASSERT_EQ(found.size(), wanted.size());
    for (const auto& [key, counts] : wanted) EXPECT_EQ(found.at(key), counts) << key;
    const CumulativeCounts& before = *pipeline_->traffic().Cumulative(0, 0, 0);
    ASSERT_EQ(restored.traffic().endpoint_name(0, 0), pipeline_->traffic().endpoint_name(0, 0));
    const CumulativeCounts& after = *restored.traffic().Cumulative(0, 0, 0);
    EXPECT_EQ(after.by_status, before.by_status);
    EXPECT_EQ(after.latency_buckets, before.latency_buckets);
    EXPECT_NEAR(after.latency_seconds, before.latency_seconds, 1e-6 * before.latency_seconds);
    EXPECT_EQ(restored.traffic().LastEvent(0, 0), pipeline_->traffic().LastEvent(0, 0));
  }

  std::mt19937 random_{20251124};
  std::shared_ptr<const RuleSet> rules_;
  TransitionLog log_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Ledger> ledger_;
  absl::Time now_ = kTestStart;
};

TEST_F(LedgerRestoreTest, EveryWindowReadsAsIfThereHadBeenNoRestart) {
  Live(absl::Minutes(50), absl::Seconds(10));
  ExpectSameAfterARestart();
  Live(absl::Hours(20), absl::Minutes(2));
  ExpectSameAfterARestart();
  Live(absl::Hours(24 * 33), absl::Hours(1));
  ExpectSameAfterARestart();
  Live(absl::Minutes(30), absl::Seconds(15));
  Compact();
  ExpectSameAfterARestart();
}

}  // namespace
}  // namespace firebreak
