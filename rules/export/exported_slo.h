#ifndef FIREBREAK_RULES_EXPORT_EXPORTED_SLO_H_
#define FIREBREAK_RULES_EXPORT_EXPORTED_SLO_H_

#include <string>
#include <string_view>
#include <vector>

#include "rules/config.h"

namespace firebreak {

// The counter in our /metrics that other tools' rules go by, and the two that are kept for each SLO: they tell apart
// what the label status_class cannot (single status codes; timed and slow requests).
inline constexpr std::string_view kRequestsMetric = "firebreak_requests_total";
inline constexpr std::string_view kSloRequestsMetric = "firebreak_slo_requests_total";
inline constexpr std::string_view kSloBadRequestsMetric = "firebreak_slo_bad_requests_total";

// One promise of a tier, as an exporter writes it.
struct ExportedSlo {
  std::string_view name;       // label `slo`: "availability", "latency"
  std::string_view alertname;  // "ErrorBudgetBurn", "LatencyBudgetBurn"
  Decimal objective;
  std::vector<Decimal> burn;  // by pair
};

// All promises of a tier: availability, and latency where it has p95_ms.
std::vector<ExportedSlo> SlosOf(const Tier& tier);

// Selectors of the counters of an SLO: what is bad of what is counted.
struct SloCounters {
  std::string bad;
  std::string total;
};

// How far the counter of requests can say what an SLO counts.
struct CountersOf {
  bool known = false;  // else the SLO cannot be expressed
  SloCounters counters;
  std::string note;  // what had to be left out, or why it is unknown; "" when nothing was
};

// `metric` is kRequestsMetric, or another counter with the labels tier and status_class, which knows neither sources
// nor single status codes nor latency limits.
CountersOf FindCounters(const Config& config, const Tier& tier, const ExportedSlo& slo, std::string_view metric);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_EXPORT_EXPORTED_SLO_H_
