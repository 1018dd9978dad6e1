#ifndef FIREBREAK_API_HTTP_ROUTE_TABLE_H_
#define FIREBREAK_API_HTTP_ROUTE_TABLE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.h"
#include "api/http/refusal.h"
#include "rules/string_map.h"

namespace firebreak {

// Whether an Accept header names text/html, and not to refuse it. `*/*` does not: that is what programs send. Pure.
bool AcceptsPages(std::string_view accept);

// Finds the route of a request. Exact paths win over "/*". Immutable; thread-safe.
class RouteTable {
 public:
  // REQUIRES: a route for pages stands beside one of the same method and path for anybody.
  explicit RouteTable(std::vector<HttpRoute> routes);

  // Sets `route` (it lives as long as the table), or refuses: kNotFound, or kMethodNotAllowed with Allow. `accept` is
  // the request's header, "" when absent.
  std::optional<Refusal> Find(HttpMethod method, std::string_view path, std::string_view accept,
                              const HttpRoute*& route) const;

 private:
  using Methods = std::vector<HttpRoute>;

  const Methods* FindPath(std::string_view path) const;

  StringMap<Methods> exact_;
  StringMap<Methods> wildcard_;  // by the path up to and including the last "/"
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_ROUTE_TABLE_H_
