#include "api/notify/alertmanager_payload.h"

#include "api/notify/alert_json.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

constexpr std::string_view kAlertsPath = "/api/v2/alerts";

nlohmann::ordered_json AlertJson(const OutgoingAlert& alert, absl::Time firing_ends_at) {
  return {
      {"labels", LabelsJson(alert.labels)},  {"annotations", LabelsJson(alert.annotations)},
      {"startsAt", GoTime(alert.starts_at)}, {"endsAt", GoTime(alert.ends_at.value_or(firing_ends_at))},
      {"generatorURL", alert.generator_url},
  };
}

}  // namespace

HttpPost AlertmanagerRequest(const Url& base, const std::vector<OutgoingAlert>& alerts, absl::Time firing_ends_at) {
  HttpPost request;
  request.url = base;
  while (request.url.path.ends_with('/')) request.url.path.pop_back();
  request.url.path += kAlertsPath;
  request.headers = {{"Content-Type", "application/json"}, {"User-Agent", "firebreak"}};
  auto body = nlohmann::ordered_json::array();
  for (const OutgoingAlert& alert : alerts) body.push_back(AlertJson(alert, firing_ends_at));
  request.body = DumpJson(body);
  return request;
}

}  // namespace firebreak
