#include "engine/ledger_replay.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "engine/ledger_options.h"
#include "engine/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/ledger.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Describe, and both windows.
std::vector<std::string> Lines(const TransitionLog& log) {
  std::vector<std::string> lines;
  for (const Transition& t : log.all()) {
    lines.push_back(fmt::format("{} {}/{} {}/{}", Describe(t, kTestStart), t.short_window.bad, t.short_window.total,
                                t.long_window.bad, t.long_window.total));
  }
  return lines;
}

class LedgerReplayTest : public ::testing::Test {
 protected:
  LedgerReplayTest() {
    const char* base = std::getenv("TEST_TMPDIR");
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::string(base == nullptr ? "/tmp" : base) + "/" + test->name() + ".db";
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  }

  void Traffic(absl::Duration from, absl::Duration to, int bad_percent, absl::Duration every = absl::Seconds(7)) {
    for (absl::Duration at = from; at < to; at += every) {
      events_.push_back(MakeEvent(kTestStart + at, "/pay", 200, 100 - bad_percent));
      if (bad_percent > 0) events_.push_back(MakeEvent(kTestStart + at, "/cart", 503, bad_percent));
    }
  }

  // Counts the events into a ledger, as a server of `config_` does.
  void Keep() {
    const auto rules = MakeRules(config_);
    auto ledger = *Ledger::Open(path_, LedgerOptionsFor(config_));
    Pipeline pipeline(rules, {}, kTestStart, nobody_);
    for (size_t i = 0; i < events_.size(); i += 1000) {
      const auto end = events_.begin() + static_cast<ptrdiff_t>(std::min(events_.size(), i + 1000));
      const AdmittedBatch batch =
          pipeline.Admit(Fold(rules, std::vector<Event>(events_.begin() + static_cast<ptrdiff_t>(i), end)));
      pipeline.Apply(batch);
      ASSERT_TRUE(ledger->Begin().ok());
      ASSERT_TRUE(ledger->Add(batch.record).ok());
      ASSERT_TRUE(ledger->Commit().ok());
    }
  }

  // Replays what is kept, evaluating from `since` to `until` after the start.
  std::vector<std::string> Replay(absl::Duration since, absl::Duration until,
                                  absl::Duration step = LedgerReplay::kRowWidth) {
    const auto ledger = *Ledger::OpenToRead(path_);
    TransitionLog log;
    const auto rules = MakeRules(*LedgerReplay::OnRowGrid(config_));
    LedgerReplay replay(rules, {}, kTestStart + since, step, log);
    const absl::Status read =
        ledger->VisitTierHistory(absl::InfinitePast(), kTestStart + until,
                                 [&](const SeriesName& series, const CountRow& row) { replay.Take(series, row); });
    EXPECT_TRUE(read.ok()) << read;
    summary_ = replay.Finish(kTestStart + until);
    not_judged_ = replay.NotJudged();
    EXPECT_EQ(replay.wide_rows(), 0);
    return Lines(log);
  }

  // What a Pipeline of 30 s slots says that is given the events themselves.
  std::vector<std::string> Direct(absl::Duration until) {
    const auto rules = MakeRules(*LedgerReplay::OnRowGrid(config_));
    TransitionLog log;
    Pipeline pipeline(rules, {}, kTestStart, log);
    size_t next = 0;
    for (absl::Duration at = absl::Seconds(30); at <= until; at += absl::Seconds(30)) {
      std::vector<Event> due;
      for (; next < events_.size() && events_[next].time <= kTestStart + at; ++next) due.push_back(events_[next]);
      pipeline.Apply(Fold(rules, due));
      pipeline.Tick(kTestStart + at);
    }
    return Lines(log);
  }

  Config config_ = TestConfig();
  std::string path_;
  std::vector<Event> events_;
  TransitionLog nobody_;
  ReplaySummary summary_;
  std::vector<std::string> not_judged_;
};

