#ifndef FIREBREAK_API_EXPORT_GRAFANA_H_
#define FIREBREAK_API_EXPORT_GRAFANA_H_

#include <string>

#include "rules/config.h"

namespace firebreak {

// A Grafana dashboard (JSON, schema version 39) over the metrics of `serve`, ready to be imported: Grafana asks for the
// Prometheus data source. First what fires; then a row for each tier with the budget left, the burn of every window
// with the thresholds of the pairs as lines, and the rate of requests by status class. Pure.
std::string GrafanaDashboard(const Config& config);

}  // namespace firebreak

#endif  // FIREBREAK_API_EXPORT_GRAFANA_H_
