#ifndef FIREBREAK_RULES_EXPORT_PROMETHEUS_NOTES_H_
#define FIREBREAK_RULES_EXPORT_PROMETHEUS_NOTES_H_

#include <string>

#include "rules/config.h"
#include "rules/export/prometheus.h"

namespace firebreak {

// The comments at the head of an exported rule file: where it is from, and every way in which Prometheus may come to
// another verdict than Firebreak under this configuration.
std::string PrometheusNotes(const Config& config, const PrometheusOptions& options);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_EXPORT_PROMETHEUS_NOTES_H_
