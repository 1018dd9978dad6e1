#ifndef FIREBREAK_ENGINE_LAB_ALERT_NAME_H_
#define FIREBREAK_ENGINE_LAB_ALERT_NAME_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/slo.h"
#include "rules/config.h"

namespace firebreak {

// One alert of a configuration, as people name it.
struct AlertName {
  int tier = 0;            // in Config::tiers
  std::optional<Slo> slo;  // absent: NoData
  int pair = 0;            // in Config::pairs
  std::string endpoint;    // alert_by: endpoint; else ""

  friend bool operator==(const AlertName&, const AlertName&) = default;
};

// Reads what a timeline prints: "checkout/availability/fast", "checkout/NoData", and "checkout/availability/fast /pay"
// where a tier has alert_by: endpoint. "checkout/availability/fast/pay" means the same endpoint, "/pay".
// Errors: InvalidArgument that says what is wrong, with a suggestion, and lists the alerts there are.
absl::StatusOr<AlertName> ParseAlertName(std::string_view text, const Config& config);

// What ParseAlertName reads, as a timeline prints it.
std::string AlertNameText(const AlertName& name, const Config& config);

// Every alert that a configuration can raise; "…" stands for the endpoints of alert_by: endpoint.
std::vector<std::string> AlertNames(const Config& config);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_ALERT_NAME_H_
