#ifndef FIREBREAK_RULES_RUNBOOK_URL_H_
#define FIREBREAK_RULES_RUNBOOK_URL_H_

#include <string>
#include <string_view>

#include "rules/config.h"

namespace firebreak {

// Where an alert's runbook is: what the configuration says, a URL or a path on this server
// (`/runbooks/SearchDegraded`); else the page that this server has about the alert. `base` is where this server is
// reached, unless `external_url` says so. Pure.
std::string RunbookUrl(const Config& config, std::string_view base, std::string_view alertname);

// The same of a tier's alert: what the tier says comes first.
std::string RunbookUrl(const Config& config, const Tier& tier, std::string_view base, std::string_view alertname);

// What is wrong with the text as a `runbook_url`, or "".
std::string RunbookUrlFault(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_RUNBOOK_URL_H_
