#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "api/http/raw_client.h"
#include "api/service/service.h"
#include "rules/parse.h"

// What durability costs: batches of 1,000 events over HTTP, each under a key of its own, by clients in the same
// process. Run with -c opt. `always` is to reach at least half the rate of `none` in one run (docs/reliability.md).

namespace firebreak {
namespace {

constexpr int kEventsInBatch = 1000;
constexpr int kEndpoints = 40;
constexpr std::string_view kConfig =
    "slo_tiers:\n"
    "  one: {availability: 0.999, p95_ms: 1200, endpoints: [~^/one/.*]}\n"
    "  two: {availability: 0.995, p95_ms: 2500, endpoints: [~^/two/.*]}\n"
    "  three: {availability: 0.99, endpoints: [~^/three/.*]}\n";

// Without ts: events of the moment, as a client that ships its log once a second sends them.
std::string MakeBatch() {
  constexpr std::string_view kTiers[] = {"one", "two", "three"};
  std::string batch;
  for (int i = 0; i < kEventsInBatch; ++i) {
    batch += fmt::format("{{\"endpoint\":\"/{}/{}\",\"status\":{},\"latency_ms\":{}}}\n", kTiers[i % 3], i % kEndpoints,
                         i % 100 == 0 ? 503 : 200, 20 + i % 300);
  }
  return batch;
}

std::string TemporaryFolder() {
  std::string pattern = fmt::format("{}/ingest_benchmark.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/var/tmp");
  if (mkdtemp(pattern.data()) == nullptr) abort();
  return pattern;
}

// A server on a data directory of its own, which is left behind.
class Server {
 public:
  explicit Server(std::optional<Durability> durability) {
    spdlog::set_level(spdlog::level::err);
    Service::Options options;
    options.port = 0;
    if (durability) options.persistence = Persistence::Options{TemporaryFolder(), *durability};
    LoadedConfig loaded;
    loaded.config = *ParseConfig(kConfig, "benchmark.yaml").config;
    absl::StatusOr<std::unique_ptr<Service>> service = Service::Start(std::move(loaded), std::move(options), clock_);
    if (!service.ok()) {
      fmt::print(stderr, "{}\n", std::string(service.status().message()));
      abort();
    }
    service_ = *std::move(service);
  }

  uint16_t port() const {
    return static_cast<uint16_t>(std::stoi(service_->url().substr(service_->url().rfind(':') + 1)));
  }

 private:
  RealClock clock_;
  std::unique_ptr<Service> service_;
};

std::optional<Durability> ModeOf(int64_t number) {
  if (number == 0) return Durability{Durability::Mode::kAlways};
  if (number == 1) return Durability{Durability::Mode::kNone};
  return std::nullopt;
}

// Servers live as long as the process, so that clients of all threads share one.
Server& ServerOf(int64_t mode) {
  static Server* const servers[] = {new Server(ModeOf(0)), new Server(ModeOf(1)), new Server(ModeOf(2))};
  return *servers[mode];
}

void BM_Batches(benchmark::State& state) {
  static const std::string batch = MakeBatch();
  RawClient client(ServerOf(state.range(0)).port());
  static std::atomic<int64_t> number = 0;
  for (auto _ : state) {
    client.Send(
        fmt::format("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                    "Idempotency-Key: {}\r\nContent-Length: {}\r\n\r\n{}",
                    ++number, batch.size(), batch));
    if (client.ReceiveStatus() != 200) state.SkipWithError("not 200");
  }
  state.SetLabel(state.range(0) == 0 ? "always" : state.range(0) == 1 ? "none" : "memory only");
  state.SetItemsProcessed(state.iterations() * kEventsInBatch);
}
BENCHMARK(BM_Batches)->DenseRange(0, 2)->Threads(1)->Threads(4)->Threads(16)->UseRealTime();

}  // namespace
}  // namespace firebreak
