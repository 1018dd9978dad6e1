// The engine's thread and a journal that takes its time, fails, or hangs.

#include "engine/journal.h"

#include <atomic>
#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/engine_thread.h"
#include "engine/testing.h"
#include "engine/thread_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Verdict = Committer::Verdict;

// Keeps what it is given until the test answers it, from the test's thread. Thread-safe.
class FakeJournal : public Journal {
 public:
  bool CommitBatch(BatchRecord batch, std::function<void(Committer::Outcome)> done) override {
    MutexLock lock(mutex_);
    if (full_) return false;
    batches_.push_back(std::move(batch));
    waiting_.push_back(std::move(done));
    return true;
  }
  void CommitEvaluation(EvaluationRecord record) override {
    MutexLock lock(mutex_);
    evaluations_.push_back(std::move(record));
  }
  bool Refusing() const override { return refusing; }
  void Flush(absl::Duration deadline) override {
    {
      MutexLock lock(mutex_);
      flush_deadline_ = deadline;
    }
    if (!hangs) AnswerAll({});
  }

  void AnswerNext(Committer::Outcome outcome) {
    std::function<void(Committer::Outcome)> done;
    {
      MutexLock lock(mutex_);
      done = std::move(waiting_.front());
      waiting_.pop_front();
    }
    done(outcome);
  }
  void AnswerAll(Committer::Outcome outcome) {
    while (waiting() > 0) AnswerNext(outcome);
  }
  void SetFull() {
    MutexLock lock(mutex_);
    full_ = true;
  }

  size_t waiting() const {
    MutexLock lock(mutex_);
    return waiting_.size();
  }
  std::vector<BatchRecord> batches() const {
    MutexLock lock(mutex_);
    return batches_;
  }
  std::vector<EvaluationRecord> evaluations() const {
    MutexLock lock(mutex_);
    return evaluations_;
  }
  absl::Duration flush_deadline() const {
    MutexLock lock(mutex_);
    return flush_deadline_;
  }

  std::atomic<bool> refusing = false;
  std::atomic<bool> hangs = false;

 private:
  mutable Mutex mutex_;
  bool full_ FIREBREAK_GUARDED_BY(mutex_) = false;
  std::vector<BatchRecord> batches_ FIREBREAK_GUARDED_BY(mutex_);
  std::deque<std::function<void(Committer::Outcome)>> waiting_ FIREBREAK_GUARDED_BY(mutex_);
  std::vector<EvaluationRecord> evaluations_ FIREBREAK_GUARDED_BY(mutex_);
  absl::Duration flush_deadline_ FIREBREAK_GUARDED_BY(mutex_);
};

// Writes down what it sees. Thread-safe.
class LoggingObserver : public EngineObserver {
 public:
  void OnStart(absl::Time, std::shared_ptr<const RuleSet>, std::optional<absl::Time> resumed) override {
    Log(resumed ? "start, resumed" : "start");
  }
  void OnApplied(const BatchTag& tag, int64_t events) override {
    Log((tag ? *tag : "untagged") + " " + std::to_string(events));
  }
  void OnTick(absl::Time, Ingest ingest) override { Log(ingest == Ingest::kOpen ? "tick" : "tick, refusing"); }
  void OnSignOfLife(Source source, absl::Time) override { Log("alive " + std::string(SourceName(source))); }
  void OnReload(absl::Time, std::shared_ptr<const RuleSet>) override { Log("reload"); }
  void OnMaintenance(absl::Time, MaintenanceListPtr) override { Log("maintenance"); }

  std::vector<std::string> log() const {
    MutexLock lock(mutex_);
    return log_;
  }

