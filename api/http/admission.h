#ifndef FIREBREAK_API_HTTP_ADMISSION_H_
#define FIREBREAK_API_HTTP_ADMISSION_H_

#include <cstdint>
#include <optional>

#include "api/http/message.h"
#include "api/http/own_hosts.h"
#include "api/http/refusal.h"
#include "api/http/request_head.h"
#include "api/http/route_table.h"
#include "api/http/token_guard.h"
#include "rules/config.h"

namespace firebreak {

// All that decides whether a request reaches a handler. Immutable; thread-safe.
struct HttpPolicy {
  ServerLimits limits;
  RouteTable routes;
  TokenGuard tokens;
  OwnHosts hosts;
};

enum class ContentCoding { kIdentity, kGzip };

// What was decided about a request before its body is read.
struct Admission {
  const HttpRoute* route = nullptr;
  int64_t body_limit = 0;
  ContentCoding coding = ContentCoding::kIdentity;
};

// Asks, in this order: is the host ours (400, 403), may a page of that origin change state (403), is there such a route
// (404, 405), does the token open it (401, 403), can we do what is expected (417), is there a length (411: only where a
// body is the point, since `curl -X POST` sends none), can we decode the body (415), is it within its limit (413).
// Pure.
std::optional<Refusal> Admit(const HttpPolicy& policy, const RequestHead& head, Admission& admission);

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_ADMISSION_H_
