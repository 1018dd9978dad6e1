#ifndef FIREBREAK_API_SERVICE_STATE_JSON_H_
#define FIREBREAK_API_SERVICE_STATE_JSON_H_

#include <string>
#include <string_view>

#include "engine/snapshot.h"

namespace firebreak {

// The engine's state as the API shows it; docs/http-api.md is the reference. Pure.

// GET /v1/slos: every tier with its promises, windows, budget and feed.
std::string SlosJson(const Snapshot& snapshot);

// GET /v1/alerts: pending, firing and lately resolved alerts; `status` filters ("" = all), `fingerprint` likewise.
std::string AlertsJson(const Snapshot& snapshot, std::string_view status, std::string_view fingerprint);

// GET /api/v1/alerts and /api/v1/rules in the form of Prometheus' HTTP API.
std::string PrometheusAlertsJson(const Snapshot& snapshot);
std::string PrometheusRulesJson(const Snapshot& snapshot);

// GET /: the same for people, as plain text.
std::string StateText(const Snapshot& snapshot);

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_STATE_JSON_H_
