#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "api/http/raw_client.h"
#include "api/http/server.h"

// How many requests the server takes from clients in the same process, over loopback. Run with -c opt.

namespace firebreak {
namespace {

std::unique_ptr<HttpServer> StartServer() {
  HttpServerOptions options;
  options.port = 0;
  const auto answer = [](const HttpRequest& request, HttpResponder responder) {
    HttpResponse response;
    response.body = fmt::format("{{\"bytes\":{}}}\n", request.body.size());
    responder(std::move(response));
  };
  auto server = HttpServer::Start(options, {{HttpMethod::kPost, "/v1/events", HttpScope::kIngest, answer}});
  if (!server.ok()) abort();
  return *std::move(server);
}

// Sends bodies of `body_bytes` over one connection, `pipelined` at a time.
void PostBodies(benchmark::State& state, const HttpServer& server, size_t body_bytes, int pipelined) {
  RawClient client(server.port());
  const std::string request = fmt::format("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{}",
                                          body_bytes, std::string(body_bytes, 'b'));
  std::string requests;
  for (int i = 0; i < pipelined; ++i) requests += request;
  for (auto _ : state) {
    client.Send(requests);
    for (int i = 0; i < pipelined; ++i) {
      if (client.ReceiveStatus() != 200) state.SkipWithError("not 200");
    }
  }
  state.SetItemsProcessed(state.iterations() * pipelined);
  state.SetBytesProcessed(state.iterations() * requests.size());
}

HttpServer& SharedServer() {
  static HttpServer* const server = StartServer().release();
  return *server;
}

void BM_OneEvent(benchmark::State& state) { PostBodies(state, SharedServer(), 150, 1); }
BENCHMARK(BM_OneEvent)->Threads(1)->Threads(16)->UseRealTime();

void BM_OneEventPipelined(benchmark::State& state) { PostBodies(state, SharedServer(), 150, 100); }
BENCHMARK(BM_OneEventPipelined)->Threads(2)->UseRealTime();

void BM_Batch80KB(benchmark::State& state) { PostBodies(state, SharedServer(), 80'000, 1); }
BENCHMARK(BM_Batch80KB)->Threads(1)->Threads(4)->UseRealTime();

void BM_Batch8MB(benchmark::State& state) { PostBodies(state, SharedServer(), 8'000'000, 1); }
BENCHMARK(BM_Batch8MB)->UseRealTime();

}  // namespace
}  // namespace firebreak
