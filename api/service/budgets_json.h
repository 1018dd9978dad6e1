#ifndef FIREBREAK_API_SERVICE_BUDGETS_JSON_H_
#define FIREBREAK_API_SERVICE_BUDGETS_JSON_H_

#include <string>

#include "engine/snapshot.h"

namespace firebreak {

// GET /v1/budgets: the error budget of every SLO, what is left of it and how long that lasts; docs/http-api.md. Pure.
std::string BudgetsJson(const Snapshot& snapshot);

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_BUDGETS_JSON_H_
