// Backtests against the real thing: on random traffic under random rules their episodes are exactly the alerts that a
// ReplayDriver's Pipeline makes of it. Runs 40 histories for each property; RC_PARAMS="max_success=10000" runs more.

#include "engine/lab/backtest.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "engine/lab/history_book.h"
#include "engine/pipeline.h"
#include "engine/replay.h"
#include "engine/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Offset(absl::Time time) { return absl::FormatDuration(time - kTestStart); }

std::string Text(const AlertEpisode& episode) {
  return fmt::format("{} since {} {} to {} {}", Offset(episode.fired), Offset(episode.pending_since),
                     SeverityName(episode.severity), episode.resolved ? Offset(*episode.resolved) : "the end",
                     episode.reason);
}

// The alerts of one pair of an SLO, as a pipeline told them.
std::vector<std::string> Told(const TransitionLog& log, std::string_view slo, std::string_view pair) {
  std::vector<AlertEpisode> episodes;
  for (const Transition& t : log.all()) {
    if (t.slo != slo || t.pair != pair) continue;
    if (t.to == AlertStatus::kFiring) {
      const bool page = t.alert->labels.Get("severity") == "page";
      episodes.push_back({t.alert->active_since, t.at, std::nullopt, page ? Severity::kPage : Severity::kTicket, ""});
    } else if (t.to == AlertStatus::kResolved) {
      episodes.back().resolved = t.at;
      episodes.back().reason = t.reason;
    }
  }
  std::vector<std::string> texts;
  for (const AlertEpisode& episode : episodes) texts.push_back(Text(episode));
  return texts;
}

BacktestSubject SubjectOf(HistoryBook& book, Slo slo, TickRange ticks) {
  const Config& config = book.rules().config;
  return {book.Counted(0, slo),
          book.Excluded(0, slo),
          book.maintenance(0),
          ObjectiveFor(slo, config.tiers[0]),
          config.no_data_hold,
          config.evaluation_delay,
          ticks};
}

std::vector<std::string> Backtested(HistoryBook& book, Slo slo, size_t pair, TickRange ticks) {
  Backtester backtester(SubjectOf(book, slo, ticks));
  std::vector<std::string> texts;
  for (const AlertEpisode& episode : backtester.Run(VariantOf(book.rules().config, 0, slo, pair))) {
    texts.push_back(Text(episode));
  }
  return texts;
}

// --- Random rules and traffic

template <typename T>
T OneOf(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}

AlertPair AnyPair(std::string name, absl::Duration short_window, absl::Duration long_window) {
  return {std::move(name),
          short_window,
          long_window,
          MustParseDecimal("1"),
          absl::Seconds(OneOf({0, 0, 30, 60, 120})),
          absl::Seconds(OneOf({0, 0, 60, 300})),
          OneOf({Severity::kPage, Severity::kPage, Severity::kTicket})};
}

Config AnyConfig() {
  Config config = TestConfig();
  config.evaluation_interval = absl::Seconds(OneOf({5, 10, 30}));
  config.evaluation_delay = OneOf({0, 0, 1, 3}) * config.evaluation_interval;
  config.no_data_hold = absl::Seconds(OneOf({0, 60, 300, 900}));
  config.source_lost_after = absl::Seconds(30);
  config.pairs = {AnyPair("fast", absl::Minutes(OneOf({1, 5})), absl::Minutes(OneOf({10, 60}))),
                  AnyPair("slow", absl::Minutes(OneOf({5, 30})), absl::Minutes(OneOf({60, 61, 360, 1440})))};
  Tier& tier = config.tiers[0];
  tier.objective = MustParseDecimal(OneOf<std::string>({"0.9", "0.99", "0.999"}));
  tier.latency_limit = absl::Milliseconds(500);
  for (std::vector<Decimal>* burns : {&tier.burn, &tier.latency_burn}) {
    *burns = {MustParseDecimal(OneOf<std::string>({"0.5", "2", "9"})),
              MustParseDecimal(OneOf<std::string>({"1", "3"}))};
  }
  tier.min_total = OneOf<int64_t>({0, 0, 50});
  tier.min_bad = OneOf<int64_t>({0, 0, 5, 30});
  return config;
}

