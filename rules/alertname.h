#ifndef FIREBREAK_RULES_ALERTNAME_H_
#define FIREBREAK_RULES_ALERTNAME_H_

#include <array>
#include <string_view>

namespace firebreak::alertname {

// The values of the label `alertname`: they are written here and nowhere else.
inline constexpr std::string_view kErrorBudgetBurn = "ErrorBudgetBurn";
inline constexpr std::string_view kLatencyBudgetBurn = "LatencyBudgetBurn";
inline constexpr std::string_view kNoData = "NoData";
inline constexpr std::string_view kTrafficAnomaly = "TrafficAnomaly";
inline constexpr std::string_view kClientErrorAnomaly = "ClientErrorAnomaly";
inline constexpr std::string_view kSaturation = "Saturation";
inline constexpr std::string_view kIngestRefused = "IngestRefused";
inline constexpr std::string_view kDeliveryParked = "DeliveryParked";
inline constexpr std::string_view kWatchdog = "Watchdog";
inline constexpr std::string_view kTest = "FirebreakTest";

// Those that come by themselves. Each has a page /runbooks/<alertname>.
inline constexpr std::array kAll = {kErrorBudgetBurn, kLatencyBudgetBurn,  kNoData,
                                    kTrafficAnomaly,  kClientErrorAnomaly, kSaturation,
                                    kIngestRefused,   kDeliveryParked,     kWatchdog};

}  // namespace firebreak::alertname

#endif  // FIREBREAK_RULES_ALERTNAME_H_
