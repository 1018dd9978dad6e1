#include "engine/lab/derive_incidents.h"

#include <algorithm>
#include <optional>

#include "engine/alert_text.h"
#include "engine/burn_rate.h"
#include "fmt/format.h"
#include "rules/threshold.h"

namespace firebreak {
namespace {

constexpr absl::Duration kBurnWindow = absl::Minutes(5);

// The steps of `ticks` at which the last five minutes burn, as runs of (first, last).
std::vector<std::pair<int64_t, int64_t>> BurningRuns(const WindowSums& sums, const Decimal& objective) {
  const Threshold budget_rate(Decimal::FromParts(1, 0), objective);
  std::vector<std::pair<int64_t, int64_t>> runs;
  for (int64_t i = 0; i < static_cast<int64_t>(sums.size()); ++i) {
    const SloCounts& counts = sums[static_cast<size_t>(i)];
    if (!budget_rate.ExceededBy(counts.bad, counts.total)) continue;
    if (!runs.empty() && runs.back().second == i - 1) {
      runs.back().second = i;
    } else {
      runs.emplace_back(i, i);
    }
  }
  return runs;
}

// The stretch from the first step to the last one in which a request was bad.
std::optional<TimeRange> BadStretch(const SloHistory& history, absl::Time begin, absl::Time end, absl::Duration step) {
  const auto has_bad = [&](absl::Time from) { return history.Between(from, from + step).bad > 0; };
  while (begin < end && !has_bad(begin)) begin += step;
  while (begin < end && !has_bad(end - step)) end -= step;
  if (begin >= end) return std::nullopt;
  return TimeRange{begin, end};
}

}  // namespace

double PeriodBudget(const SloHistory& history, const Decimal& objective, absl::Duration period, absl::Time begin,
                    absl::Time end) {
  return AllowedBad(history.Between(begin, end).total, objective) * absl::FDivDuration(period, end - begin);
}

std::vector<Incident> DeriveIncidents(const SloHistory& history, const Decimal& objective, double budget,
                                      double least_share) {
  std::vector<Incident> incidents;
  if (!history.first()) return incidents;
  TickRange steps;
  steps.step = std::max(absl::Minutes(1), history.shape().finest());
  const auto on_grid = [&](absl::Time time) {
    return absl::UnixEpoch() + absl::Ceil(time - absl::UnixEpoch(), steps.step);
  };
  steps.first = on_grid(*history.first());
  steps.count = (on_grid(*history.last()) + kBurnWindow - steps.first) / steps.step + 1;
  for (const auto& [first, last] : BurningRuns(history.SumAt(steps, absl::ZeroDuration(), kBurnWindow), objective)) {
    const auto stretch = BadStretch(history, steps.At(first) - kBurnWindow, steps.At(last), steps.step);
    if (!stretch) continue;
    const double share = static_cast<double>(history.Between(stretch->begin, stretch->end).bad) / budget;
    if (share < least_share) continue;
    incidents.push_back(
        {stretch->begin, stretch->end, "", "", fmt::format("spent {} of the budget", ShareText(share))});
  }
  return incidents;
}

}  // namespace firebreak
