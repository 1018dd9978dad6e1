#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "storage/ring_ladder.h"
#include "storage/traffic_store.h"

namespace firebreak {
namespace {

constexpr absl::Duration kFinest = absl::Seconds(5);
constexpr int64_t kStart = 352'800'000;

LadderShape Shape() { return LadderShape::For(kFinest, absl::Hours(720), absl::Seconds(330)); }

Counts OneRequest() { return {.total = 1, .bad = 1, .timed = 1, .slow = 1}; }

// A ladder whose every slot has counts.
RingLadder FullLadder() {
  RingLadder ladder(Shape());
  for (int64_t slot = kStart - 31 * 24 * 720; slot <= kStart; ++slot) ladder.Add(slot, OneRequest());
  return ladder;
}

void AddToNewestSlot(benchmark::State& state) {
  RingLadder ladder = FullLadder();
  for (auto _ : state) benchmark::DoNotOptimize(ladder.Add(kStart, OneRequest()));
}
BENCHMARK(AddToNewestSlot);

// The argument is how late, in slots of 5 s: 5 min, 1 h, 12 h.
void AddLate(benchmark::State& state) {
  RingLadder ladder = FullLadder();
  for (auto _ : state) benchmark::DoNotOptimize(ladder.Add(kStart - state.range(0), OneRequest()));
}
BENCHMARK(AddLate)->Arg(1)->Arg(60)->Arg(720)->Arg(8640);

// The argument is the window in minutes: 5 min, 6 h, 30 d.
void Sum(benchmark::State& state) {
  RingLadder ladder = FullLadder();
  const absl::Duration window = absl::Minutes(state.range(0));
  const absl::Time end = SlotEnd(kStart - 7, kFinest);
  for (auto _ : state) benchmark::DoNotOptimize(ladder.Sum(end, window));
}
BENCHMARK(Sum)->Arg(5)->Arg(360)->Arg(43200);

void AdvanceByOneSlot(benchmark::State& state) {
  RingLadder ladder = FullLadder();
  int64_t slot = kStart;
  for (auto _ : state) ladder.AdvanceTo(++slot);
}
BENCHMARK(AdvanceByOneSlot);

// A delta of one endpoint with one cause, in the newest slot.
void Apply(benchmark::State& state) {
  TrafficStore store({.shape = Shape(), .latency_buckets = 12}, {{.name = "interactive", .endpoints = {"/userid/"}}});
  Delta delta;
  delta.slot = kStart;
  delta.endpoint = "/userid/";
  delta.events = 1;
  delta.counts = OneRequest();
  delta.by_status[4] = 1;
  delta.bad_codes = {{503, 1}};
  delta.latency_buckets = {{3, 1}};
  for (auto _ : state) benchmark::DoNotOptimize(store.Apply(delta));
}
BENCHMARK(Apply);

// What a ledger keeps of one series after 30 days: rows of the ladder's widths, wider ones first.
std::vector<CountRow> RowsOfThirtyDays() {
  std::vector<CountRow> rows;
  int64_t begin = (kStart - 30 * 24 * 720) * 5 / 3600 * 3600;  // seconds
  for (const auto& [width, until] : {std::pair(3600, 4 * 86400), {300, 12 * 3600}, {30, 3600}, {5, 0}}) {
    for (; begin < kStart * 5 - until; begin += width) rows.push_back({width, begin / width, OneRequest()});
  }
  return rows;
}

// A store of 1,000 endpoints is made from its ledger.
void RestoreThousandSeries(benchmark::State& state) {
  const std::vector<CountRow> rows = RowsOfThirtyDays();
  std::vector<std::string> endpoints;
  for (int i = 0; i < 1000; ++i) endpoints.push_back("/endpoint/" + std::to_string(i));
  for (auto _ : state) {
    TrafficStore store({.shape = Shape(), .latency_buckets = 12}, {{.name = "interactive"}});
    store.AdvanceTo(SlotEnd(kStart, kFinest));
    for (const std::string& endpoint : endpoints) {
      for (const CountRow& row : rows) store.RestoreEndpoint(0, endpoint, 0, row);
    }
    benchmark::DoNotOptimize(store);
  }
  state.counters["rows"] = static_cast<double>(rows.size());
}
BENCHMARK(RestoreThousandSeries)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace firebreak
