#ifndef FIREBREAK_API_HTTP_BIND_H_
#define FIREBREAK_API_HTTP_BIND_H_

#include <boost/asio/ip/tcp.hpp>

#include "absl/status/statusor.h"
#include "api/http/server.h"
#include "api/http/server_core.h"

namespace firebreak {

// The address that `options` ask for, if the bind rule permits it: loopback, or with a token, or by explicit wish.
// Errors: InvalidArgument, also for an extra host that is none.
absl::StatusOr<boost::asio::ip::tcp::endpoint> ChooseEndpoint(const HttpServerOptions& options);

// Listens there. Errors: Unavailable (address in use, or not ours), PermissionDenied.
absl::StatusOr<HttpAcceptor> Listen(boost::asio::io_context& io, const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_BIND_H_
