#include "engine/lab/burn_recorder.h"

#include <algorithm>
#include <utility>

#include "engine/burn_rate.h"
#include "engine/pipeline.h"

namespace firebreak {
namespace {

bool SameAlert(const Transition& a, const Transition& b) {
  const auto key = [](const Transition& t) {
    return std::tuple(std::string_view(t.tier), std::string_view(t.slo), std::string_view(t.pair),
                      std::string_view(t.endpoint), t.alert->labels.Get("alertname"),
                      t.alert->labels.Get("destination"));
  };
  return key(a) == key(b);
}

std::optional<double> BurnOf(const BurnRule& rule, const Counts& counts) {
  const SloCounts of_slo = CountsFor(rule.subject().slo, counts);
  return BurnRate(of_slo.bad, of_slo.total, rule.objective());
}

// `rule` is the trace's own, with the endpoint's number in this pipeline: a restart may give it another.
void Follow(const Evaluation& evaluation, const BurnRule& rule, BurnRecorder::BurnTrace& trace) {
  const BurnReading reading = ReadBurn(evaluation, rule);
  trace.short_window.Add(evaluation.now, BurnOf(rule, reading.short_window));
  trace.long_window.Add(evaluation.now, BurnOf(rule, reading.long_window));
}

void Miss(absl::Time begin, BurnRecorder::MissingBars& missing) {
  ++missing.count;
  missing.from = std::min(missing.from.value_or(begin), begin);
}

}  // namespace

BurnRecorder::BurnRecorder(std::shared_ptr<const RuleSet> rules, size_t max_bars)
    : rules_(std::move(rules)), max_bars_(max_bars) {
  for (int tier = 0; tier < static_cast<int>(config().tiers.size()); ++tier) AddTier(tier);
}

void BurnRecorder::AddTier(int tier) {
  const Tier& of_config = config().tiers[static_cast<size_t>(tier)];
  for (Slo slo : {Slo::kAvailability, Slo::kLatency}) {
    if (!HasSlo(slo, of_config)) continue;
    budgets_.push_back(std::make_unique<BudgetTrace>(config(), BurnSubject{tier, slo, 0, std::nullopt, ""}));
    if (of_config.alert_by == AlertBy::kEndpoint) continue;
    for (int pair = 0; pair < static_cast<int>(config().pairs.size()); ++pair) {
      burns_.push_back(std::make_unique<BurnTrace>(config(), BurnSubject{tier, slo, pair, std::nullopt, ""},
                                                   AlertName{tier, slo, pair, ""}));
    }
  }
}

void BurnRecorder::OnStart(absl::Time, Memory) {}

void BurnRecorder::AfterTick(Pipeline& pipeline) {
  const Evaluation evaluation = pipeline.LastEvaluation();
  first_ = first_.value_or(evaluation.now);
  last_ = evaluation.now;
  maintenance_ = pipeline.maintenance();
  for (auto& trace : burns_) {
    if (!trace->rule.subject().endpoint) Follow(evaluation, trace->rule, *trace);
  }
  for (auto& trace : budgets_) {
    const BudgetView budget = ReadBudget(evaluation, trace->rule);
    trace->left.Add(evaluation.now, budget.counts.total == 0 ? std::nullopt : std::optional(budget.remaining));
  }
  for (int tier = 0; tier < static_cast<int>(config().tiers.size()); ++tier) FollowEndpoints(pipeline, tier);
}

void BurnRecorder::FollowEndpoints(const Pipeline& pipeline, int tier) {
  if (config().tiers[static_cast<size_t>(tier)].alert_by != AlertBy::kEndpoint) return;
  const Evaluation evaluation = pipeline.LastEvaluation();
  const TierWatch& watch = pipeline.watch(tier);
  for (size_t i = 0; i < watch.num_burn_alerts(); ++i) FollowEndpoint(evaluation, watch.burn_alert(i).rule);
}

void BurnRecorder::FollowEndpoint(const Evaluation& evaluation, const BurnRule& rule) {
  const BurnSubject& subject = rule.subject();
  const EndpointKey key{subject.tier, subject.slo, subject.pair, subject.endpoint_name};
  auto found = endpoints_.find(key);
  if (found == endpoints_.end()) {
    if (CountsFor(subject.slo, ReadBurn(evaluation, rule).long_window).bad == 0) return;
    found = endpoints_.emplace(key, nullptr).first;
    if (std::count_if(endpoints_.begin(), endpoints_.end(), [](const auto& known) { return known.second != nullptr; }) <
        static_cast<int64_t>(kMaxEndpointTraces)) {
      burns_.push_back(std::make_unique<BurnTrace>(
          config(), subject, AlertName{subject.tier, subject.slo, subject.pair, subject.endpoint_name}));
      found->second = burns_.back().get();
    } else {
      ++burns_left_out_;
    }
  }
  if (found->second != nullptr) Follow(evaluation, rule, *found->second);
}

void BurnRecorder::EndBar(const Transition& transition) {
  const auto open = std::find_if(open_bars_.begin(), open_bars_.end(),
                                 [&](const Bar* bar) { return SameAlert(bar->begun, transition); });
  if (open == open_bars_.end()) return;
  (*open)->end = transition.at;
  (*open)->end_reason = transition.reason;
  open_bars_.erase(open);
}

// Whether there is room for a bar, or a pending one could make it.
bool BurnRecorder::MakeRoomFor(const Transition& transition) {
  if (firing_.size() + pending_.size() < max_bars_) return true;
  const bool fires = transition.to == AlertStatus::kFiring;
  if (!fires || pending_.empty()) {
    Miss(transition.at, fires ? missing_firing_ : missing_pending_);
    return false;
  }
  open_bars_.erase(std::remove(open_bars_.begin(), open_bars_.end(), &pending_.back()), open_bars_.end());
  Miss(pending_.back().begun.at, missing_pending_);
  pending_.pop_back();
  return true;
}

void BurnRecorder::OnTransition(const Transition& transition) {
  EndBar(transition);
  if (transition.to != AlertStatus::kPending && transition.to != AlertStatus::kFiring) return;
  if (!MakeRoomFor(transition)) return;
  std::deque<Bar>& bars = transition.to == AlertStatus::kFiring ? firing_ : pending_;
  open_bars_.push_back(&bars.emplace_back(Bar{transition, std::nullopt, ""}));
}

std::vector<const BurnRecorder::Bar*> BurnRecorder::bars() const {
  std::vector<const Bar*> bars;
  for (const std::deque<Bar>* kind : {&pending_, &firing_}) {
    for (const Bar& bar : *kind) bars.push_back(&bar);
  }
  std::stable_sort(bars.begin(), bars.end(), [](const Bar* a, const Bar* b) { return a->begun.at < b->begun.at; });
  return bars;
}

}  // namespace firebreak
