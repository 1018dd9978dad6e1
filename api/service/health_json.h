#ifndef FIREBREAK_API_SERVICE_HEALTH_JSON_H_
#define FIREBREAK_API_SERVICE_HEALTH_JSON_H_

#include <string>

#include "absl/time/time.h"
#include "api/service/metrics.h"
#include "engine/snapshot.h"

namespace firebreak {

enum class EvaluationPace { kFresh, kBehind };

// GET /v1/health: Firebreak's own state and that of its destinations, for people; docs/http-api.md is the reference.
// What /metrics counts is here too, as far as somebody looks at it without a graph. `now` is wall time. Pure.
std::string HealthJson(const Snapshot& snapshot, const ProcessState& process, EvaluationPace pace, absl::Time now);

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_HEALTH_JSON_H_
