#include "api/service/ring_answers.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "engine/clock.h"
#include "engine/journal.h"
#include "gtest/gtest.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1764000000);

// A clock that is moved by hand; the engine looks at it again every millisecond.
class MovedClock : public Clock {
 public:
  absl::Time Now() const override { return kStart + absl::Seconds(seconds_.load()); }
  absl::Duration RealUntil(absl::Time when) const override {
    return Now() >= when ? absl::ZeroDuration() : absl::Milliseconds(1);
  }
  absl::Time ToWall(absl::Time when) const override { return when; }
  void Advance() { seconds_ += 5; }

 private:
  std::atomic<int64_t> seconds_ = 0;
};

class NoSink : public TransitionSink {
 public:
  void OnTransition(const Transition&) override {}
};

class RingAnswersTest : public ::testing::Test {
 protected:
  // The body answered under that name; reading counts.
  std::string Ask(const std::string& name) {
    std::atomic<bool> done = false;
    std::string body;
    answers_.Answer(
        name, [&](const Pipeline&) { return name + std::to_string(++reads_); },
        [&](HttpResponse response) {
          body = std::move(response.body);
          done = true;
        });
    while (!done) std::this_thread::yield();
    return body;
  }
  void Evaluate() {
    const absl::Time before = engine_.snapshot()->at;
    clock_.Advance();
    while (engine_.snapshot()->at == before) std::this_thread::yield();
  }

  MovedClock clock_;
  NoSink sink_;
  MemoryJournal journal_{sink_};
  EngineThread engine_{
      *RuleSet::Create(
          *ParseConfig("slo_tiers:\n  web: {availability: 0.99, endpoints: [/pay/]}\n", "test.yaml").config),
      {},
      clock_,
      journal_};
  RingAnswers answers_{engine_};
  int reads_ = 0;
};

TEST_F(RingAnswersTest, TheRingsAreReadOnceForEachEvaluationAndName) {
  Evaluate();
  EXPECT_EQ(Ask("a"), "a1");
  EXPECT_EQ(Ask("a"), "a1");
  EXPECT_EQ(Ask("b"), "b2");
  EXPECT_EQ(Ask("a"), "a1");
  Evaluate();
  EXPECT_EQ(Ask("a"), "a3");
  EXPECT_EQ(Ask("b"), "b4");
}

TEST_F(RingAnswersTest, WhatIsKeptIsLimited) {
  Evaluate();
  for (size_t i = 0; i < RingAnswers::kMostKept; ++i) Ask("x" + std::to_string(i));
  const int before = reads_;
  Ask("x0");
  EXPECT_EQ(reads_, before);
  Ask("one more");
  Ask("one more");
  EXPECT_EQ(reads_, before + 2) << "answered, and not kept";
}

}  // namespace
}  // namespace firebreak
