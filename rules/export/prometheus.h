#ifndef FIREBREAK_RULES_EXPORT_PROMETHEUS_H_
#define FIREBREAK_RULES_EXPORT_PROMETHEUS_H_

#include <string>

#include "rules/config.h"
#include "rules/export/exported_slo.h"

namespace firebreak {

struct PrometheusOptions {
  // The counter of requests. Ours, or another with the labels tier and status_class (and endpoint, for alert_by:
  // endpoint), such as the article's tikliveapi_request_total. REQUIRES: MetricNameFault is "".
  std::string metric{kRequestsMetric};
};

// The rules of a configuration as a Prometheus rule file (YAML). A group for each tier: first the error ratio of each
// SLO and window, recorded once, then the alerts that compare them, with the labels of Firebreak's own. What PromQL
// cannot say stands in comments at the head of the file. Pure.
std::string PrometheusRules(const Config& config, const PrometheusOptions& options);

// The runbook of an alert of a tier; where no external_url is configured, on the address that `serve` takes by default.
std::string ExportedRunbookUrl(const Config& config, const Tier& tier, std::string_view alertname);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_EXPORT_PROMETHEUS_H_
