#include "api/notify/alert_json.h"

#include "nlohmann/json.hpp"

namespace firebreak {

nlohmann::ordered_json LabelsJson(const Labels& labels) {
  auto out = nlohmann::ordered_json::object();
  for (const auto& [name, value] : labels) out[name] = value;
  return out;
}

std::string DumpJson(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace firebreak