 private:
  void Log(std::string text) {
    MutexLock lock(mutex_);
    log_.push_back(std::move(text));
  }
  mutable Mutex mutex_;
  std::vector<std::string> log_ FIREBREAK_GUARDED_BY(mutex_);
};

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    config_.pairs[0].hold_for = absl::ZeroDuration();
    rules_ = MakeRules(config_);
  }
  ~JournalTest() override { journal_.hangs = true; }

  EngineThread& engine() {
    if (!engine_) {
      options_.observer = &observer_;
      engine_.emplace(rules_, options_, clock_, journal_);
    }
    return *engine_;
  }
  // Submits a batch and waits until the journal has it, or it has been answered without.
  void Submit(FoldedBatch batch, SubmitOptions options = {}) {
    const size_t before = journal_.batches().size();
    const size_t answered = results().size();
    ASSERT_TRUE(engine().Submit(std::move(batch), options, [this](const SubmitResult& result) {
      MutexLock lock(mutex_);
      results_.push_back(result);
    }));
    ASSERT_TRUE(Eventually([&] { return journal_.batches().size() > before || results().size() > answered; }));
  }
  void Submit(std::string_view endpoint, int64_t count) {
    Submit(Fold(rules_, {MakeEvent(clock_.Now(), endpoint, 200, count)}));
  }
  std::vector<SubmitResult> results() const {
    MutexLock lock(mutex_);
    return results_;
  }
  SubmitResult Result() {
    EXPECT_TRUE(Eventually([&] { return !results().empty(); }));
    MutexLock lock(mutex_);
    const SubmitResult result = results_.back();
    results_.pop_back();
    return result;
  }
  // What the engine has counted, seen from its own thread.
  struct Memory {
    int64_t total;
    int64_t events;
    int endpoints;
    friend bool operator==(const Memory&, const Memory&) = default;
  };
  Memory Counted() {
    std::atomic<bool> done = false;
    Memory memory{};
    engine().Ask([&](const Pipeline& pipeline) {
      memory = {pipeline.traffic().TierSum(0, 0, clock_.Now(), absl::Hours(1)).total, pipeline.stats().events,
                pipeline.traffic().num_endpoints(0)};
      done = true;
    });
    EXPECT_TRUE(Eventually([&] { return done.load(); }));
    return memory;
  }
  void TickAt(absl::Duration offset) {
    engine();
    clock_.Set(kTestStart + offset);
    EXPECT_TRUE(Eventually([&] { return engine().snapshot()->at == kTestStart + offset; }));
  }
  // What the journal was told to hand on, evaluation by evaluation.
  std::vector<std::string> Transitions() const {
    std::vector<std::string> texts;
    for (const EvaluationRecord& record : journal_.evaluations()) {
      for (const Transition& transition : record.transitions) texts.push_back(Describe(transition, kTestStart));
    }
    return texts;
  }

  Config config_ = TestConfig();
  std::shared_ptr<const RuleSet> rules_;
  HandClock clock_;
  FakeJournal journal_;
  LoggingObserver observer_;
  EngineOptions options_;
  mutable Mutex mutex_;
  std::vector<SubmitResult> results_ FIREBREAK_GUARDED_BY(mutex_);
  std::optional<EngineThread> engine_;
};

// --- Batches

TEST_F(JournalTest, ABatchIsCountedAndAnsweredOnlyOnceItIsDurable) {
  Submit("/pay", 7);
  EXPECT_EQ(Counted(), (Memory{0, 0, 2}));
  EXPECT_THAT(results(), IsEmpty());
  journal_.AnswerNext({});
  EXPECT_EQ(Result().verdict, Verdict::kCommitted);
  EXPECT_EQ(Counted(), (Memory{7, 1, 2}));
}

TEST_F(JournalTest, AFailedBatchLeavesMemoryAsItWas) {
  Submit("/new", 7);
  const Memory before = Counted();
  journal_.AnswerNext({Verdict::kFailed, {}});
  EXPECT_EQ(Result().verdict, Verdict::kFailed);
  EXPECT_EQ(Counted(), before);
  EXPECT_EQ(before, (Memory{0, 0, 2}));
  Submit("/new", 7);
  journal_.AnswerNext({});
  Result();
  EXPECT_EQ(Counted(), (Memory{7, 1, 3}));
}

