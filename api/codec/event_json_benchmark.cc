// Events per second of the decoder, beside what nlohmann_json needs for merely parsing the same body.

#include <string>

#include "api/codec/event_json.h"
#include "benchmark/benchmark.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

constexpr int kEvents = 10'000;

EventTimeRule Rule() { return {EventTimeRule::Missing::kIsError, absl::Time(), absl::InfiniteFuture()}; }

std::string EventText(int i) {
  return fmt::format(R"({{"ts":{},"endpoint":"/userid/","status":{},"latency_ms":{}.5,"source":"rum","region":"eu"}})",
                     1'764'000'000'000 + i, i % 100 == 0 ? 503 : 200, i % 1000);
}

std::string Ndjson() {
  std::string body;
  for (int i = 0; i < kEvents; ++i) body += EventText(i) + "\n";
  return body;
}

void Decode(benchmark::State& state, const std::string& body) {
  EventDecoder decoder;
  int64_t events = 0;
  for (auto _ : state) {
    decoder.Decode(body, EventBodyFormat::kGuess, Rule(), [&events](const Event& event) { events += event.count; });
  }
  benchmark::DoNotOptimize(events);
  state.SetItemsProcessed(state.iterations() * kEvents);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(body.size()));
}

void BM_Lines(benchmark::State& state) { Decode(state, Ndjson()); }
BENCHMARK(BM_Lines);

// One line of a hundred is bad: every piece of the fast path meets one.
void BM_LinesWithBadOnes(benchmark::State& state) {
  std::string body;
  for (int i = 0; i < kEvents; ++i) body += (i % 100 == 50 ? "{\"endpoint\":\"/a" : EventText(i)) + "\n";
  Decode(state, body);
}
BENCHMARK(BM_LinesWithBadOnes);

void BM_Array(benchmark::State& state) {
  std::string body = "[" + EventText(0);
  for (int i = 1; i < kEvents; ++i) body += "," + EventText(i);
  Decode(state, body + "]");
}
BENCHMARK(BM_Array);

void BM_NlohmannLines(benchmark::State& state) {
  const std::string body = Ndjson();
  for (auto _ : state) {
    std::string_view rest = body;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      benchmark::DoNotOptimize(nlohmann::json::parse(line));
      rest.remove_prefix(line.size() + 1);
    }
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(body.size()));
}
BENCHMARK(BM_NlohmannLines);

}  // namespace
}  // namespace firebreak