TEST_F(LedgerReplayTest, IsWhatTheEventsThemselvesSay) {
  Traffic(absl::Seconds(1), absl::Hours(7), 0);
  Traffic(absl::Hours(7), absl::Hours(7) + absl::Minutes(12), 40);
  Traffic(absl::Hours(7) + absl::Minutes(12), absl::Hours(9), 0);
  Traffic(absl::Hours(10), absl::Hours(11), 2);
  Keep();
  const std::vector<std::string> lines = Replay(absl::ZeroDuration(), absl::Hours(12));
  EXPECT_EQ(lines, Direct(absl::Hours(12)));
  EXPECT_THAT(lines, Contains(HasSubstr("checkout/availability/fast pending>firing page")));
  EXPECT_THAT(lines, Contains(HasSubstr("checkout/availability/slow pending>firing ticket")));
  EXPECT_THAT(lines, Contains(HasSubstr("checkout/NoData")));
  EXPECT_EQ(summary_.ticks, 12 * 120);
  int64_t total = 0;
  for (const Event& event : events_) total += event.count;
  EXPECT_EQ(summary_.events, total);
  EXPECT_EQ(summary_.tiers[0].total, total);
  EXPECT_EQ(summary_.late, 0);
}

// A minute of silence (mood 0), of errors (1 to 3), of slowness (4) or of peace.
void AddMinute(int mood, std::mt19937& random, absl::Time minute, std::vector<Event>& events) {
  if (mood == 0) return;
  for (int second = 1; second < 60; second += 1 + static_cast<int>(random() % 20)) {
    for (const char* endpoint : {"/pay", "/search"}) {
      Event event = MakeEvent(minute + absl::Seconds(second), endpoint, 200, 1 + static_cast<int>(random() % 50));
      const bool bad = random() % 100 < (mood < 4 ? 30 : 1);
      if (bad) event.status = 503;
      event.latency = absl::Milliseconds(mood == 4 || random() % 100 == 0 ? 3000 : 100);
      events.push_back(event);
    }
  }
}

TEST_F(LedgerReplayTest, IsWhatTheEventsThemselvesSayWhateverHappens) {
  config_.tiers.push_back(config_.tiers[0]);
  config_.tiers[1].name = "search";
  config_.tiers[1].endpoints = {"/search"};
  config_.tiers[1].objective = MustParseDecimal("0.95");
  for (Tier& tier : config_.tiers) {
    tier.latency_limit = absl::Seconds(1);
    tier.latency_burn = tier.burn;
    tier.min_bad = 40;
  }
  config_.pairs[0].keep_firing_for = absl::Minutes(3);
  size_t transitions = 0;
  for (unsigned seed = 1; seed <= 5; ++seed) {
    std::mt19937 random(seed);
    events_.clear();
    int mood = 5;
    for (int minute = 0; minute < 24 * 60; ++minute) {
      if (random() % 12 == 0) mood = static_cast<int>(random() % 10);
      AddMinute(mood, random, kTestStart + absl::Minutes(minute), events_);
    }
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
    Keep();
    const std::vector<std::string> lines = Replay(absl::ZeroDuration(), absl::Hours(26));
    EXPECT_EQ(lines, Direct(absl::Hours(26))) << "seed " << seed;
    transitions += lines.size();
  }
  EXPECT_GT(transitions, 200u);
}

TEST_F(LedgerReplayTest, OtherThresholdsAreTriedOnTheSameCounts) {
  Traffic(absl::Seconds(1), absl::Hours(2), 1);
  Keep();
  EXPECT_THAT(Replay(absl::ZeroDuration(), absl::Hours(2)), Contains(HasSubstr("slow pending>firing")));
  config_.tiers[0].objective = MustParseDecimal("0.99");
  EXPECT_THAT(Replay(absl::ZeroDuration(), absl::Hours(2)), IsEmpty());
}

