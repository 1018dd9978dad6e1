#include "engine/evaluation.h"

#include <algorithm>
#include <vector>

#include "engine/burn_rate.h"
#include "rules/runbook_url.h"
#include "rules/status_class.h"

namespace firebreak {
namespace {

const TimeRanges& MaintenanceOf(const Evaluation& evaluation, const BurnRule& rule) {
  return evaluation.maintenance[static_cast<size_t>(rule.subject().tier)].now;
}

// What an SLO counts of a window: outside and inside of maintenance.
struct SplitCounts {
  SloCounts counted;
  SloCounts excluded;
};

SplitCounts Split(const Evaluation& evaluation, const BurnRule& rule, absl::Duration window) {
  const Counts excluded = rule.SumInside(evaluation.traffic, evaluation.end, window, MaintenanceOf(evaluation, rule));
  const Counts counted = rule.Sum(evaluation.traffic, evaluation.end, window) - excluded;
  return {CountsFor(rule.subject().slo, counted), CountsFor(rule.subject().slo, excluded)};
}

std::vector<Tally> EndpointTallies(const Evaluation& evaluation, const BurnRule& rule) {
  std::vector<Tally> tallies;
  if (rule.subject().endpoint) return tallies;
  const int tier = rule.subject().tier;
  for (int i = 0; i < evaluation.traffic.num_endpoints(tier); ++i) {
    const Counts counts =
        evaluation.traffic.EndpointSum(tier, i, rule.source(), evaluation.end, rule.pair().long_window) -
        evaluation.traffic.EndpointSumInside(tier, i, rule.source(), evaluation.end, rule.pair().long_window,
                                             MaintenanceOf(evaluation, rule));
    const int64_t bad = CountsFor(rule.subject().slo, counts).bad;
    if (bad > 0) tallies.emplace_back(evaluation.traffic.endpoint_name(tier, i), bad);
  }
  return tallies;
}

std::vector<Tally> CodeTallies(const Evaluation& evaluation, const BurnRule& rule) {
  std::vector<Tally> tallies;
  if (rule.subject().slo != Slo::kAvailability) return tallies;
  const auto sums = evaluation.traffic.CauseSums(rule.subject().tier, rule.source(), evaluation.end,
                                                 rule.pair().long_window, MaintenanceOf(evaluation, rule));
  for (const auto& [code, bad] : sums) tallies.emplace_back(CauseName(code), bad);
  return tallies;
}

}  // namespace

absl::Duration ShortestWindow(const Config& config) {
  absl::Duration shortest = absl::InfiniteDuration();
  for (const AlertPair& pair : config.pairs) shortest = std::min(shortest, pair.short_window);
  return shortest;
}

BurnReading ReadBurn(const Evaluation& evaluation, const BurnRule& rule) {
  return rule.Read(evaluation.traffic, evaluation.end, MaintenanceOf(evaluation, rule));
}

BudgetView ReadBudget(const Evaluation& evaluation, const BurnRule& rule) {
  const absl::Duration period = evaluation.config.period;
  const SplitCounts whole = Split(evaluation, rule, period);
  BudgetCounts counts;
  counts.period = whole.counted;
  counts.excluded = whole.excluded;
  const std::array<absl::Duration, 2> windows = ProjectionWindows(period);
  for (size_t i = 0; i < windows.size(); ++i) counts.projected[i] = Split(evaluation, rule, windows[i]).counted;
  counts.data_held = HeldPart(evaluation.traffic, rule.subject().tier, rule.source(), evaluation.end, period,
                              evaluation.config.evaluation_interval);
  return MakeBudget(rule.objective(), period, counts);
}

BurnFacts GatherFacts(const Evaluation& evaluation, const BurnRule& rule, const BurnReading& reading) {
  BurnFacts facts;
  facts.short_window = rule.ShowShort(evaluation.traffic, reading);
  facts.long_window = rule.ShowLong(evaluation.traffic, reading);
  facts.budget = ReadBudget(evaluation, rule);
  facts.maintenance_until = MaintenanceUntil(MaintenanceOf(evaluation, rule), evaluation.end);
  facts.endpoints = EndpointTallies(evaluation, rule);
  facts.codes = CodeTallies(evaluation, rule);
  return facts;
}

std::string RunbookUrl(const Evaluation& evaluation, const Tier& tier, std::string_view alertname) {
  return RunbookUrl(evaluation.config, tier, evaluation.options.external_url, alertname);
}

std::string RunbookUrl(const Evaluation& evaluation, std::string_view alertname) {
  return RunbookUrl(evaluation.config, evaluation.options.external_url, alertname);
}

}  // namespace firebreak