TEST_F(JournalTest, ADuplicateIsNotCountedAgainAndSaysWhatWasAnswered) {
  Submit("/pay", 7);
  journal_.AnswerNext({Verdict::kDuplicate, {.accepted = 1, .rejected = 2, .late = 3}});
  const SubmitResult result = Result();
  EXPECT_EQ(result.verdict, Verdict::kDuplicate);
  EXPECT_EQ(result.original, (BatchCounts{1, 2, 3}));
  EXPECT_EQ(Counted(), (Memory{0, 0, 2}));
}

TEST_F(JournalTest, AKeyOfAnotherBodyCountsNothing) {
  Submit("/pay", 7);
  journal_.AnswerNext({Verdict::kKeyReused, {}});
  EXPECT_EQ(Result().verdict, Verdict::kKeyReused);
  EXPECT_EQ(Counted(), (Memory{0, 0, 2}));
}

TEST_F(JournalTest, AJournalThatTakesNoMoreFailsTheBatch) {
  journal_.SetFull();
  Submit("/pay", 7);
  EXPECT_EQ(Result().verdict, Verdict::kFailed);
  EXPECT_EQ(Counted(), (Memory{0, 0, 2}));
}

TEST_F(JournalTest, BatchesAreCountedInTheirOrder) {
  for (const char* name : {"first", "second", "third"}) {
    FoldedBatch batch = Fold(rules_, {MakeEvent(kTestStart, "/pay", 200, 1)});
    batch.tag = std::make_shared<const std::string>(name);
    Submit(std::move(batch));
  }
  journal_.AnswerNext({});
  journal_.AnswerNext({Verdict::kFailed, {}});
  journal_.AnswerNext({});
  ASSERT_TRUE(Eventually([&] { return results().size() == 3; }));
  EXPECT_THAT(observer_.log(), ElementsAre("start", "first 1", "third 1"));
}

TEST_F(JournalTest, TheJournalGetsTheWholeAnswer) {
  TickAt(absl::Seconds(5));
  const BatchKey key{{1, 2, 3}, {4, 5, 6}};
  Submit(Fold(rules_, {MakeEvent(clock_.Now(), "/pay", 200, 3), MakeEvent(clock_.Now(), "/cart", 503, 4),
                       MakeEvent(clock_.Now() - absl::Hours(24 * 40), "/pay", 200, 5)}),
         {.key = key, .rejected = 9});
  ASSERT_THAT(journal_.batches(), SizeIs(1));
  const BatchRecord record = journal_.batches()[0];
  EXPECT_EQ(*record.tiers, std::vector<std::string>{"checkout"});
  ASSERT_THAT(record.deltas, SizeIs(2)) << "late ones are no counts";
  EXPECT_EQ(record.deltas[1].endpoint, "/cart");
  EXPECT_EQ(record.deltas[1].counts.bad, 4);
  EXPECT_EQ(record.counts, (BatchCounts{.accepted = 2, .rejected = 9, .late = 1}));
  EXPECT_EQ(record.key->key, key.key);
  EXPECT_EQ(record.key->body, key.body);
  EXPECT_EQ(record.at, clock_.Now());
  EXPECT_THAT(record.latency_bounds, HasSubstr("100ms 250ms"));
  journal_.AnswerNext({});
  EXPECT_EQ(Result().late, 1);
}

// The answer is 200, and the key must be kept for it.
TEST_F(JournalTest, ABatchThatIsAllLateIsMadeDurable) {
  TickAt(absl::Seconds(5));
  Submit(Fold(rules_, {MakeEvent(clock_.Now() - absl::Hours(24 * 40), "/pay", 200, 5)}));
  ASSERT_THAT(journal_.batches(), SizeIs(1));
  EXPECT_THAT(journal_.batches()[0].deltas, IsEmpty());
}

