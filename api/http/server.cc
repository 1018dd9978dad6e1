#include "api/http/server.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "api/http/bind.h"
#include "api/http/descriptor_limit.h"
#include "api/http/listener.h"
#include "api/http/server_core.h"

namespace firebreak {
namespace {

namespace asio = boost::asio;

constexpr absl::Duration kStopGrace = absl::Seconds(2);

// Runs until no work is left. An exception (memory ran out) costs the connection it came from, not the server.
void RunUntilDone(asio::io_context& io) {
  for (;;) {
    try {
      io.run();
      return;
    } catch (...) {
    }
  }
}

class BeastServer : public HttpServer {
 public:
  BeastServer(std::shared_ptr<ServerCore> core, std::shared_ptr<Listener> listener, uint16_t port, int threads)
      : core_(std::move(core)), listener_(std::move(listener)), port_(port) {
    listener_->Start();  // before the threads, which end when there is nothing to do
    for (int i = 0; i < std::max(1, threads); ++i) {
      threads_.emplace_back([io = core_->io] { RunUntilDone(*io); });
    }
  }
  ~BeastServer() override { Stop(); }

  uint16_t port() const override { return port_; }
  HttpServerStats Stats() const override { return core_->counters.Read(); }

  void Stop() override {
    std::call_once(stopped_, [this] {
      listener_->Stop(kStopGrace);
      for (std::thread& thread : threads_) thread.join();
    });
  }

 private:
  const std::shared_ptr<ServerCore> core_;
  const std::shared_ptr<Listener> listener_;
  const uint16_t port_;
  std::vector<std::thread> threads_;
  std::once_flag stopped_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(HttpServerOptions options,
                                                              std::vector<HttpRoute> routes) {
  const auto endpoint = ChooseEndpoint(options);
  if (!endpoint.ok()) return endpoint.status();
  const auto io = std::make_shared<asio::io_context>(std::max(1, options.threads));
  absl::StatusOr<HttpAcceptor> acceptor = Listen(*io, *endpoint);
  if (!acceptor.ok()) return acceptor.status();
  const int64_t capacity = ConnectionCapacity(options.limits.connections, RaiseDescriptorLimit());
  const uint16_t port = acceptor->local_endpoint().port();
  HttpPolicy policy{options.limits, RouteTable(std::move(routes)), TokenGuard(std::move(options.tokens)),
                    OwnHosts(endpoint->address().to_string(), port, options.extra_hosts)};
  auto core = std::make_shared<ServerCore>(io, std::move(policy));
  auto listener = std::make_shared<Listener>(core, *std::move(acceptor), capacity);
  return std::make_unique<BeastServer>(std::move(core), std::move(listener), port, options.threads);
}

}  // namespace firebreak
