#include "engine/lab/explanation.h"

#include <algorithm>
#include <functional>

#include "engine/burn_rule.h"
#include "engine/evaluation.h"
#include "rules/status_class.h"

namespace firebreak {
namespace {

const TimeRanges& MaintenanceOf(const Evaluation& evaluation, int tier) {
  return evaluation.maintenance[static_cast<size_t>(tier)].now;
}

// The fewest bad requests of `total` that are above; total + 1 when not even all of them are.
int64_t FewestAbove(const Threshold& threshold, int64_t total) {
  int64_t fewest = 0;
  for (int64_t left = total + 1; left > 0;) {  // the answer is in [fewest, fewest + left]
    const int64_t half = left / 2;
    if (threshold.ExceededBy(fewest + half, total)) {
      left = half;
    } else {
      fewest += half + 1;
      left -= half + 1;
    }
  }
  return fewest;
}

std::optional<int64_t> FlipOf(const Threshold& threshold, int64_t bad, int64_t total) {
  if (total == 0) return std::nullopt;
  const int64_t fewest = FewestAbove(threshold, total);
  if (bad >= fewest) return bad - fewest + 1;
  if (fewest > total) return std::nullopt;
  return fewest - bad;
}

void MostBadFirst(std::vector<Contribution>& contributions) {
  std::sort(contributions.begin(), contributions.end(), [](const Contribution& a, const Contribution& b) {
    return a.bad != b.bad ? a.bad > b.bad : a.name < b.name;
  });
}

std::vector<Contribution> EndpointsOf(const Evaluation& evaluation, const BurnRule& rule, absl::Duration window) {
  std::vector<Contribution> endpoints;
  if (rule.subject().endpoint) return endpoints;
  const int tier = rule.subject().tier;
  const TrafficStore& traffic = evaluation.traffic;
  for (int i = 0; i < traffic.num_endpoints(tier); ++i) {
    const Counts counts =
        traffic.EndpointSum(tier, i, rule.source(), evaluation.end, window) -
        traffic.EndpointSumInside(tier, i, rule.source(), evaluation.end, window, MaintenanceOf(evaluation, tier));
    const SloCounts of_slo = CountsFor(rule.subject().slo, counts);
    if (of_slo.bad > 0) endpoints.push_back({std::string(traffic.endpoint_name(tier, i)), of_slo.bad, of_slo.total});
  }
  MostBadFirst(endpoints);
  return endpoints;
}

std::vector<Contribution> CausesOf(const Evaluation& evaluation, const BurnRule& rule, absl::Duration window) {
  std::vector<Contribution> causes;
  if (rule.subject().slo != Slo::kAvailability) return causes;
  const int tier = rule.subject().tier;
  for (const auto& [code, bad] :
       evaluation.traffic.CauseSums(tier, rule.source(), evaluation.end, window, MaintenanceOf(evaluation, tier))) {
    causes.push_back({CauseName(code), bad, 0});
  }
  MostBadFirst(causes);
  return causes;
}

ExplainedWindow ExplainWindow(const Evaluation& evaluation, const BurnRule& rule, WindowReading reading) {
  ExplainedWindow window;
  window.above = rule.threshold().ExceededBy(reading.bad, reading.total);
  window.flip = FlipOf(rule.threshold(), reading.bad, reading.total);
  window.endpoints = EndpointsOf(evaluation, rule, reading.window);
  window.causes = CausesOf(evaluation, rule, reading.window);
  window.reading = std::move(reading);
  return window;
}

// Requests of the short window are in the long one, too: what happens to them happens to both.
std::optional<int64_t> FlipOfBoth(const ExplainedWindow& in_short, const ExplainedWindow& in_long) {
  if (in_short.reading.total == 0) return std::nullopt;
  if (in_short.above && in_long.above) return std::min(*in_short.flip, *in_long.flip);
  int64_t needed = 0;
  for (const ExplainedWindow* window : {&in_short, &in_long}) {
    if (window->above) continue;
    if (!window->flip) return std::nullopt;
    needed = std::max(needed, *window->flip);
  }
  if (needed > in_short.reading.total - in_short.reading.bad) return std::nullopt;
  return needed;
}

BurnSignal SignalOf(const Explanation& explanation, const BurnRule& rule, const BurnReading& reading) {
  if (explanation.maintenance_until) return {BurnSignal::Kind::kMaintenance};
  const BurnSignal signal = rule.Judge(reading);
  const bool above = signal.kind == BurnSignal::Kind::kAbove;
  return explanation.ingest_refused && !above ? BurnSignal{BurnSignal::Kind::kFailed} : signal;
}

ExplainedBurn ExplainBurn(const Evaluation& evaluation, const Explanation& explanation,
                          const TierWatch::BurnStanding& alert) {
  const BurnRule& rule = alert.rule;
  const BurnReading reading = ReadBurn(evaluation, rule);
  ExplainedBurn burn;
  burn.burn = rule.burn();
  burn.objective = rule.objective();
  burn.threshold_percent = rule.threshold().ToPercentString();
  burn.short_window = ExplainWindow(evaluation, rule, rule.ShowShort(evaluation.traffic, reading));
  burn.long_window = ExplainWindow(evaluation, rule, rule.ShowLong(evaluation.traffic, reading));
  burn.signal = SignalOf(explanation, rule, reading);
  burn.flip = FlipOfBoth(burn.short_window, burn.long_window);
  burn.policy = rule.policy();
  burn.state = alert.state;
  burn.guard = rule.GuardText(reading);
  if (alert.state.no_data_since) burn.ends_without_data = EndWithoutData(rule.policy(), alert.state);
  burn.budget_left = ReadBudget(evaluation, rule).remaining;
  return burn;
}

// The end of the last slot that holds a request, up to the evaluation's: traffic may have been read ahead of it.
// Absent, too, when the last one is older than the period. Where only wider slots reach back, it is theirs.
std::optional<absl::Time> LastRequest(const Evaluation& evaluation, int tier, int source) {
  const std::optional<absl::Time> last = evaluation.traffic.LastEvent(tier, source);
  if (!last || *last <= evaluation.end) return last;
  const absl::Duration slot = evaluation.config.evaluation_interval;
  const auto holds_some = [&](int64_t slots) {
    return evaluation.traffic.TierSum(tier, source, evaluation.end, slots * slot).total > 0;
  };
  const int64_t most = evaluation.config.period / slot;
  if (!holds_some(most)) return std::nullopt;
  int64_t fewest = 1;  // the shortest window that holds some has between these many slots
  for (int64_t enough = most; fewest < enough;) {
    const int64_t half = fewest + (enough - fewest) / 2;
    if (holds_some(half)) {
      enough = half;
    } else {
      fewest = half + 1;
    }
  }
  return evaluation.end - (fewest - 1) * slot;
}

ExplainedNoData ExplainNoData(const Pipeline& pipeline, const Evaluation& evaluation, int tier) {
  const Config& config = pipeline.rules()->config;
  const Source source = config.tiers[static_cast<size_t>(tier)].slo_source;
  return {pipeline.watch(tier).no_data(), LastRequest(evaluation, tier, static_cast<int>(source)),
          pipeline.LastLife(source), config.source_lost_after};
}

std::optional<TierWatch::BurnStanding> FindAlert(const TierWatch& watch, const AlertName& name) {
  for (size_t i = 0; i < watch.num_burn_alerts(); ++i) {
    const BurnSubject& subject = watch.burn_alert(i).rule.subject();
    const bool same = subject.slo == *name.slo && subject.pair == name.pair && subject.endpoint_name == name.endpoint;
    if (same) return watch.burn_alert(i);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Explanation> Explain(const Pipeline& pipeline, const AlertName& alert) {
  const Evaluation evaluation = pipeline.LastEvaluation();
  Explanation explanation;
  explanation.alert = alert;
  explanation.at = evaluation.now;
  explanation.feed = pipeline.FeedOf(alert.tier);
  explanation.maintenance_until = MaintenanceUntil(MaintenanceOf(evaluation, alert.tier), evaluation.end);
  explanation.ingest_refused = evaluation.ingest == EngineObserver::Ingest::kRefusing;
  if (!alert.slo) {
    explanation.no_data = ExplainNoData(pipeline, evaluation, alert.tier);
    return explanation;
  }
  const auto found = FindAlert(pipeline.watch(alert.tier), alert);
  if (!found) return std::nullopt;
  explanation.burn = ExplainBurn(evaluation, explanation, *found);
  return explanation;
}

}  // namespace firebreak