TEST_F(LedgerReplayTest, WhatCameBeforeFillsTheWindowsAndIsNotEvaluated) {
  Traffic(absl::Seconds(1), absl::Hours(1), 50);
  Traffic(absl::Hours(1), absl::Hours(2), 0);
  Keep();
  // An hour and a minute later the long window of the fast pair holds a minute less of the outage; the short none.
  const std::vector<std::string> lines = Replay(absl::Hours(1) + absl::Minutes(1), absl::Hours(2));
  ASSERT_THAT(lines, Not(IsEmpty()));
  EXPECT_THAT(lines[0], HasSubstr("+1h1m30s checkout/availability/fast inactive>pending page"));
  EXPECT_EQ(summary_.ticks, 59 * 2);
  EXPECT_EQ(summary_.tiers[0].bad, 0) << "of what was evaluated";
}

TEST_F(LedgerReplayTest, AStepMayBeCoarser) {
  Traffic(absl::Seconds(1), absl::Hours(1), 50);
  Keep();
  const std::vector<std::string> lines = Replay(absl::ZeroDuration(), absl::Hours(1), absl::Minutes(2));
  ASSERT_THAT(lines, Not(IsEmpty()));
  EXPECT_THAT(lines[0], HasSubstr("+2m checkout/availability/fast inactive>pending page"));
  EXPECT_EQ(summary_.ticks, 30);
}

TEST_F(LedgerReplayTest, EndpointsCannotBeJudged) {
  Traffic(absl::Seconds(1), absl::Hours(1), 50);
  Keep();
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  EXPECT_THAT(Replay(absl::ZeroDuration(), absl::Hours(2)), Each(HasSubstr("NoData")));
  EXPECT_THAT(not_judged_, ElementsAre("checkout"));
}

TEST_F(LedgerReplayTest, MaintenanceCountsAsItDoesLive) {
  Traffic(absl::Seconds(1), absl::Hours(1), 50);
  Keep();
  const auto ledger = *Ledger::OpenToRead(path_);
  TransitionLog log;
  LedgerReplay replay(MakeRules(*LedgerReplay::OnRowGrid(config_)), {}, kTestStart, absl::Seconds(30), log);
  auto list = std::make_shared<MaintenanceList>();
  MaintenanceWindow window;
  window.tier = "checkout";
  window.from = kTestStart - absl::Minutes(1);
  window.to = kTestStart + absl::Hours(2);
  ASSERT_TRUE(list->Put(window, config_, kTestStart).ok());
  replay.SetMaintenance(list);
  ASSERT_TRUE(ledger
                  ->VisitTierHistory(absl::InfinitePast(), kTestStart + absl::Hours(1),
                                     [&](const SeriesName& series, const CountRow& row) { replay.Take(series, row); })
                  .ok());
  replay.Finish(kTestStart + absl::Hours(1));
  EXPECT_THAT(log.all(), IsEmpty());
}

TEST_F(LedgerReplayTest, SettingsOffTheGridAreNamed) {
  const auto fault = [this] { return std::string(LedgerReplay::OnRowGrid(config_).status().message()); };
  EXPECT_EQ(fault(), "");
  config_.pairs[0].short_window = absl::Seconds(45);
  EXPECT_THAT(fault(), HasSubstr("alerts.fast.short: 45s is not a multiple of 30s"));
  config_.pairs[0].short_window = absl::Seconds(60);
  EXPECT_EQ(fault(), "");
  config_.evaluation_delay = absl::Seconds(5);
  EXPECT_THAT(fault(), HasSubstr("evaluation_delay: 5s is not a multiple of 30s"));
  config_.evaluation_delay = absl::Seconds(60);
  config_.evaluation_interval = absl::Seconds(60);
  EXPECT_EQ(LedgerReplay::OnRowGrid(config_)->evaluation_interval, absl::Seconds(60));
}

}  // namespace
}  // namespace firebreak
