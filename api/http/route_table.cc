#include "api/http/route_table.h"

#include <utility>

namespace firebreak {
namespace {

bool Serves(const HttpRoute& route, HttpMethod method) {
  return route.method == method || (route.method == HttpMethod::kGet && method == HttpMethod::kHead);
}

std::string_view MethodNames(HttpMethod method) {
  switch (method) {
    case HttpMethod::kGet:
      return "GET, HEAD";
    case HttpMethod::kHead:
      return "HEAD";
    case HttpMethod::kPost:
      return "POST";
    case HttpMethod::kPut:
      return "PUT";
    case HttpMethod::kDelete:
      return "DELETE";
    case HttpMethod::kOther:
      return "";
  }
  return "";
}

Refusal NotAllowed(const std::vector<HttpRoute>& routes) {
  std::string allow;
  for (const HttpRoute& route : routes) {
    if (!allow.empty()) allow += ", ";
    allow += MethodNames(route.method);
  }
  return Refusal{RefusalReason::kMethodNotAllowed, "this path takes " + allow, {{"Allow", allow}}};
}

}  // namespace

RouteTable::RouteTable(std::vector<HttpRoute> routes) {
  for (HttpRoute& route : routes) {
    if (route.path.ends_with("/*")) {
      wildcard_[route.path.substr(0, route.path.size() - 1)].push_back(std::move(route));
    } else {
      exact_[route.path].push_back(std::move(route));
    }
  }
}

std::optional<Refusal> RouteTable::Find(HttpMethod method, std::string_view path, const HttpRoute*& route) const {
  const Methods* methods = FindPath(path);
  if (methods == nullptr) return Refusal{RefusalReason::kNotFound, "no such path", {}};
  for (const HttpRoute& candidate : *methods) {
    if (!Serves(candidate, method)) continue;
    route = &candidate;
    return std::nullopt;
  }
  return NotAllowed(*methods);
}

const RouteTable::Methods* RouteTable::FindPath(std::string_view path) const {
  if (const auto found = exact_.find(path); found != exact_.end()) return &found->second;
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == path.size()) return nullptr;
  const auto found = wildcard_.find(path.substr(0, slash + 1));
  return found == wildcard_.end() ? nullptr : &found->second;
}

}  // namespace firebreak
