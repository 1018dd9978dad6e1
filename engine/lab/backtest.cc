#include "engine/lab/backtest.h"

#include <tuple>
#include <utility>

#include "engine/alert_state.h"
#include "engine/maintenance.h"
#include "rules/threshold.h"

namespace firebreak {
namespace {

// Puts down one change of the step that led to `after`. One firing at a time: an escalated ticket ends before its page.
void Note(const AlertChange& change, const AlertState& after, absl::Time now, std::vector<AlertEpisode>& episodes) {
  if (change.to == AlertStatus::kFiring) {
    episodes.push_back({after.pending_since, now, std::nullopt, change.severity, ""});
  } else if (change.to == AlertStatus::kResolved) {
    episodes.back().resolved = now;
    episodes.back().reason = change.reason;
  }
}

// What the windows of one variant hold, tick by tick, as signals.
struct Signals {
  const WindowSums& in_short;
  const WindowSums& in_long;
  const WindowSums& excluded_in_short;
  const BacktestSubject& subject;
  const Threshold threshold;
  const BurnGuards guards;

  // As TierWatch::SignalOf, where the list of maintenance windows never changes.
  BurnSignal At(int64_t tick) const {
    const auto i = static_cast<size_t>(tick);
    const BurnSignal signal = JudgeBurn(threshold, guards, in_short[i], in_long[i]);
    if (subject.maintenance.empty()) return signal;
    const absl::Time end = subject.ticks.At(tick) - subject.evaluation_delay;
    const bool emptied = signal.kind == BurnSignal::Kind::kNoData && excluded_in_short[i].total > 0;
    const bool under_maintenance = emptied || MaintenanceUntil(subject.maintenance, end).has_value();
    return under_maintenance ? BurnSignal{BurnSignal::Kind::kMaintenance} : signal;
  }
};

auto Key(const RuleVariant& v) {
  return std::tuple(v.short_window, v.long_window, v.burn.digits(), v.burn.scale(), v.hold_for, v.keep_firing_for,
                    v.severity, v.guards.min_total, v.guards.min_bad);
}

}  // namespace

bool operator==(const RuleVariant& a, const RuleVariant& b) { return Key(a) == Key(b); }
bool operator<(const RuleVariant& a, const RuleVariant& b) { return Key(a) < Key(b); }

RuleVariant VariantOf(const Config& config, int tier, Slo slo, size_t pair) {
  const Tier& of_tier = config.tiers[static_cast<size_t>(tier)];
  const AlertPair& of_pair = config.pairs[pair];
  return {of_pair.short_window,    of_pair.long_window, BurnFor(slo, of_tier, pair),         of_pair.hold_for,
          of_pair.keep_firing_for, of_pair.severity,    {of_tier.min_total, of_tier.min_bad}};
}

const WindowSums& Backtester::Sums(absl::Duration window) {
  const auto known = sums_.find(window);
  if (known != sums_.end()) return known->second;
  return sums_.emplace(window, subject_.counted.SumAt(subject_.ticks, subject_.evaluation_delay, window)).first->second;
}

const WindowSums& Backtester::ExcludedSums(absl::Duration window) {
  const auto known = excluded_sums_.find(window);
  if (known != excluded_sums_.end()) return known->second;
  WindowSums sums;
  if (!subject_.maintenance.empty()) {
    sums = subject_.excluded.SumAt(subject_.ticks, subject_.evaluation_delay, window);
  }
  return excluded_sums_.emplace(window, std::move(sums)).first->second;
}

std::vector<AlertEpisode> Backtester::Run(const RuleVariant& variant) {
  const AlertPolicy policy{variant.hold_for, variant.keep_firing_for, subject_.no_data_hold, variant.severity};
  const Signals signals{Sums(variant.short_window),
                        Sums(variant.long_window),
                        ExcludedSums(variant.short_window),
                        subject_,
                        Threshold(variant.burn, subject_.objective),
                        variant.guards};
  std::vector<AlertEpisode> episodes;
  AlertState state;
  for (int64_t tick = 0; tick < subject_.ticks.count; ++tick) {
    const BurnSignal signal = signals.At(tick);
    if (state.phase == AlertPhase::kInactive && signal.kind != BurnSignal::Kind::kAbove) continue;
    const absl::Time now = subject_.ticks.At(tick);
    const AlertStep step = Advance(policy, state, signal, now);
    for (const AlertChange& change : step.changes) Note(change, step.state, now, episodes);
    state = step.state;
  }
  return episodes;
}

}  // namespace firebreak
