#include "api/http/route_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace firebreak {
namespace {

// Whether a media range is text/html with a weight above zero.
bool IsPage(absl::string_view range) {
  const std::vector<absl::string_view> parts = absl::StrSplit(range, ';');
  if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts.front()), "text/html")) return false;
  return std::none_of(parts.begin() + 1, parts.end(), [](absl::string_view parameter) {
    parameter = absl::StripAsciiWhitespace(parameter);
    return absl::StartsWithIgnoreCase(parameter, "q=0") && parameter.find_first_of("123456789") == parameter.npos;
  });
}

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
    if (route.audience == HttpAudience::kPages) continue;  // there is another, of the same method
    if (!allow.empty()) allow += ", ";
    allow += MethodNames(route.method);
  }
  return Refusal{RefusalReason::kMethodNotAllowed, "this path takes " + allow, {{"Allow", allow}}};
}

}  // namespace

bool AcceptsPages(std::string_view accept) {
  const std::vector<absl::string_view> ranges = absl::StrSplit(absl::string_view(accept.data(), accept.size()), ',');
  return std::any_of(ranges.begin(), ranges.end(), IsPage);
}

RouteTable::RouteTable(std::vector<HttpRoute> routes) {
  for (HttpRoute& route : routes) {
    if (route.path.ends_with("/*")) {
      wildcard_[route.path.substr(0, route.path.size() - 1)].push_back(std::move(route));
    } else {
      exact_[route.path].push_back(std::move(route));
    }
  }
}

std::optional<Refusal> RouteTable::Find(HttpMethod method, std::string_view path, std::string_view accept,
                                        const HttpRoute*& route) const {
  const Methods* methods = FindPath(path);
  if (methods == nullptr) return Refusal{RefusalReason::kNotFound, "no such path", {}};
  const HttpRoute* found = nullptr;
  for (const HttpRoute& candidate : *methods) {
    if (!Serves(candidate, method)) continue;
    if (candidate.audience == HttpAudience::kPages && !AcceptsPages(accept)) continue;
    if (found == nullptr || candidate.audience == HttpAudience::kPages) found = &candidate;
  }
  if (found == nullptr) return NotAllowed(*methods);
  route = found;
  return std::nullopt;
}

const RouteTable::Methods* RouteTable::FindPath(std::string_view path) const {
  if (const auto found = exact_.find(path); found != exact_.end()) return &found->second;
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == path.size()) return nullptr;
  const auto found = wildcard_.find(path.substr(0, slash + 1));
  return found == wildcard_.end() ? nullptr : &found->second;
}

}  // namespace firebreak
