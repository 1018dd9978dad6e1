#include "engine/replay.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kDay = absl::Hours(24);

// Describe, and both windows.
std::string Line(const Transition& t) {
  return fmt::format("{} {}/{} {}/{}", Describe(t, kTestStart), t.short_window.bad, t.short_window.total,
                     t.long_window.bad, t.long_window.total);
}

class ReplayTest : public ::testing::Test {
 protected:
  void Offer(const Event& event) { events_.push_back(event); }
  void Offer(absl::Duration at, int status, int64_t count = 1) {
    Offer(MakeEvent(kTestStart + at, "/pay", status, count));
  }
  // `count` requests every 10 s in [from, to).
  void Traffic(absl::Duration from, absl::Duration to, int status, int64_t count = 10) {
    for (absl::Duration at = from; at < to; at += absl::Seconds(10)) Offer(at, status, count);
  }

  // Replays what was offered; the last run's transitions, rejections and summary are kept.
  void Replay() {
    log_.Clear();
    rejected_.clear();
    const auto rules = MakeRules(config_);
    ASSERT_TRUE(ReplayDriver::Validate(config_, options_).ok());
    ReplayDriver driver(rules, {}, options_, log_,
                        [this](int64_t line, std::string_view) { rejected_.push_back(line); });
    for (size_t i = 0; i < events_.size(); ++i) driver.Offer(events_[i], static_cast<int64_t>(i + 1));
    summary_ = driver.Finish();
  }
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const Transition& transition : log_.all()) lines.push_back(Line(transition));
    return lines;
  }

  // What a Pipeline says that is ticked at every step and given every event in order before its tick.
  std::vector<std::string> LinesWithoutSkipping(absl::Duration until) {
    std::vector<Event> sorted = events_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
    const auto rules = MakeRules(config_);
    TransitionLog log;
    const auto first = absl::Ceil(sorted.front().time - absl::UnixEpoch(), options_.step);
    Pipeline pipeline(rules, {}, absl::UnixEpoch() + first, log);
    size_t next = 0;
    for (absl::Time now = absl::UnixEpoch() + first; now <= sorted.back().time + until; now += options_.step) {
      Folder folder(rules);
      for (; next < sorted.size() && sorted[next].time <= now; ++next) folder.Add(sorted[next]);
      pipeline.Apply(folder.Take());
      pipeline.Tick(now);
    }
    std::vector<std::string> lines;
    for (const Transition& transition : log.all()) lines.push_back(Line(transition));
    return lines;
  }

  Config config_ = TestConfig();
  ReplayOptions options_;
  std::vector<Event> events_;
  TransitionLog log_;
  std::vector<int64_t> rejected_;
  ReplaySummary summary_;
};

// Keeps when it was shown a tick, as seconds since kTestStart.
class TickList : public TickObserver {
 public:
  explicit TickList(absl::Time wanted = absl::InfiniteFuture()) : wanted_(wanted) {}
  void OnStart(absl::Time at, Memory memory) override {
    EXPECT_EQ(memory, Memory::kNone);
    starts.push_back(Seconds(at));
  }
  void AfterTick(Pipeline& pipeline) override { ticks.push_back(Seconds(pipeline.last_tick())); }
  absl::Time NextWanted(absl::Time from) const override { return wanted_ >= from ? wanted_ : absl::InfiniteFuture(); }

  std::vector<int64_t> starts;
  std::vector<int64_t> ticks;

 private:
  static int64_t Seconds(absl::Time time) { return absl::ToInt64Seconds(time - kTestStart); }
  const absl::Time wanted_;
};

TEST_F(ReplayTest, AnEmptyRecordingIsNothing) {
  Replay();
  EXPECT_THAT(log_.all(), IsEmpty());
  EXPECT_EQ(summary_.ticks, 0);
  EXPECT_EQ(summary_.first_event, std::nullopt);
}