// Stretches of some minutes with a pace, shares of bad and slow requests, silences in between.
std::vector<Event> AnyTraffic() {
  std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
  const auto one_of = [&](std::vector<int> values) { return values[random() % values.size()]; };
  std::vector<Event> events;
  absl::Time now = kTestStart + absl::Milliseconds(one_of({0, 1, 4999, 123456}));
  for (int stretch = 0; stretch < 25; ++stretch) {
    const absl::Time end = now + absl::Seconds(one_of({20, 90, 300, 1200, 3600}));
    const int gap_ms = one_of({1000, 5000, 30000, 200000});
    const int bad = one_of({0, 0, 0, 1, 5, 30, 100});
    const int slow = one_of({0, 0, 10, 100});
    const bool silent = one_of({0, 0, 0, 0, 1}) == 1;
    for (; now < end; now += absl::Milliseconds(1 + random() % (2 * gap_ms))) {
      if (silent) continue;
      Event event = MakeEvent(now, "/pay", static_cast<int>(random() % 100) < bad ? 503 : 200, one_of({1, 1, 1, 10}));
      event.latency = absl::Milliseconds(static_cast<int>(random() % 100) < slow ? 900 : 100);
      events.push_back(event);
    }
  }
  return events;
}

HistoryBook BookOf(const std::shared_ptr<const RuleSet>& rules, const std::vector<Event>& events) {
  HistoryBook book(rules);
  book.Add(Fold(rules, events));
  return book;
}

void CheckAgainst(const TransitionLog& log, HistoryBook& book, TickRange ticks) {
  int64_t episodes = 0;
  for (const Slo slo : {Slo::kAvailability, Slo::kLatency}) {
    for (size_t pair = 0; pair < 2; ++pair) {
      const std::vector<std::string> told = Told(log, SloName(slo), book.rules().config.pairs[pair].name);
      episodes += static_cast<int64_t>(told.size());
      RC_ASSERT(Backtested(book, slo, pair, ticks) == told);
    }
  }
  RC_TAG(episodes == 0 ? "quiet" : episodes < 5 ? "some alerts" : "many alerts");
}

TEST(BacktestPropertyTest, SaysWhatAReplaySays) {
  EXPECT_TRUE(rc::check("replay", [] {
    const auto rules = MakeRules(AnyConfig());
    const std::vector<Event> events = AnyTraffic();
    RC_PRE(!events.empty());
    ReplayOptions options;
    options.step = OneOf({1, 1, 2}) * rules->config.evaluation_interval;
    TransitionLog log;
    ReplayDriver driver(rules, {}, options, log, [](int64_t, std::string_view) {});
    for (const Event& event : events) driver.Offer(event, 1);
    driver.Finish();
    HistoryBook book = BookOf(rules, events);
    CheckAgainst(log, book, TicksOfRecording(book, options.step));
  }));
}

// Ranges on any second; the windows are such as the finest level serves, where maintenance is exact.
TEST(BacktestPropertyTest, SaysWhatAPipelineUnderMaintenanceSays) {
  EXPECT_TRUE(rc::check("maintenance", [] {
    Config config = AnyConfig();
    for (AlertPair& pair : config.pairs) {
      pair.short_window = std::min(pair.short_window, absl::Minutes(5));
      pair.long_window = std::min(pair.long_window, absl::Hours(1));
    }
    const auto rules = MakeRules(config);
    const std::vector<Event> events = AnyTraffic();
    RC_PRE(!events.empty());
    std::vector<MaintenanceWindow> windows;
    for (int i = 0; i < 4; ++i) {
      const absl::Time from = kTestStart + absl::Seconds(*rc::gen::inRange(0, 20000));
      windows.push_back(
          {fmt::format("w{}", i), "checkout", from, from + absl::Seconds(*rc::gen::inRange(1, 3000)), "", kTestStart});
    }
    const auto list = std::make_shared<const MaintenanceList>(windows);
    HistoryBook book(rules);
    book.SetMaintenance(0, list->Of("checkout"));
    book.Add(Fold(rules, events));
    const TickRange ticks = TicksOfRecording(book, config.evaluation_interval);
    TransitionLog log;
    Pipeline pipeline(rules, {}, ticks.first, log);
    pipeline.SetMaintenance(list);
    size_t next = 0;
    for (int64_t tick = 0; tick < ticks.count; ++tick) {
      std::vector<Event> due;
      for (; next < events.size() && events[next].time <= ticks.At(tick); ++next) due.push_back(events[next]);
      pipeline.Apply(Fold(rules, due));
      pipeline.Tick(ticks.At(tick));
    }
    CheckAgainst(log, book, ticks);
  }));
}

