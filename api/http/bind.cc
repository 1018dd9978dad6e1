#include "api/http/bind.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "api/http/own_hosts.h"

namespace firebreak {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Takes an IP literal or a name; a name is looked up, and its first address taken.
absl::StatusOr<asio::ip::address> Resolve(const std::string& host) {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (!error) return address;
  asio::io_context io;
  tcp::resolver resolver(io);
  const auto results = resolver.resolve(host, "", tcp::resolver::passive, error);
  if (error || results.empty()) {
    return absl::InvalidArgumentError(fmt::format("cannot listen on {}: not an address of this machine", host));
  }
  return results.begin()->endpoint().address();
}

std::string Name(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

absl::Status BindError(const tcp::endpoint& endpoint, const error_code& error) {
  const std::string message = fmt::format("cannot listen on {}: {}", Name(endpoint), error.message());
  if (error == asio::error::access_denied) return absl::PermissionDeniedError(message);
  return absl::UnavailableError(message);
}

absl::Status CheckExtraHosts(const std::vector<std::string>& hosts) {
  for (const std::string& host : hosts) {
    if (ParseAuthority(host)) continue;
    return absl::InvalidArgumentError(fmt::format("extra host \"{}\" is not host[:port]", host));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<tcp::endpoint> ChooseEndpoint(const HttpServerOptions& options) {
  if (absl::Status status = CheckExtraHosts(options.extra_hosts); !status.ok()) return status;
  const absl::StatusOr<asio::ip::address> address = Resolve(options.host);
  if (!address.ok()) return address.status();
  if (!address->is_loopback() && !options.tokens.guard_changes() && !options.allow_open_bind) {
    return absl::InvalidArgumentError(fmt::format(
        "{} is not a loopback address, and anybody could send events or reload: set both an ingest and an admin token "
        "in server.tokens, or pass --allow-open-bind to let everybody in",
        options.host));
  }
  return tcp::endpoint(*address, options.port);
}

absl::StatusOr<HttpAcceptor> Listen(asio::io_context& io, const tcp::endpoint& endpoint) {
  HttpAcceptor acceptor(asio::make_strand(io));
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return BindError(endpoint, error);
  return acceptor;
}

}  // namespace firebreak