TEST_F(ReplayTest, CountsWhatItTook) {
  Traffic(absl::ZeroDuration(), absl::Minutes(10), 200, 3);
  Traffic(absl::Minutes(5), absl::Minutes(6), 503, 2);
  Replay();
  EXPECT_EQ(summary_.events, 66);
  EXPECT_EQ(summary_.rejected, 0);
  EXPECT_EQ(summary_.late, 0);
  EXPECT_EQ(summary_.tiers[0].total, 60 * 3 + 6 * 2);
  EXPECT_EQ(summary_.tiers[0].bad, 6 * 2);
  EXPECT_EQ(summary_.first_event, kTestStart);
  EXPECT_EQ(summary_.last_event, kTestStart + absl::Minutes(9) + absl::Seconds(50));
}

TEST_F(ReplayTest, OnlyTheTiersOwnSourceIsSummedUp) {
  Event probe = MakeEvent(kTestStart, "/pay", 503);
  probe.source = Source::kSynthetic;
  Offer(probe);
  Offer(absl::ZeroDuration(), 200);
  Replay();
  EXPECT_EQ(summary_.tiers[0].total, 1);
  EXPECT_EQ(summary_.tiers[0].bad, 0);
}

TEST_F(ReplayTest, SaysWhatAPipelineTickedByHandSays) {
  Traffic(absl::ZeroDuration(), absl::Hours(1), 200);
  Traffic(absl::Hours(1), absl::Hours(1) + absl::Minutes(10), 503);
  Traffic(absl::Hours(1) + absl::Minutes(10), absl::Hours(2), 200);
  Replay();
  EXPECT_THAT(Lines(), ::testing::Contains(HasSubstr("checkout/availability/fast pending>firing page")));
  EXPECT_EQ(Lines(), LinesWithoutSkipping(config_.LongestWindow()));
}

// --- Order

