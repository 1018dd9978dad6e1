#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/raw_client.h"
#include "api/service/service.h"
#include "rules/parse.h"

// What durability and a recording cost: batches of 1,000 events over HTTP, each under a key of its own, by clients in
// the same process. Run with -c opt. `always` is to reach at least half the rate of `none` in one run
// (docs/reliability.md). `recorded` beside the same mode without it is what --record costs: the text of each event on
// the thread that decodes it, and a core's time for zstd, which is felt where no core is idle. `dropped` is what the
// disk, or zstd, did not keep up with and left out; where it is not 0, the rate is one that a recording could not
// follow for long.

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

// One way to run a server.
struct Mode {
  const char* name;
  std::optional<Durability> durability;
  bool recorded = false;
};

const Mode kModes[] = {
    {"always", Durability{Durability::Mode::kAlways}},
    {"none", Durability{Durability::Mode::kNone}},
    {"memory only", std::nullopt},
    {"always, recorded", Durability{Durability::Mode::kAlways}, true},
    {"memory only, recorded", std::nullopt, true},
};

// A server on folders of its own, which are left behind.
class Server {
 public:
  explicit Server(const Mode& mode) {
    spdlog::set_level(spdlog::level::err);
    Service::Options options;
    options.port = 0;
    if (mode.durability) options.persistence = Persistence::Options{TemporaryFolder(), *mode.durability};
    if (mode.recorded) options.record.emplace().directory = TemporaryFolder();
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

// Servers live as long as the process, so that clients of all threads share one.
Server& ServerOf(int64_t mode) {
  static Server* const servers[] = {new Server(kModes[0]), new Server(kModes[1]), new Server(kModes[2]),
                                    new Server(kModes[3]), new Server(kModes[4])};
  return *servers[mode];
}

// How many events the server's recording left out so far.
double Dropped(Server& server) {
  constexpr std::string_view kName = "\nfirebreak_record_dropped_events_total ";
  RawClient client(server.port());
  client.Send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::optional<RawClient::Response> metrics = client.Receive();
  const size_t line = metrics ? metrics->body.find(kName) : std::string::npos;
  return line == std::string::npos ? 0 : std::stod(metrics->body.substr(line + kName.size()));
}

void BM_Batches(benchmark::State& state) {
  static const std::string batch = MakeBatch();
  const Mode& mode = kModes[state.range(0)];
  Server& server = ServerOf(state.range(0));
  RawClient client(server.port());
  const double dropped = mode.recorded && state.thread_index() == 0 ? Dropped(server) : 0;
  static std::atomic<int64_t> number = 0;
  for (auto _ : state) {
    client.Send(
        fmt::format("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                    "Idempotency-Key: {}\r\nContent-Length: {}\r\n\r\n{}",
                    ++number, batch.size(), batch));
    if (client.ReceiveStatus() != 200) state.SkipWithError("not 200");
  }
  state.SetLabel(mode.name);
  if (mode.recorded && state.thread_index() == 0) state.counters["dropped"] = Dropped(server) - dropped;
  state.SetItemsProcessed(state.iterations() * kEventsInBatch);
}
BENCHMARK(BM_Batches)->DenseRange(0, std::size(kModes) - 1)->Threads(1)->Threads(4)->Threads(16)->UseRealTime();

}  // namespace
}  // namespace firebreak
