#include "engine/engine_thread.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "engine/testing.h"
#include "engine/thread_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EngineThreadTest : public ::testing::Test {
 protected:
  EngineThreadTest() {
    Config config = TestConfig();
    config.pairs[0].hold_for = absl::ZeroDuration();
    rules_ = MakeRules(config);
    engine_.emplace(rules_, Options(), clock_, journal_);
  }

  static constexpr size_t kMaxQueued = 1000;

  static EngineOptions Options() {
    EngineOptions options;
    options.max_queued_deltas = kMaxQueued;
    return options;
  }

  // Moves the clock and waits for the tick that is due then.
  void TickAt(absl::Time when) {
    clock_.Set(when);
    EXPECT_TRUE(Eventually([&] { return engine_->snapshot()->at == when; })) << engine_->snapshot()->at;
  }
  // Runs `question` on the engine thread and waits for it.
  void Ask(std::function<void(const Pipeline&)> question) {
    std::atomic<bool> done = false;
    engine_->Ask([&](const Pipeline& pipeline) {
      question(pipeline);
      done = true;
    });
    EXPECT_TRUE(Eventually([&] { return done.load(); }));
  }
  // Submits a batch and waits until it is counted.
  void Count(const std::vector<Event>& events) {
    std::atomic<bool> done = false;
    EXPECT_TRUE(engine_->Submit(Fold(rules_, events), {}, [&](const SubmitResult&) { done = true; }));
    EXPECT_TRUE(Eventually([&] { return done.load(); }));
  }

  std::shared_ptr<const RuleSet> rules_;
  HandClock clock_;
  SharedLog log_;
  MemoryJournal journal_{log_};
  std::optional<EngineThread> engine_;
};

TEST_F(EngineThreadTest, TheFirstSnapshotIsThereBeforeTheFirstTick) {
  const SnapshotPtr snapshot = engine_->snapshot();
  EXPECT_EQ(snapshot->at, kTestStart);
  EXPECT_EQ(snapshot->started, kTestStart);
  EXPECT_EQ(snapshot->rules, rules_);
  EXPECT_THAT(snapshot->alerts, IsEmpty());
  EXPECT_EQ(engine_->rules(), rules_);
}

TEST_F(EngineThreadTest, ABatchIsCountedWhenItsCallbackRuns) {
  int64_t total = -1;
  std::atomic<bool> done = false;
  ASSERT_TRUE(
      engine_->Submit(Fold(rules_, {MakeEvent(kTestStart, "/pay", 200, 7)}), {}, [&](const SubmitResult& applied) {
        EXPECT_EQ(applied.late, 0);
        done = true;
      }));
  ASSERT_TRUE(Eventually([&] { return done.load(); }));
  Ask([&](const Pipeline& pipeline) { total = pipeline.traffic().TierSum(0, 0, kTestStart, absl::Minutes(5)).total; });
  EXPECT_EQ(total, 7);
}

TEST_F(EngineThreadTest, TicksOnTheGridAndShowsItsAlerts) {
  Count({MakeEvent(kTestStart + absl::Seconds(3), "/pay", 503)});
  clock_.Set(kTestStart + absl::Seconds(7));
  ASSERT_TRUE(Eventually([&] { return engine_->snapshot()->stats.ticks == 1; }));
  const SnapshotPtr snapshot = engine_->snapshot();
  EXPECT_EQ(snapshot->at, kTestStart + absl::Seconds(5)) << "dated on the grid, not when it happened to run";
  EXPECT_EQ(snapshot->alerts.size(), 2u);
  EXPECT_EQ(snapshot->alerts[0]->status, AlertStatus::kFiring);
  EXPECT_THAT(log_.Texts(), ElementsAre("+5s checkout/availability/fast inactive>firing page",
                                        "+5s checkout/availability/slow inactive>pending ticket"));
}

TEST_F(EngineThreadTest, AStartOffTheGridTicksAtTheNextMultiple) {
  HandClock clock;
  clock.Set(kTestStart + absl::Seconds(3));
  EngineThread engine(rules_, {}, clock, journal_);
  clock.Set(kTestStart + absl::Seconds(5));
  EXPECT_TRUE(Eventually([&] { return engine.snapshot()->at == kTestStart + absl::Seconds(5); }));
}

TEST_F(EngineThreadTest, MissedTicksAreCountedAndNotMadeUpFor) {
  TickAt(kTestStart + absl::Seconds(5));
  TickAt(kTestStart + absl::Hours(1));
  EXPECT_EQ(engine_->snapshot()->stats.ticks, 2);
  EXPECT_EQ(engine_->snapshot()->stats.missed_ticks, 12 * 60 - 2);
  TickAt(kTestStart + absl::Hours(1) + absl::Seconds(5));
  EXPECT_EQ(engine_->snapshot()->stats.ticks, 3);
  EXPECT_EQ(engine_->snapshot()->stats.missed_ticks, 12 * 60 - 2);
}