// The answer is 400.
TEST_F(JournalTest, ABatchOfWhichNothingIsTakenNeverReachesTheJournal) {
  Event flood = MakeEvent(kTestStart, "/pay", 200, 1'000'000);
  flood.retries = 1'000'000;
  Submit(Fold(rules_, {flood, flood}));
  const SubmitResult result = Result();
  EXPECT_EQ(result.verdict, Verdict::kCommitted);
  EXPECT_EQ(result.overflow, 2);
  EXPECT_THAT(journal_.batches(), IsEmpty());
}

TEST_F(JournalTest, AReloadMeanwhileDoesNotMixUpTiers) {
  Submit("/pay", 7);
  Config changed = config_;
  changed.tiers.insert(changed.tiers.begin(), MakeTier("front", "0.99", {"/front"}));
  std::atomic<bool> reloaded = false;
  engine().Reload(MakeRules(changed), [&](const absl::Status& status) { reloaded = status.ok(); });
  ASSERT_TRUE(Eventually([&] { return reloaded.load(); }));
  journal_.AnswerNext({});
  Result();
  EXPECT_EQ(Counted().total, 0) << "the first tier is another one now";
}

// --- Evaluations

TEST_F(JournalTest, EveryEvaluationReachesTheJournalAlsoWhenNothingChanged) {
  TickAt(absl::Seconds(5));
  TickAt(absl::Seconds(10));
  const std::vector<EvaluationRecord> records = journal_.evaluations();
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[1].at, kTestStart + absl::Seconds(10));
  EXPECT_THAT(records[1].changed, IsEmpty());
  EXPECT_THAT(records[1].ended, IsEmpty());
  EXPECT_THAT(records[1].transitions, IsEmpty());
}

TEST_F(JournalTest, AnEvaluationCarriesItsTransitionsAndStates) {
  Submit(Fold(rules_, {MakeEvent(kTestStart + absl::Seconds(3), "/pay", 503)}));
  journal_.AnswerNext({});
  Result();
  TickAt(absl::Seconds(5));
  EXPECT_THAT(Transitions(), ElementsAre("+5s checkout/availability/fast inactive>firing page",
                                         "+5s checkout/availability/slow inactive>pending ticket"));
  const std::vector<EvaluationRecord> records = journal_.evaluations();
  ASSERT_THAT(records.back().changed, SizeIs(2));
  EXPECT_EQ(records.back().changed[0].burn->phase, AlertPhase::kFiring);
  EXPECT_EQ(records.back().changed[0].identity, records.back().transitions[0].alert->labels);
}

TEST_F(JournalTest, AReloadIsAnEvaluationToo) {
  Submit(Fold(rules_, {MakeEvent(kTestStart + absl::Seconds(3), "/pay", 503)}));
  journal_.AnswerNext({});
  Result();
  TickAt(absl::Seconds(5));
  Config changed = config_;
  changed.tiers = {MakeTier("other", "0.99", {"/other"})};
  std::atomic<bool> reloaded = false;
  engine().Reload(MakeRules(changed), [&](const absl::Status& status) { reloaded = status.ok(); });
  ASSERT_TRUE(Eventually([&] { return reloaded.load(); }));
  const EvaluationRecord record = journal_.evaluations().back();
  EXPECT_EQ(record.at, kTestStart + absl::Seconds(5));
  EXPECT_THAT(record.transitions, SizeIs(2));
  EXPECT_THAT(record.changed, SizeIs(1)) << "the page is shown as resolved";
  EXPECT_THAT(record.ended, SizeIs(1)) << "the pending ticket is gone";
}

TEST_F(JournalTest, RefusedIngestAndParkedDeliveriesAlert) {
  std::atomic<bool> parked = false;
  options_.parked_destinations = [&] {
    return parked ? std::vector<std::string>{"oncall"} : std::vector<std::string>();
  };
  TickAt(absl::Seconds(5));
  journal_.refusing = true;
  parked = true;
  TickAt(absl::Seconds(10));
  EXPECT_THAT(Transitions(), ElementsAre("+10s DeliveryParked[oncall] inactive>firing ticket",
                                         "+10s IngestRefused inactive>firing page"));
  EXPECT_THAT(observer_.log(), ElementsAre("start", "tick", "tick, refusing"));
  engine_.reset();
}

