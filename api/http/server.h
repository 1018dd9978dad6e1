#ifndef FIREBREAK_API_HTTP_SERVER_H_
#define FIREBREAK_API_HTTP_SERVER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/http/message.h"
#include "rules/config.h"

namespace firebreak {

// The tokens that open each scope; an empty list leaves the scope open. Admin opens everything; ingest and read only
// themselves. Compared in constant time over all of them.
struct HttpTokens {
  std::vector<std::string> ingest;
  std::vector<std::string> read;
  std::vector<std::string> admin;
  // Whether nobody without a token can change anything here. Reading may stay open: a scrape, a dashboard.
  bool guard_changes() const { return !ingest.empty() && !admin.empty(); }
};

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 9710;  // 0 = any free port
  int threads = 2;
  ServerLimits limits;
  HttpTokens tokens;
  std::vector<std::string> extra_hosts;  // Host names that are ours besides the bound address and localhost
  bool allow_open_bind = false;          // permit a non-loopback bind without tokens that guard changes
};

// Counters of what the server did; a copy, consistent enough for /metrics.
struct HttpServerStats {
  std::map<std::string, int64_t> refused;  // by reason: "header_too_large", "body_too_large", "timeout", …
  std::map<int, int64_t> responses;        // by status
  int64_t open_connections = 0;
  int64_t accepted_connections = 0;
  int64_t accept_errors = 0;
  int64_t open_streams = 0;  // answers that go on; their connections are open ones
};

// The HTTP/1.1 server: Boost.Beast on a few threads, with the limits of docs/http-api.md enforced before a handler
// runs. An answer, or the next message of one that goes on, must be taken within limits.body_timeout; a handler may
// take as long as it likes. The process's limit of open files is raised to the hard limit at start, and no more
// connections are served than it leaves room for. Thread-safe.
class HttpServer {
 public:
  // Binds and starts to serve. Errors: InvalidArgument (a non-loopback bind without tokens, a host that is none),
  // Unavailable (address in use), PermissionDenied (a privileged port).
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(HttpServerOptions options, std::vector<HttpRoute> routes);

  // Stops as Stop() does.
  virtual ~HttpServer() = default;

  virtual uint16_t port() const = 0;
  virtual HttpServerStats Stats() const = 0;
  // Refuses new connections, lets requests under way finish for at most two seconds, closes the rest. Idempotent.
  // REQUIRES: not called from a handler.
  virtual void Stop() = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_SERVER_H_