// RealClock never shows a jump back; the engine does not rely on it.
TEST_F(EngineThreadTest, AClockThatGoesBackNeverTicksTwice) {
  TickAt(kTestStart + absl::Minutes(1));
  clock_.Set(kTestStart);
  Ask([](const Pipeline&) {});
  Ask([](const Pipeline&) {});
  EXPECT_EQ(engine_->snapshot()->stats.ticks, 1);
  TickAt(kTestStart + absl::Minutes(1) + absl::Seconds(5));
  EXPECT_EQ(engine_->snapshot()->stats.ticks, 2);
}

// Holds the engine thread until it is let go, so that messages queue up.
class Blocked {
 public:
  explicit Blocked(EngineThread& engine) {
    engine.Ask([this](const Pipeline&) {
      held_ = true;
      while (!let_go_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    while (!held_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ~Blocked() { LetGo(); }
  void LetGo() { let_go_ = true; }

 private:
  std::atomic<bool> held_ = false;
  std::atomic<bool> let_go_ = false;
};

FoldedBatch BatchOf(const std::shared_ptr<const RuleSet>& rules, size_t deltas) {
  FoldedBatch batch = Fold(rules, {MakeEvent(kTestStart, "/pay", 200)});
  const Delta delta = batch.deltas[0];
  batch.deltas.assign(deltas, delta);
  return batch;
}

TEST_F(EngineThreadTest, AFullQueueRefusesABatchAndKeepsNothingOfIt) {
  std::atomic<int> done = 0;
  const auto count = [&](const SubmitResult&) { ++done; };
  Blocked blocked(*engine_);
  ASSERT_TRUE(engine_->Submit(BatchOf(rules_, kMaxQueued - 1), {}, count));
  EXPECT_FALSE(engine_->Submit(BatchOf(rules_, 2), {}, count));
  EXPECT_TRUE(engine_->Submit(BatchOf(rules_, 1), {}, count));  // exactly full
  EXPECT_FALSE(engine_->Submit(BatchOf(rules_, 1), {}, count));
  engine_->SignOfLife(Source::kRum);  // small messages always have room
  blocked.LetGo();
  ASSERT_TRUE(Eventually([&] { return done == 2; }));
  int64_t total = 0;
  Ask([&](const Pipeline& pipeline) { total = pipeline.traffic().TierSum(0, 0, kTestStart, absl::Minutes(5)).total; });
  EXPECT_EQ(total, kMaxQueued);
  EXPECT_TRUE(engine_->Submit(BatchOf(rules_, 1), {}, count)) << "there is room again";
  EXPECT_TRUE(Eventually([&] { return done == 3; }));
}

TEST_F(EngineThreadTest, ABatchLargerThanTheWholeQueueIsTakenWhenItIsEmpty) {
  std::atomic<bool> done = false;
  EXPECT_TRUE(engine_->Submit(BatchOf(rules_, kMaxQueued + 1), {}, [&](const SubmitResult&) { done = true; }));
  EXPECT_TRUE(Eventually([&] { return done.load(); }));
}

TEST_F(EngineThreadTest, StopDoesWhatIsQueuedAndRefusesWhatComesAfter) {
  std::atomic<int> done = 0;
  {
    Blocked blocked(*engine_);
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(engine_->Submit(BatchOf(rules_, 1), {}, [&](const SubmitResult&) { ++done; }));
    }
    blocked.LetGo();
    engine_->Stop();
  }
  EXPECT_EQ(done, 100);
  EXPECT_FALSE(engine_->Submit(BatchOf(rules_, 1), {}, [&](const SubmitResult&) { ++done; }));
  engine_->Ask([&](const Pipeline&) { ++done; });
  engine_->SignOfLife(Source::kRum);
  engine_->Stop();  // idempotent
  EXPECT_EQ(done, 100);
  EXPECT_NE(engine_->snapshot(), nullptr);
}

TEST_F(EngineThreadTest, AReloadAfterTheEndIsAnsweredAsWell) {
  engine_->Stop();
  absl::Status answer;
  engine_->Reload(rules_, [&](absl::Status status) { answer = status; });
  EXPECT_EQ(answer.code(), absl::StatusCode::kUnavailable);
}

TEST_F(EngineThreadTest, AReloadIsInTheSnapshotWhenItsCallbackRuns) {
  Config config = TestConfig();
  config.service = "store";
  const auto fresh = MakeRules(config);
  std::atomic<bool> done = false;
  engine_->Reload(fresh, [&](absl::Status status) {
    EXPECT_TRUE(status.ok());
    EXPECT_EQ(engine_->rules(), fresh);
    done = true;
  });
  EXPECT_TRUE(Eventually([&] { return done.load(); }));
}

TEST_F(EngineThreadTest, MaintenanceIsInTheSnapshotWhenItsCallbackRunsAndInForceAtTheNextTick) {
  const auto windows = std::make_shared<const MaintenanceList>(
      std::vector<MaintenanceWindow>{{"a", "*", kTestStart, kTestStart + absl::Hours(1), "", kTestStart}});
  std::atomic<bool> done = false;
  engine_->SetMaintenance(windows, [&](absl::Status status) {
    EXPECT_TRUE(status.ok());
    EXPECT_EQ(engine_->snapshot()->maintenance, windows);
    done = true;
  });
  EXPECT_TRUE(Eventually([&] { return done.load(); }));
  TickAt(kTestStart + absl::Seconds(5));
  EXPECT_EQ(engine_->snapshot()->tiers[0].maintenance_until, kTestStart + absl::Hours(1));
}

TEST_F(EngineThreadTest, MaintenanceAfterTheEndIsAnsweredAsWell) {
  engine_->Stop();
  absl::Status answer;
  engine_->SetMaintenance(std::make_shared<const MaintenanceList>(), [&](absl::Status status) { answer = status; });
  EXPECT_EQ(answer.code(), absl::StatusCode::kUnavailable);
}

TEST_F(EngineThreadTest, ARefusedReloadKeepsTheOldConfiguration) {
  Config config = TestConfig();
  config.period = absl::Hours(24 * 7);
  std::atomic<bool> done = false;
  engine_->Reload(MakeRules(config), [&](absl::Status status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    done = true;
  });
  EXPECT_TRUE(Eventually([&] { return done.load(); }));
  EXPECT_EQ(engine_->rules(), rules_);
}

TEST_F(EngineThreadTest, HeartbeatsKeepAFeedIdleInsteadOfLost) {
  for (int minute = 1; minute <= 10; ++minute) {
    engine_->SignOfLife(Source::kRum);
    TickAt(kTestStart + absl::Minutes(minute));
  }
  EXPECT_EQ(engine_->snapshot()->tiers[0].feed, FeedState::kIdle);
  EXPECT_THAT(log_.Texts(), IsEmpty());
  TickAt(kTestStart + absl::Minutes(14));
  EXPECT_EQ(engine_->snapshot()->tiers[0].feed, FeedState::kLost);
  EXPECT_THAT(log_.Texts(), ElementsAre("+14m checkout/NoData inactive>firing ticket"));
}

// The demo's clock: an hour in a fraction of a second. However slow the machine, ticks stay on the grid.
TEST(EngineThreadScaledTest, TicksFollowAFastClock) {
  const ScaledClock clock(kTestStart, 36'000);
  SharedLog log;
  MemoryJournal journal(log);
  EngineThread engine(MakeRules(TestConfig()), {}, clock, journal);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (engine.snapshot()->at < kTestStart + absl::Hours(1) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const SnapshotPtr snapshot = engine.snapshot();
  ASSERT_GE(snapshot->at, kTestStart + absl::Hours(1));
  EXPECT_EQ((snapshot->at - absl::UnixEpoch()) % absl::Seconds(5), absl::ZeroDuration());
  // The clock runs while the engine is made: the first tick is the first one after its start.
  const absl::Duration before = absl::Floor(snapshot->started - absl::UnixEpoch(), absl::Seconds(5));
  EXPECT_EQ(snapshot->stats.ticks + snapshot->stats.missed_ticks,
            (snapshot->at - absl::UnixEpoch() - before) / absl::Seconds(5));
}

// Many threads at once, for ThreadSanitizer as well.
TEST_F(EngineThreadTest, ManyThreadsMaySubmitAndRead) {
  constexpr int kThreads = 4;
  constexpr int kBatches = 50;
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kBatches; ++i) {
        while (!engine_->Submit(Fold(rules_, {MakeEvent(kTestStart, "/pay", 200)}), {},
                                [&](const SubmitResult&) { ++done; })) {
        }
        engine_->snapshot();
        engine_->SignOfLife(Source::kSynthetic);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(Eventually([&] { return done == kThreads * kBatches; }));
  int64_t total = 0;
  Ask([&](const Pipeline& pipeline) { total = pipeline.traffic().TierSum(0, 0, kTestStart, absl::Minutes(5)).total; });
  EXPECT_EQ(total, kThreads * kBatches);
}

}  // namespace
}  // namespace firebreak