TEST_F(ReplayTest, DisorderWithinTheLatenessChangesNothing) {
  std::mt19937 random(7);
  for (absl::Duration at; at < absl::Hours(2); at += absl::Seconds(1)) {
    const bool outage = at > absl::Minutes(70) && at < absl::Minutes(80);
    Offer(at, outage && random() % 2 == 0 ? 503 : 200, 1 + random() % 5);
  }
  Replay();
  const std::vector<std::string> sorted = Lines();
  const ReplaySummary sorted_summary = summary_;
  ASSERT_FALSE(sorted.empty());
  for (int round = 0; round < 3; ++round) {
    // An event is moved back by less than the lateness.
    std::vector<std::pair<absl::Time, Event>> moved;
    for (const Event& event : events_) moved.emplace_back(event.time + absl::Milliseconds(random() % 300'000), event);
    std::stable_sort(moved.begin(), moved.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    events_.clear();
    for (const auto& [when, event] : moved) events_.push_back(event);
    Replay();
    EXPECT_EQ(Lines(), sorted);
    EXPECT_EQ(summary_.behind, 0);
    EXPECT_EQ(summary_.ticks, sorted_summary.ticks);
    EXPECT_EQ(summary_.first_event, sorted_summary.first_event);
  }
}

TEST_F(ReplayTest, WhatComesLaterThanThatIsCountedAsBehind) {
  Traffic(absl::ZeroDuration(), absl::Minutes(20), 200);  // the newest is 19m50s: ticks ran up to 14m45s
  Offer(absl::Minutes(14) + absl::Seconds(46), 200);
  Offer(absl::Minutes(14) + absl::Seconds(45), 200);  // its tick has passed
  Replay();
  EXPECT_EQ(summary_.behind, 1);
  EXPECT_EQ(summary_.late, 0);
  EXPECT_EQ(summary_.tiers[0].total, 1202);
}

TEST_F(ReplayTest, WithoutLatenessEveryEventMovesTime) {
  options_.lateness = absl::ZeroDuration();
  Traffic(absl::ZeroDuration(), absl::Minutes(30), 200);
  Traffic(absl::Minutes(30), absl::Minutes(40), 503);
  Replay();
  EXPECT_EQ(Lines(), LinesWithoutSkipping(config_.LongestWindow()));
}

TEST_F(ReplayTest, EventsOlderThanEverythingHeldAreLate) {
  Traffic(absl::ZeroDuration(), absl::Hours(1), 200);
  Offer(-40 * kDay, 503);
  Replay();
  EXPECT_EQ(summary_.late, 1);
  EXPECT_EQ(summary_.behind, 1);
}

// A line dated 1970 near the beginning must not make the replay tick through half a century.
TEST_F(ReplayTest, AnOldLineAmongTheFirstDoesNotMoveTheBeginning) {
  for (const absl::Duration back : {-20'000 * kDay, -31 * kDay, -29 * kDay, -absl::Hours(3)}) {
    events_.clear();
    Traffic(absl::ZeroDuration(), absl::Minutes(1), 200);
    Offer(back, 200);
    Traffic(absl::Minutes(1), absl::Hours(1), 200);
    Replay();
    EXPECT_EQ(summary_.first_event, kTestStart) << back;
    EXPECT_EQ(summary_.behind, 1) << back;
    EXPECT_LT(summary_.ticks, 12 * 60 * 8) << back;
  }
}

TEST_F(ReplayTest, AnEarlierEventWithinTheLatenessMovesTheBeginning) {
  Offer(absl::Minutes(1), 200);
  Offer(absl::ZeroDuration(), 200);
  Traffic(absl::Minutes(1), absl::Minutes(10), 200);
  Replay();
  EXPECT_EQ(summary_.first_event, kTestStart);
  EXPECT_EQ(summary_.behind, 0);
}

// --- Jumps

TEST_F(ReplayTest, AJumpThatNothingConfirmsIsRejected) {
  Traffic(absl::ZeroDuration(), absl::Minutes(20), 200);
  Replay();
  const auto without = Lines();
  events_.insert(events_.begin() + 60, MakeEvent(kTestStart + 31 * kDay, "/pay", 503));
  Replay();
  EXPECT_THAT(rejected_, ElementsAre(61));
  EXPECT_EQ(summary_.rejected, 1);
  EXPECT_EQ(Lines(), without);
}

TEST_F(ReplayTest, AJumpThatTheNextLinesConfirmIsTaken) {
  Traffic(absl::ZeroDuration(), absl::Minutes(20), 200);
  Traffic(40 * kDay, 40 * kDay + absl::Minutes(20), 200);
  Replay();
  EXPECT_THAT(rejected_, IsEmpty());
  EXPECT_EQ(summary_.last_event, kTestStart + 40 * kDay + absl::Minutes(19) + absl::Seconds(50));
}

TEST_F(ReplayTest, AJumpOfExactlyThirtyDaysNeedsNoConfirmation) {
  Traffic(absl::ZeroDuration(), absl::Minutes(20), 200);
  Offer(absl::Minutes(19) + absl::Seconds(50) + 30 * kDay, 200);
  Replay();
  EXPECT_THAT(rejected_, IsEmpty());
  Offer(absl::Minutes(19) + absl::Seconds(51) + 60 * kDay, 200);
  Replay();
  EXPECT_THAT(rejected_, ElementsAre(122));
}

TEST_F(ReplayTest, HalfOfTheNextHundredLinesConfirmAJump) {
  for (const int confirming : {49, 50}) {
    events_.clear();
    Traffic(absl::ZeroDuration(), absl::Minutes(20), 200);
    const size_t suspect = events_.size();
    Offer(40 * kDay, 200);
    for (int i = 0; i < 100; ++i) Offer(i < confirming ? 40 * kDay : absl::Minutes(20), 200);
    Replay();
    EXPECT_EQ(std::count(rejected_.begin(), rejected_.end(), suspect + 1), confirming < 50 ? 1 : 0) << confirming;
  }
}

TEST_F(ReplayTest, ABogusFirstLineIsRejected) {
  for (const absl::Duration off : {31 * kDay, 365 * kDay, -31 * kDay, -20'000 * kDay}) {
    events_.clear();
    Traffic(absl::ZeroDuration(), absl::Minutes(20), 200);
    Replay();
    const auto without = Lines();
    events_.insert(events_.begin(), MakeEvent(kTestStart + off, "/pay", 503));
    if (off > absl::ZeroDuration()) events_[0].time += absl::Minutes(20);
    Replay();
    EXPECT_THAT(rejected_, ElementsAre(1)) << off;
    EXPECT_EQ(Lines(), without) << off;
  }
}

TEST_F(ReplayTest, ABogusLastLineIsRejected) {
  Traffic(absl::ZeroDuration(), absl::Minutes(20), 200);
  Offer(400 * kDay, 503);
  Replay();
  EXPECT_THAT(rejected_, ElementsAre(121));
  EXPECT_EQ(summary_.last_event, kTestStart + absl::Minutes(19) + absl::Seconds(50));
}

TEST_F(ReplayTest, ASingleEventIsARecording) {
  Offer(absl::ZeroDuration(), 200);
  Replay();
  EXPECT_EQ(summary_.events, 1);
  EXPECT_THAT(rejected_, IsEmpty());
}

TEST_F(ReplayTest, ASparseRecordingIsNotTakenForJumps) {
  for (int day = 0; day < 300; day += 20) Offer(day * kDay, 200);
  Replay();
  EXPECT_EQ(summary_.events, 15);
  EXPECT_THAT(rejected_, IsEmpty());
}

// --- Silence

TEST_F(ReplayTest, SilenceCostsNothingAndHidesNothing) {
  options_.step = absl::Minutes(1);
  const auto incident = [&](absl::Duration from) {
    Traffic(from, from + absl::Minutes(30), 200);
    Traffic(from + absl::Minutes(30), from + absl::Minutes(40), 503);  // fires, is held, ends without data
  };
  incident(absl::ZeroDuration());
  incident(40 * kDay);
  Replay();
  const int64_t ticks = summary_.ticks;
  EXPECT_LT(ticks, 2000);
  EXPECT_EQ(Lines(), LinesWithoutSkipping(config_.LongestWindow()));
  EXPECT_THAT(Lines(), ::testing::Contains(HasSubstr("(no_data)")));
  EXPECT_THAT(Lines(), ::testing::Contains(HasSubstr("+40d checkout/NoData firing>resolved page (recovered)")));

  events_.clear();
  incident(absl::ZeroDuration());
  incident(365 * kDay);
  Replay();
  EXPECT_EQ(summary_.ticks, ticks) << "a year costs what forty days cost";
}

TEST_F(ReplayTest, ATierThatStaysSilentDoesNotKeepTheTicksGoing) {
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  config_.tiers[1].slo_source = Source::kSynthetic;
  options_.step = absl::Minutes(1);
  Traffic(absl::ZeroDuration(), absl::Minutes(30), 200);
  Traffic(20 * kDay, 20 * kDay + absl::Minutes(30), 200);
  Replay();
  EXPECT_LT(summary_.ticks, 2000);
  EXPECT_EQ(Lines(), LinesWithoutSkipping(config_.LongestWindow()));
}

// --- Ticks

TEST_F(ReplayTest, TicksAreMultiplesOfTheStepSinceTheEpoch) {
  options_.step = absl::Minutes(1);
  config_.pairs[0].hold_for = absl::ZeroDuration();
  Offer(absl::Seconds(61), 503);
  Offer(absl::Seconds(62), 503);
  Replay();
  ASSERT_FALSE(log_.all().empty());
  EXPECT_EQ(log_.all()[0].at, kTestStart + absl::Minutes(2));
  for (const Transition& transition : log_.all()) {
    EXPECT_EQ((transition.at - absl::UnixEpoch()) % absl::Minutes(1), absl::ZeroDuration());
  }
}

TEST_F(ReplayTest, AStepMustBeAMultipleOfTheEvaluationInterval) {
  for (const absl::Duration good : {absl::Seconds(5), absl::Seconds(10), absl::Minutes(1), absl::Minutes(5)}) {
    EXPECT_TRUE(ReplayDriver::Validate(config_, {.step = good}).ok()) << good;
  }
  for (const absl::Duration bad :
       {absl::Seconds(0), absl::Seconds(4), absl::Seconds(6), absl::Milliseconds(5500), absl::Minutes(6)}) {
    EXPECT_FALSE(ReplayDriver::Validate(config_, {.step = bad}).ok()) << bad;
  }
  EXPECT_EQ(ReplayDriver::Validate(config_, {.step = absl::Seconds(7)}).message(),
            "--step 7s: wanted a multiple of evaluation_interval (5s)");
}

TEST_F(ReplayTest, TicksGoOnForTheLongestWindowAfterTheLastEvent) {
  config_.pairs.resize(1);
  config_.tiers[0].burn.resize(1);
  for (const absl::Duration delay : {absl::ZeroDuration(), absl::Minutes(2)}) {
    config_.evaluation_delay = delay;
    events_.clear();
    Offer(absl::ZeroDuration(), 200);
    Replay();
    EXPECT_EQ(summary_.ticks, 12 * 60 + 1 + delay / absl::Seconds(5))
        << delay;  // the first event's own tick and an hour
  }
}

TEST_F(ReplayTest, AnAlertOfTheLastMinuteIsSeenToItsEnd) {
  Traffic(absl::ZeroDuration(), absl::Hours(1), 200);
  Traffic(absl::Hours(1), absl::Hours(1) + absl::Minutes(5), 503);
  Replay();
  EXPECT_EQ(Lines(), LinesWithoutSkipping(config_.LongestWindow()));
  EXPECT_THAT(Lines(), ::testing::Contains(HasSubstr("checkout/availability/fast firing>resolved page (no_data)")));
}

TEST_F(ReplayTest, AnObserverSeesEveryTick) {
  options_.step = absl::Minutes(1);
  TickList ticks;
  TransitionLog log;
  ReplayDriver driver(MakeRules(config_), {}, options_, log, [](int64_t, std::string_view) {});
  driver.Observe(ticks);
  driver.Offer(MakeEvent(kTestStart + absl::Seconds(30), "/pay", 200), 1);
  const ReplaySummary summary = driver.Finish();
  EXPECT_EQ(summary.ticks, static_cast<int64_t>(ticks.ticks.size()));
  EXPECT_THAT(ticks.starts, ElementsAre(30));
  EXPECT_EQ(ticks.ticks.front(), 60);
  EXPECT_EQ(ticks.ticks.back(), 6 * 3600 + 60);
}

TEST_F(ReplayTest, AWantedTickIsNotSkippedThoughAllIsQuiet) {
  options_.step = absl::Minutes(1);
  const absl::Duration wanted = 3 * kDay + absl::Minutes(7);
  const auto ticks_with = [&](absl::Time wanted_at) {
    TickList ticks(wanted_at);
    TransitionLog log;
    ReplayDriver driver(MakeRules(config_), {}, options_, log, [](int64_t, std::string_view) {});
    driver.Observe(ticks);
    driver.Offer(MakeEvent(kTestStart, "/pay", 200), 1);
    driver.Offer(MakeEvent(kTestStart + 9 * kDay, "/pay", 200), 2);
    driver.Finish();
    return ticks.ticks;
  };
  const std::vector<int64_t> without = ticks_with(absl::InfiniteFuture());
  std::vector<int64_t> with = ticks_with(kTestStart + wanted);
  EXPECT_EQ(std::count(without.begin(), without.end(), absl::ToInt64Seconds(wanted)), 0);
  EXPECT_EQ(std::count(with.begin(), with.end(), absl::ToInt64Seconds(wanted)), 1);
  EXPECT_EQ(with.size(), without.size() + 1);
}

}  // namespace
}  // namespace firebreak
