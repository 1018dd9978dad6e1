// What a tick, an event and a month cost. Build with -c opt.

#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "engine/folder.h"
#include "engine/pipeline.h"
#include "engine/replay.h"
#include "engine/testing.h"

namespace firebreak {
namespace {

class NoSink : public TransitionSink {
 public:
  void OnTransition(const Transition&) override {}
};

// The article's three tiers, with six endpoints each and latency SLOs: twelve rules.
Config ArticleConfig() {
  Config config = TestConfig();
  config.tiers.clear();
  const struct {
    const char* name;
    const char* objective;
    int p95_ms;
  } kTiers[] = {{"tier1", "0.999", 1200}, {"tier2", "0.995", 2500}, {"tier3", "0.99", 6000}};
  for (const auto& row : kTiers) {
    std::vector<std::string> endpoints;
    for (int i = 0; i < 6; ++i) endpoints.push_back(std::string("/") + row.name + "/" + std::to_string(i));
    config.tiers.push_back(MakeTier(row.name, row.objective, std::move(endpoints)));
    config.tiers.back().latency_limit = absl::Milliseconds(row.p95_ms);
  }
  config.classification.unknown_endpoint_tier = 2;
  return config;
}

// One request of every endpoint.
std::vector<Event> OneOfEach(const Config& config, absl::Time time) {
  std::vector<Event> events;
  for (const Tier& tier : config.tiers) {
    for (const std::string& endpoint : tier.endpoints) {
      events.push_back(MakeEvent(time, endpoint, 200, 100));
      events.back().latency = absl::Milliseconds(120);
    }
  }
  return events;
}

// Nothing fires: the tick that happens nearly always.
void BM_Tick(benchmark::State& state) {
  const auto rules = MakeRules(ArticleConfig());
  NoSink sink;
  Pipeline pipeline(rules, {}, kTestStart, sink);
  absl::Time now = kTestStart;
  for (auto _ : state) {
    state.PauseTiming();
    now += absl::Seconds(5);
    pipeline.Apply(Fold(rules, OneOfEach(rules->config, now)));
    state.ResumeTiming();
    pipeline.Tick(now);
  }
}
BENCHMARK(BM_Tick);

void BM_Snapshot(benchmark::State& state) {
  const auto rules = MakeRules(ArticleConfig());
  NoSink sink;
  Pipeline pipeline(rules, {}, kTestStart, sink);
  pipeline.Apply(Fold(rules, OneOfEach(rules->config, kTestStart + absl::Seconds(5))));
  pipeline.Tick(kTestStart + absl::Seconds(5));
  for (auto _ : state) benchmark::DoNotOptimize(pipeline.TakeSnapshot());
}
BENCHMARK(BM_Snapshot);

void BM_FolderAdd(benchmark::State& state) {
  const auto rules = MakeRules(ArticleConfig());
  const std::vector<Event> events = OneOfEach(rules->config, kTestStart);
  Folder folder(rules);
  size_t next = 0;
  for (auto _ : state) {
    folder.Add(events[next]);
    next = next + 1 == events.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_FolderAdd);

// Thirty days at one event of every endpoint a minute, ticks a minute apart.
void BM_ReplayOfThirtyDays(benchmark::State& state) {
  const auto rules = MakeRules(ArticleConfig());
  std::vector<Event> events = OneOfEach(rules->config, kTestStart);
  for (auto _ : state) {
    NoSink sink;
    ReplayDriver replay(rules, {}, {.step = absl::Minutes(1)}, sink, [](int64_t, std::string_view) {});
    int64_t line = 0;
    for (int minute = 0; minute < 30 * 24 * 60; ++minute) {
      for (Event& event : events) {
        event.time = kTestStart + absl::Minutes(minute);
        replay.Offer(event, ++line);
      }
    }
    benchmark::DoNotOptimize(replay.Finish());
  }
  state.SetItemsProcessed(state.iterations() * 30 * 24 * 60 * static_cast<int64_t>(events.size()));
}
BENCHMARK(BM_ReplayOfThirtyDays)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace firebreak
