// What a sweep costs: 1,000 variants of one SLO over 30 days at 60 s steps. Run with -c opt. docs/performance.md.

#include <random>
#include <vector>

#include "benchmark/benchmark.h"
#include "engine/lab/derive_incidents.h"
#include "engine/lab/rule_grid.h"
#include "engine/lab/tuning.h"
#include "engine/testing.h"

namespace firebreak {
namespace {

constexpr absl::Duration kLength = absl::Hours(24 * 30);
constexpr absl::Duration kSlot = absl::Seconds(5);

// Some 20 requests in each slot of 30 days, one of 2,500 bad, and 20 outages of 20 minutes.
SloHistory MonthOfTraffic() {
  std::mt19937 random(1);
  std::vector<SloHistory::Slot> slots;
  const int64_t first = SlotOf(kTestStart, kSlot) + 1;
  for (int64_t i = 0; i < kLength / kSlot; ++i) {
    const bool outage = i % (kLength / kSlot / 20) < absl::Minutes(20) / kSlot;
    const int64_t total = 10 + static_cast<int64_t>(random() % 20);
    const bool one_is_bad = random() % 125 == 0;
    slots.push_back({first + i, {outage ? total / 4 : (one_is_bad ? 1 : 0), total}});
  }
  return SloHistory(LadderShape::For(kSlot, kLength, absl::Minutes(5)), slots);
}

// 10 burns, 5 holds, 5 window pairs (the others are left out), 4 guards: 1,000 variants of the pair that pages.
constexpr std::string_view kSweep =
    "fast.burn=2..20/2 fast.for=0s,1m,2m,5m,10m fast.short=5m fast.long=30m,1h,2h,6h,1d min_bad=0,5,10,50";

void BM_SweepOfOneSlo(benchmark::State& state) {
  const Config config = TestConfig();
  const Decimal objective = config.tiers[0].objective;
  const SloHistory history = MonthOfTraffic();
  const TickRange ticks{kTestStart + absl::Minutes(1), absl::Minutes(1), kLength / absl::Minutes(1)};
  TuningQuestion question;
  question.recording = {kTestStart, kTestStart + kLength};
  question.period_budget = PeriodBudget(history, objective, config.period, kTestStart, kTestStart + kLength);
  question.incidents = DeriveIncidents(history, objective, question.period_budget, 0.02);
  const RuleGrid grid =
      *ExpandSweep(PlanOf(config, 0, Slo::kAvailability), *ParseSweep(kSweep, config).axes, objective);
  for (auto _ : state) {
    Backtester backtester({history, SloHistory(history.shape(), {}), {}, objective, config.no_data_hold, {}, ticks});
    benchmark::DoNotOptimize(Tune(backtester, grid, question, [](int64_t, int64_t) {}));
  }
  state.counters["plans"] = static_cast<double>(grid.plans.size());
  state.counters["incidents"] = static_cast<double>(question.incidents.size());
  state.counters["evaluations"] =
      benchmark::Counter(static_cast<double>(ticks.count * static_cast<int64_t>(grid.variants[0].size())),
                         benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_SweepOfOneSlo)->Unit(benchmark::kMillisecond);

void BM_WindowSums(benchmark::State& state) {
  const SloHistory history = MonthOfTraffic();
  const TickRange ticks{kTestStart + absl::Minutes(1), absl::Minutes(1), kLength / absl::Minutes(1)};
  for (auto _ : state) benchmark::DoNotOptimize(history.SumAt(ticks, {}, absl::Hours(1)));
}
BENCHMARK(BM_WindowSums)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace firebreak
