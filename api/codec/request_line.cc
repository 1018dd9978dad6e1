#include "api/codec/request_line.h"

#include <algorithm>

#include "api/codec/excerpt.h"

namespace firebreak {
namespace {

constexpr std::string_view kNoPath = "-";
constexpr size_t kMaxEndpointBytes = 2048;

bool IsMethodCharacter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_'; }

// "/path" of "http://host/path"; "/" if there is none.
std::string_view PathOfUrl(std::string_view url) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return kNoPath;
  const size_t path = url.find_first_of("/?", scheme_end + 3);
  if (path == std::string_view::npos || url[path] == '?') return "/";
  return url.substr(path);
}

}  // namespace

std::string_view PathOfRequest(std::string_view request) {
  const size_t method_end = request.find(' ');
  if (method_end == std::string_view::npos || method_end == 0) return kNoPath;
  const std::string_view method = request.substr(0, method_end);
  if (!std::all_of(method.begin(), method.end(), IsMethodCharacter)) return kNoPath;
  std::string_view target = request.substr(method_end + 1);
  const size_t target_end = target.rfind(' ');  // a path may hold spaces; HTTP/0.9 has no version
  if (target_end != std::string_view::npos && target.substr(target_end + 1, 5) == "HTTP/") {
    target = target.substr(0, target_end);
  }
  if (target.empty()) return kNoPath;
  if (target.front() == '/' || target == "*") return target;
  return PathOfUrl(target);
}

std::string_view FitEndpoint(std::string_view endpoint) {
  if (endpoint.size() > kMaxEndpointBytes) endpoint = endpoint.substr(0, endpoint.find('?'));
  const bool fits = !endpoint.empty() && endpoint.size() <= kMaxEndpointBytes && IsPrintableUtf8(endpoint);
  return fits ? endpoint : kNoPath;
}

}  // namespace firebreak
