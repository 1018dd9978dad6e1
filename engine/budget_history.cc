#include "engine/budget_history.h"

#include <algorithm>
#include <optional>

#include "engine/burn_rate.h"

namespace firebreak {
namespace {

constexpr int64_t kMostSteps = 200;

// What the SLO counts of (from, end], outside of maintenance.
SloCounts CountsSince(const Evaluation& evaluation, int tier, Slo slo, absl::Time from) {
  const absl::Duration window = evaluation.end - from;
  if (window <= absl::ZeroDuration()) return {};
  const size_t index = static_cast<size_t>(tier);
  const int source = static_cast<int>(evaluation.config.tiers[index].slo_source);
  const TimeRanges& maintenance = evaluation.maintenance[index].now;
  const Counts all = evaluation.traffic.TierSum(tier, source, evaluation.end, window);
  return CountsFor(slo, all - evaluation.traffic.TierSumInside(tier, source, evaluation.end, window, maintenance));
}

// The first border of `step` that lies in what the period holds of the tier; absent without a request.
std::optional<absl::Time> Begin(const Evaluation& evaluation, int tier, absl::Duration step) {
  const int source = static_cast<int>(evaluation.config.tiers[static_cast<size_t>(tier)].slo_source);
  const std::optional<absl::Time> first = evaluation.traffic.FirstEvent(tier, source);
  if (!first) return std::nullopt;
  const absl::Time held = absl::UnixEpoch() + absl::Floor(*first - absl::UnixEpoch() - absl::Seconds(1), step);
  const absl::Time oldest = evaluation.end - evaluation.config.period;
  const absl::Time border = absl::UnixEpoch() + absl::Ceil(oldest - absl::UnixEpoch(), step);
  return std::max(held, border);
}

}  // namespace

absl::Duration BudgetHistoryStep(absl::Duration period) {
  constexpr absl::Duration kSteps[] = {absl::Minutes(5), absl::Minutes(30), absl::Hours(1), absl::Hours(2),
                                       absl::Hours(4),   absl::Hours(6),    absl::Hours(12)};
  for (const absl::Duration step : kSteps) {
    if (step * kMostSteps >= period) return step;
  }
  return absl::Ceil(period / kMostSteps, absl::Hours(24));
}

std::vector<BudgetPoint> BudgetHistory(const Evaluation& evaluation, int tier, Slo slo) {
  const absl::Duration step = BudgetHistoryStep(evaluation.config.period);
  const Decimal objective = ObjectiveFor(slo, evaluation.config.tiers[static_cast<size_t>(tier)]);
  const absl::Time oldest = evaluation.end - evaluation.config.period;
  const SloCounts whole = CountsSince(evaluation, tier, slo, oldest);
  const std::optional<absl::Time> begin = Begin(evaluation, tier, step);
  std::vector<BudgetPoint> points;
  if (!begin || whole.total == 0) return points;
  const double allowed = AllowedBad(whole.total, objective);
  const auto add = [&](absl::Time at) {
    const int64_t spent = std::max<int64_t>(0, whole.bad - CountsSince(evaluation, tier, slo, at).bad);
    points.push_back({at, 1 - static_cast<double>(spent) / allowed});
  };
  for (absl::Time at = *begin; at < evaluation.end; at += step) add(at);
  add(evaluation.end);
  return points;
}

}  // namespace firebreak
