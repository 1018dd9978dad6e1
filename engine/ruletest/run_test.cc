#include "engine/ruletest/run_test.h"

#include <algorithm>
#include <memory>

#include "engine/pipeline.h"
#include "engine/recorded_replay.h"
#include "engine/ruletest/judge.h"
#include "engine/ruletest/player.h"
#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

// When the last thing happens that the test speaks of.
absl::Duration EndOf(const RuleTest& test, const Player& player) {
  absl::Duration end = std::max(player.end(), test.until.value_or(absl::ZeroDuration()));
  const auto reach = [&end](const std::optional<TestTime>& time) {
    if (time) end = std::max(end, time->offset.value_or(absl::ZeroDuration()));
  };
  for (const Expectation& expectation : test.expectations) {
    if (const auto* alert = std::get_if<AlertExpectation>(&expectation)) reach(alert->at);
    if (const auto* window = std::get_if<WindowExpectation>(&expectation)) reach(window->at);
    if (const auto* budget = std::get_if<BudgetExpectation>(&expectation)) reach(budget->at);
    if (const auto* fires = std::get_if<PromtoolExpectation>(&expectation)) reach(fires->at);
    if (const auto* told = std::get_if<NotificationsExpectation>(&expectation)) reach(told->at);
  }
  for (const PlannedRestart& restart : player.restarts()) end = std::max(end, restart.at + restart.down);
  return end;
}

// A promtool file wants windows that are exact at every evaluation: kept in slots that the step is a multiple of.
absl::Status CheckWindowsAreExact(const RuleTest& test) {
  const LadderShape shape = LadderShapeFor(test.rules->config);
  for (const AlertPair& pair : test.rules->config.pairs) {
    for (const absl::Duration window : {pair.short_window, pair.long_window}) {
      const auto level = std::find_if(shape.levels.begin(), shape.levels.end(),
                                      [window](const LadderShape::Level& l) { return l.span >= window; });
      if (level == shape.levels.end() || test.step % level->width == absl::ZeroDuration()) continue;
      return absl::InvalidArgumentError(fmt::format(
          "a window of {} is kept in slots of {} and Prometheus' is not: wanted an evaluation_interval that is a "
          "multiple of {}",
          DurationText(window), DurationText(level->width), DurationText(level->width)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TestOutcome> RunRuleTest(const RuleTest& test, TestDelivery& delivery) {
  if (absl::Status exact = CheckWindowsAreExact(test); test.exported != nullptr && !exact.ok()) return exact;
  Judge judge(test, delivery);
  RecordedReplay replay(test.rules, {test.rules->config.external_url}, test.step, judge);
  replay.Observe(judge);
  const std::unique_ptr<Player> player = MakePlayer(test, kRuleTestStart);
  const std::vector<PlannedRestart> restarts = player->restarts();
  const Player::Sink sink = {[&](const Event& event) { replay.Add(event); },
                             [&](Source source, absl::Time at) { replay.SignOfLife(source, at); }};
  auto restart = restarts.begin();
  const absl::Duration end = absl::Ceil(EndOf(test, *player), test.step);
  replay.Start(kRuleTestStart, test.step, std::nullopt);
  for (absl::Duration at = test.step; at <= end; at += test.step) {
    player->PlayUntil(at, sink);
    replay.Tick(kRuleTestStart + at, EngineObserver::Ingest::kOpen);
    for (; restart != restarts.end() && restart->at == at; ++restart) {
      player->SkipUntil(at + restart->down);
      replay.Start(kRuleTestStart + at + restart->down, test.step, kRuleTestStart + at);
      at += restart->down;
    }
  }
  if (absl::Status fault = player->fault(); !fault.ok()) return fault;
  if (replay.Finish().overflow > 0) {
    return absl::InvalidArgumentError("more requests than can be counted, wanted fewer than 2^40 to a tier");
  }
  return judge.Finish();
}

}  // namespace firebreak
