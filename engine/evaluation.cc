#include "engine/evaluation.h"

#include <algorithm>
#include <vector>

#include "engine/burn_rate.h"
#include "fmt/format.h"
#include "rules/status_class.h"

namespace firebreak {
namespace {

std::vector<Tally> EndpointTallies(const Evaluation& evaluation, const BurnRule& rule) {
  std::vector<Tally> tallies;
  if (rule.subject().endpoint) return tallies;
  const int tier = rule.subject().tier;
  for (int i = 0; i < evaluation.traffic.num_endpoints(tier); ++i) {
    const Counts counts =
        evaluation.traffic.EndpointSum(tier, i, rule.source(), evaluation.end, rule.pair().long_window);
    const int64_t bad = CountsFor(rule.subject().slo, counts).bad;
    if (bad > 0) tallies.emplace_back(evaluation.traffic.endpoint_name(tier, i), bad);
  }
  return tallies;
}

std::vector<Tally> CodeTallies(const Evaluation& evaluation, const BurnRule& rule) {
  std::vector<Tally> tallies;
  if (rule.subject().slo != Slo::kAvailability) return tallies;
  const auto sums =
      evaluation.traffic.CauseSums(rule.subject().tier, rule.source(), evaluation.end, rule.pair().long_window);
  for (const auto& [code, bad] : sums) tallies.emplace_back(CauseName(code), bad);
  return tallies;
}

}  // namespace

absl::Duration ShortestWindow(const Config& config) {
  absl::Duration shortest = absl::InfiniteDuration();
  for (const AlertPair& pair : config.pairs) shortest = std::min(shortest, pair.short_window);
  return shortest;
}

SloCounts BudgetCounts(const Evaluation& evaluation, const BurnRule& rule) {
  return CountsFor(rule.subject().slo, rule.Sum(evaluation.traffic, evaluation.end, evaluation.config.period));
}

BurnFacts GatherFacts(const Evaluation& evaluation, const BurnRule& rule, const BurnReading& reading) {
  BurnFacts facts;
  const absl::Duration period = evaluation.config.period;
  facts.short_window = rule.Show(evaluation.traffic, evaluation.end, rule.pair().short_window, reading.short_window);
  facts.long_window = rule.Show(evaluation.traffic, evaluation.end, rule.pair().long_window, reading.long_window);
  const SloCounts budget = BudgetCounts(evaluation, rule);
  facts.budget_left = BudgetLeft(budget.bad, budget.total, rule.objective());
  facts.data_held = HeldPart(evaluation.traffic, rule.subject().tier, rule.source(), evaluation.end, period,
                             evaluation.config.evaluation_interval);
  facts.endpoints = EndpointTallies(evaluation, rule);
  facts.codes = CodeTallies(evaluation, rule);
  return facts;
}

std::string RunbookUrl(const Evaluation& evaluation, const Tier& tier, std::string_view alertname) {
  if (!tier.runbook_url.empty()) return tier.runbook_url;
  if (!evaluation.config.runbook_url.empty()) return evaluation.config.runbook_url;
  const std::string& configured = evaluation.config.external_url;
  std::string_view base = configured.empty() ? evaluation.options.external_url : configured;
  if (base.ends_with('/')) base.remove_suffix(1);
  return fmt::format("{}/runbooks/{}", base, alertname);
}

}  // namespace firebreak
