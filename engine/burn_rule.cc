#include "engine/burn_rule.h"

#include <algorithm>
#include <utility>

#include "engine/burn_rate.h"
#include "fmt/format.h"
#include "rules/alertname.h"

namespace firebreak {

BurnSignal JudgeBurn(const Threshold& threshold, const BurnGuards& guards, const SloCounts& in_short,
                     const SloCounts& in_long) {
  if (in_short.total == 0) return {BurnSignal::Kind::kNoData};
  const bool above = threshold.ExceededBy(in_short.bad, in_short.total) &&  //
                     threshold.ExceededBy(in_long.bad, in_long.total);
  const bool enough = in_long.total >= guards.min_total && in_long.bad >= guards.min_bad;
  return {above ? BurnSignal::Kind::kAbove : BurnSignal::Kind::kBelow,
          enough ? BurnSignal::Guard::kMet : BurnSignal::Guard::kUnder};
}

BurnRule::BurnRule(const Config& config, BurnSubject subject)
    : config_(config),
      subject_(std::move(subject)),
      tier_(config.tiers[static_cast<size_t>(subject_.tier)]),
      pair_(config.pairs[static_cast<size_t>(subject_.pair)]),
      threshold_(burn(), objective()),
      policy_{pair_.hold_for, pair_.keep_firing_for, config.no_data_hold, pair_.severity} {}

Labels BurnRule::LabelsAs(Severity severity) const {
  return Labels{{"alertname", std::string(subject_.slo == Slo::kAvailability ? alertname::kErrorBudgetBurn
                                                                             : alertname::kLatencyBudgetBurn)},
                {"service", config_.service},
                {"tier", tier_.name},
                {"slo", std::string(SloName(subject_.slo))},
                {"pair", pair_.name},
                {"severity", std::string(SeverityName(severity))},
                {"endpoint", subject_.endpoint_name}};
}

Counts BurnRule::Sum(const TrafficStore& traffic, absl::Time end, absl::Duration window) const {
  if (subject_.endpoint) return traffic.EndpointSum(subject_.tier, *subject_.endpoint, source(), end, window);
  return traffic.TierSum(subject_.tier, source(), end, window);
}

Counts BurnRule::SumInside(const TrafficStore& traffic, absl::Time end, absl::Duration window,
                           const TimeRanges& ranges) const {
  if (subject_.endpoint) {
    return traffic.EndpointSumInside(subject_.tier, *subject_.endpoint, source(), end, window, ranges);
  }
  return traffic.TierSumInside(subject_.tier, source(), end, window, ranges);
}

BurnReading BurnRule::Read(const TrafficStore& traffic, absl::Time end, const TimeRanges& maintenance) const {
  BurnReading reading = {end, Sum(traffic, end, pair_.short_window), Sum(traffic, end, pair_.long_window), {}, {}};
  if (maintenance.empty()) return reading;
  reading.short_excluded = SumInside(traffic, end, pair_.short_window, maintenance);
  reading.long_excluded = SumInside(traffic, end, pair_.long_window, maintenance);
  reading.short_window -= reading.short_excluded;
  reading.long_window -= reading.long_excluded;
  return reading;
}

BurnSignal BurnRule::Judge(const BurnReading& reading) const {
  return JudgeBurn(threshold_, {tier_.min_total, tier_.min_bad}, CountsFor(subject_.slo, reading.short_window),
                   CountsFor(subject_.slo, reading.long_window));
}

bool BurnRule::LongIsAbove(const BurnReading& reading) const {
  const SloCounts in_long = CountsFor(subject_.slo, reading.long_window);
  return threshold_.ExceededBy(in_long.bad, in_long.total);
}

Counts BurnRule::ReadShort(const TrafficStore& traffic, absl::Time end, const TimeRanges& maintenance) const {
  Counts counts = Sum(traffic, end, pair_.short_window);
  if (!maintenance.empty()) counts -= SumInside(traffic, end, pair_.short_window, maintenance);
  return counts;
}

bool BurnRule::ShortIsAbove(const Counts& short_window) const {
  const SloCounts of_slo = CountsFor(subject_.slo, short_window);
  return threshold_.ExceededBy(of_slo.bad, of_slo.total);
}

std::string BurnRule::GuardText(const BurnReading& reading) const {
  const SloCounts in_long = CountsFor(subject_.slo, reading.long_window);
  if (in_long.total < tier_.min_total) return fmt::format("held by min_total={}", tier_.min_total);
  if (in_long.bad < tier_.min_bad) return fmt::format("held by min_bad={}", tier_.min_bad);
  return "";
}

WindowReading BurnRule::ShowShort(const TrafficStore& traffic, const BurnReading& reading) const {
  return Show(traffic, reading.end, pair_.short_window, reading.short_window, reading.short_excluded);
}

WindowReading BurnRule::ShowLong(const TrafficStore& traffic, const BurnReading& reading) const {
  return Show(traffic, reading.end, pair_.long_window, reading.long_window, reading.long_excluded);
}

WindowReading BurnRule::Show(const TrafficStore& traffic, absl::Time end, absl::Duration window, const Counts& counts,
                             const Counts& excluded) const {
  const SloCounts of_slo = CountsFor(subject_.slo, counts);
  const SloCounts excluded_of_slo = CountsFor(subject_.slo, excluded);
  return {window,
          of_slo.bad,
          of_slo.total,
          BurnRate(of_slo.bad, of_slo.total, objective()),
          Coverage(traffic, subject_.tier, source(), end, window, config_.evaluation_interval),
          excluded_of_slo.bad,
          excluded_of_slo.total};
}

absl::Duration HeldPart(const TrafficStore& traffic, int tier, int source, absl::Time end, absl::Duration window,
                        absl::Duration finest_slot) {
  const std::optional<absl::Time> first = traffic.FirstEvent(tier, source);
  if (!first) return absl::ZeroDuration();
  const absl::Time begin = *first - finest_slot;
  return std::clamp(end - begin, absl::ZeroDuration(), window);
}

double Coverage(const TrafficStore& traffic, int tier, int source, absl::Time end, absl::Duration window,
                absl::Duration finest_slot) {
  return absl::FDivDuration(HeldPart(traffic, tier, source, end, window, finest_slot), window);
}

}  // namespace firebreak
