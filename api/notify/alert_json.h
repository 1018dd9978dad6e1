#ifndef FIREBREAK_API_NOTIFY_ALERT_JSON_H_
#define FIREBREAK_API_NOTIFY_ALERT_JSON_H_

#include <string>

#include "engine/labels.h"
#include "nlohmann/json_fwd.hpp"

namespace firebreak {

// Labels or annotations as a JSON object, in their order.
nlohmann::ordered_json LabelsJson(const Labels& labels);

// One line of JSON. Endpoint names are hostile input: bytes that are no UTF-8 become U+FFFD.
std::string DumpJson(const nlohmann::ordered_json& json);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_ALERT_JSON_H_
