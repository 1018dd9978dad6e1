#include "engine/recorded_replay.h"

#include <optional>
#include <string>
#include <vector>

#include "engine/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr auto kOpen = EngineObserver::Ingest::kOpen;

// api/record/live_replay_test.cc compares whole stories with a live engine; here are the rules it goes by.
class RecordedReplayTest : public ::testing::Test {
 protected:
  RecordedReplayTest() {
    config_.pairs[0].hold_for = absl::ZeroDuration();
    config_.no_data_hold = absl::ZeroDuration();
  }

  void Make(absl::Duration step) { replay_.emplace(MakeRules(config_), PipelineOptions{}, step, log_); }
  void Start(int second, std::optional<int> resumed = std::nullopt, absl::Duration interval = absl::Seconds(5)) {
    replay_->Start(At(second), interval, resumed ? std::optional(At(*resumed)) : std::nullopt);
  }
  void Tick(int second) { replay_->Tick(At(second), kOpen); }
  void Outage(int second, int64_t count = 1000) { replay_->Add(MakeEvent(At(second), "/pay", 503, count)); }
  int64_t Ticks() { return replay_->Finish().ticks; }

  static absl::Time At(int second) { return kTestStart + absl::Seconds(second); }

  Config config_ = TestConfig();
  TransitionLog log_;
  std::optional<RecordedReplay> replay_;
};

TEST_F(RecordedReplayTest, TicksAreThoseThatWereAndNoOthers) {
  Make(absl::Seconds(5));
  Start(2);
  for (int second : {5, 10, 30, 35}) Tick(second);  // 15, 20 and 25 were missed
  EXPECT_EQ(Ticks(), 4);
}

TEST_F(RecordedReplayTest, ACoarserGridTicksWhereItsInstantsLie) {
  Make(absl::Seconds(30));
  Start(2);
  for (int second = 5; second <= 120; second += 5) Tick(second);
  Tick(155);  // 150 lies within what was missed
  EXPECT_EQ(Ticks(), 5);
}

TEST_F(RecordedReplayTest, AFinerGridTicksInBetweenAndNeverInBulk) {
  Make(absl::Seconds(5));
  Start(0, std::nullopt, absl::Seconds(30));
  Tick(30);
  Tick(60);
  Tick(3600);  // one recorded interval: a live engine makes up for nothing
  EXPECT_EQ(Ticks(), 6 + 6 + 6);
}

TEST_F(RecordedReplayTest, ABatchIsCountedBeforeTheTickThatFollowsIt) {
  Make(absl::Seconds(5));
  Start(0);
  Outage(4);
  Tick(5);
  EXPECT_THAT(log_.Texts(), ElementsAre("+5s checkout/availability/fast inactive>firing page",
                                        "+5s checkout/availability/slow inactive>pending ticket"));
}

TEST_F(RecordedReplayTest, ARestartGoesOnWithCountsAndAlerts) {
  Make(absl::Seconds(5));
  Start(0);
  Outage(4);
  Tick(5);
  log_.Clear();
  Start(60, 5);
  Tick(65);
  EXPECT_THAT(log_.Texts(), IsEmpty()) << "it still fires";
  // The slow pair has `for: 15m`: the 55 s without a server do not count.
  for (int second = 70; second <= 955; second += 5) Tick(second);
  EXPECT_THAT(log_.Texts(), Not(Contains("+16m checkout/availability/slow pending>firing ticket")));
  Tick(960);
  EXPECT_THAT(log_.Texts(), Contains("+16m checkout/availability/slow pending>firing ticket"));
}

TEST_F(RecordedReplayTest, AStartWithNothingForgetsEverything) {
  Make(absl::Seconds(5));
  Start(0);
  Outage(4);
  Tick(5);
  log_.Clear();
  Start(60);
  for (int second = 65; second <= 120; second += 5) Tick(second);
  EXPECT_THAT(log_.Texts(), IsEmpty());
  Outage(124);
  Tick(125);
  EXPECT_EQ(log_.all().front().short_window.total, 1000);
}

TEST_F(RecordedReplayTest, AFileThatGoesOnChangesNothing) {
  Make(absl::Seconds(5));
  Start(0);
  Outage(4);
  replay_->Continue(At(4), absl::Seconds(5));
  Tick(5);
  EXPECT_EQ(log_.all().size(), 2);
  EXPECT_EQ(Ticks(), 1);
}

TEST_F(RecordedReplayTest, TheSummaryCountsWhatCame) {
  Make(absl::Seconds(5));
  replay_->Continue(At(0), absl::Seconds(5));
  Outage(4, 7);
  Outage(3, 1);
  replay_->Add(MakeEvent(At(0) - absl::Hours(24 * 60), "/pay", 200));
  Tick(5);
  const ReplaySummary summary = replay_->Finish();
  EXPECT_EQ(summary.events, 3);
  EXPECT_EQ(summary.late, 1);
  EXPECT_EQ(summary.tiers[0].bad, 8);
  EXPECT_EQ(summary.last_event, At(4));
}

// Keeps what it was shown: "start", "start, kept", and the second of each tick.
class Seen : public TickObserver {
 public:
  void OnStart(absl::Time, Memory memory) override { all.push_back(memory == Memory::kKept ? "start, kept" : "start"); }
  void AfterTick(Pipeline& pipeline) override {
    all.push_back(fmt::format("{}", absl::ToInt64Seconds(pipeline.last_tick() - kTestStart)));
  }
  absl::Time NextWanted(absl::Time) const override { return absl::InfiniteFuture(); }

  std::vector<std::string> all;
};

TEST_F(RecordedReplayTest, AnObserverSeesEveryTickAndRestart) {
  Make(absl::Seconds(5));
  Seen seen;
  replay_->Observe(seen);
  Start(2);
  Tick(5);
  Tick(10);
  Start(20, 10);
  Tick(25);
  Start(40);
  EXPECT_THAT(seen.all, ElementsAre("start", "5", "10", "start, kept", "25", "start"));
}

}  // namespace
}  // namespace firebreak