// --- Start and stop

TEST_F(JournalTest, WhatIsRestoredIsThereBeforeTheFirstTick) {
  AlertRecord record;
  record.identity = Labels{{"alertname", "IngestRefused"}, {"service", "shop"}, {"severity", "page"}};
  record.burn = AlertState{.phase = AlertPhase::kFiring, .firing_since = kTestStart - absl::Hours(1)};
  options_.restore = [&](Pipeline& pipeline) {
    pipeline.RestoreCounts().counts({"checkout", "", 0}, {5, 352799999, {.total = 3}});
    pipeline.RestoreAlerts({record}, kTestStart - absl::Minutes(1));
    return absl::OkStatus();
  };
  ASSERT_THAT(engine().snapshot()->alerts, SizeIs(1));
  EXPECT_EQ(engine().snapshot()->alerts[0]->firing_since, kTestStart - absl::Hours(1));
  EXPECT_EQ(Counted().total, 3);
  EXPECT_THAT(observer_.log(), ElementsAre("start, resumed"));
}

TEST_F(JournalTest, StopCountsWhatTheJournalStillCommits) {
  Submit("/pay", 7);
  Submit("/cart", 8);
  engine().Stop();
  EXPECT_THAT(results(), SizeIs(2));
  EXPECT_THAT(observer_.log(), ElementsAre("start", "untagged 1", "untagged 1"));
  EXPECT_EQ(journal_.flush_deadline(), absl::Seconds(2));
}

TEST_F(JournalTest, StopDoesNotWaitForAHungJournal) {
  journal_.hangs = true;
  Submit("/pay", 7);
  engine().Stop();
  EXPECT_THAT(results(), IsEmpty());
}

TEST_F(JournalTest, AnAnswerAfterTheEndTouchesNothing) {
  journal_.hangs = true;
  Submit("/pay", 7);
  engine_.reset();
  journal_.AnswerNext({});
  EXPECT_THAT(results(), IsEmpty());
  EXPECT_THAT(observer_.log(), ElementsAre("start"));
}

// Answers from another thread while the engine ticks and stops, for ThreadSanitizer as well.
TEST_F(JournalTest, AnswersMayComeFromAnyThreadAtAnyTime) {
  constexpr int kBatches = 200;
  std::atomic<bool> stop = false;
  engine();
  std::thread disk([&] {
    while (!stop) journal_.AnswerAll({});
  });
  std::atomic<int> done = 0;
  for (int i = 0; i < kBatches; ++i) {
    ASSERT_TRUE(
        engine().Submit(Fold(rules_, {MakeEvent(kTestStart, "/pay", 200)}), {}, [&](const SubmitResult&) { ++done; }));
    clock_.Set(kTestStart + absl::Seconds(i));
  }
  EXPECT_TRUE(Eventually([&] { return done == kBatches; }));
  engine().Stop();
  stop = true;
  disk.join();
  EXPECT_EQ(engine().snapshot()->stats.late_dropped, 0);
}

TEST(MemoryJournalTest, IsDoneAtOnce) {
  TransitionLog log;
  MemoryJournal journal(log);
  std::optional<Verdict> verdict;
  EXPECT_TRUE(journal.CommitBatch({}, [&](const Committer::Outcome& outcome) { verdict = outcome.verdict; }));
  EXPECT_EQ(verdict, Verdict::kCommitted);
  Transition transition;
  transition.alert = std::make_shared<AlertView>();
  journal.CommitEvaluation({kTestStart, {}, {}, {transition, transition}});
  EXPECT_THAT(log.all(), SizeIs(2));
  EXPECT_FALSE(journal.Refusing());
}

}  // namespace
}  // namespace firebreak