// --- Cases

class BacktestTest : public ::testing::Test {
 protected:
  void Traffic(absl::Duration from, absl::Duration to, int status) {
    for (absl::Duration at = from; at < to; at += absl::Seconds(10)) {
      events_.push_back(MakeEvent(kTestStart + at, "/pay", status, 10));
    }
  }
  std::vector<std::string> Run() {
    HistoryBook book = BookOf(MakeRules(config_), events_);
    return Backtested(book, Slo::kAvailability, 0, TicksOfRecording(book, absl::Minutes(1)));
  }

  Config config_ = TestConfig();
  std::vector<Event> events_;
};

TEST_F(BacktestTest, AnOutageIsAnEpisode) {
  Traffic(absl::ZeroDuration(), absl::Hours(1), 200);
  Traffic(absl::Hours(1), absl::Hours(1) + absl::Minutes(10), 503);
  Traffic(absl::Hours(1) + absl::Minutes(10), absl::Hours(2), 200);
  EXPECT_THAT(Run(), ElementsAre("1h3m since 1h1m page to 1h15m recovered"));
}

TEST_F(BacktestTest, WhatStillFiresAtTheEndHasNone) {
  config_.no_data_hold = absl::Hours(24);
  Traffic(absl::ZeroDuration(), absl::Hours(1), 503);
  EXPECT_THAT(Run(), ElementsAre("2m since 0 page to the end "));
}

TEST_F(BacktestTest, AnEscalatedTicketIsTwo) {
  config_.tiers[0].min_bad = 300;
  Traffic(absl::ZeroDuration(), absl::Minutes(20), 503);
  EXPECT_THAT(Run(), ElementsAre("2m since 0 ticket to 5m escalated", "5m since 0 page to 40m no_data"));
}

TEST_F(BacktestTest, NothingBadIsNothing) {
  Traffic(absl::ZeroDuration(), absl::Hours(1), 200);
  EXPECT_THAT(Run(), IsEmpty());
}

TEST_F(BacktestTest, OneHistoryServesManyVariants) {
  Traffic(absl::ZeroDuration(), absl::Hours(1), 200);
  Traffic(absl::Hours(1), absl::Hours(1) + absl::Minutes(10), 503);
  HistoryBook book = BookOf(MakeRules(config_), events_);
  Backtester backtester(SubjectOf(book, Slo::kAvailability, TicksOfRecording(book, absl::Minutes(1))));
  RuleVariant variant = VariantOf(config_, 0, Slo::kAvailability, 0);
  EXPECT_EQ(backtester.Run(variant).front().fired, kTestStart + absl::Hours(1) + absl::Minutes(3));
  variant.hold_for = absl::ZeroDuration();
  EXPECT_EQ(backtester.Run(variant).front().fired, kTestStart + absl::Hours(1) + absl::Minutes(1));
  variant.burn = MustParseDecimal("900");
  EXPECT_THAT(backtester.Run(variant), IsEmpty());
}

}  // namespace
}  // namespace firebreak

int main(int argc, char** argv) {
  setenv("RC_PARAMS", "max_success=40", 0);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
