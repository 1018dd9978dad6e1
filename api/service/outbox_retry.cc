#include "api/service/outbox_retry.h"

#include <optional>
#include <string>
#include <string_view>

#include "api/codec/strict_json.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

// Whether a body says nothing: no text, or {}.
bool SaysNothing(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return true;
  const absl::StatusOr<nlohmann::ordered_json> json = ParseStrict(body);
  return json.ok() && json->is_object() && json->empty();
}

// Whether a query is none, or names one destination and says nothing else: what is misspelt must not mean all of them.
bool IsClear(const HttpRequest& request) {
  if (request.query.empty()) return true;
  return request.query.starts_with("destination=") && request.query.find('&') == std::string::npos &&
         !request.QueryParameter("destination").empty();
}

}  // namespace

HttpResponse RetryParked(const HttpRequest& request, Dispatcher& dispatcher) {
  if (!SaysNothing(request.body)) {
    return HttpError(400, "body: wanted none, or {}; ?destination=NAME tries one destination alone");
  }
  if (!IsClear(request)) {
    return HttpError(400, "query: wanted none, for all destinations, or destination=NAME and nothing else");
  }
  const std::string name = request.QueryParameter("destination");
  const absl::StatusOr<int64_t> retried =
      dispatcher.RetryParked(name.empty() ? std::nullopt : std::optional<std::string>(name));
  if (!retried.ok()) return HttpError(404, std::string(retried.status().message()));
  HttpResponse response;
  response.body = RetriedJson(*retried);
  return response;
}

}  // namespace firebreak
