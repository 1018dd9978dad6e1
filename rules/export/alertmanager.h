#ifndef FIREBREAK_RULES_EXPORT_ALERTMANAGER_H_
#define FIREBREAK_RULES_EXPORT_ALERTMANAGER_H_

#include <string>

#include "rules/config.h"

namespace firebreak {

// An Alertmanager configuration (YAML, 0.25 or later) that sends Firebreak's alerts where the configuration's `notify`
// does: severity page and ticket to a receiver each, the fast pair inhibits the slow one of the same SLO. A severity
// without a destination gets a placeholder (PagerDuty for pages, Slack for tickets), said in a comment. Secrets are
// named as files and never written. Pure.
std::string AlertmanagerConfig(const Config& config);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_EXPORT_ALERTMANAGER_H_
