#include "api/http/message.h"

#include <nlohmann/json.hpp>

#include "api/http/percent.h"

namespace firebreak {

std::string_view HttpRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

std::string HttpRequest::QueryParameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    if (PercentDecode(pair.substr(0, equals), PlusSign::kSpace) != name) continue;
    if (equals == std::string_view::npos) return "";
    return PercentDecode(pair.substr(equals + 1), PlusSign::kSpace).value_or("");
  }
  return "";
}

HttpResponse HttpError(int status, std::string_view message) {
  HttpResponse response;
  response.status = status;
  // A message may quote what a client sent: bytes that are not UTF-8 are replaced, since dump() would throw.
  response.body = nlohmann::json{{"error", message}}.dump(-1, ' ', /*ensure_ascii=*/false,
                                                          nlohmann::json::error_handler_t::replace);
  response.body += '\n';
  return response;
}

}  // namespace firebreak
