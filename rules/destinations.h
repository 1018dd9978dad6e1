#ifndef FIREBREAK_RULES_DESTINATIONS_H_
#define FIREBREAK_RULES_DESTINATIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "rules/config.h"

namespace firebreak {

// What destinations of every kind have in common.
struct DestinationEntry {
  std::string path;  // "notify.slack[0]"
  std::string name;
  std::string_view kind;  // for people: "Alertmanager", "webhook", "PagerDuty", "Slack"
  SeveritySet severities;
};

// All of them: Alertmanagers first, then webhooks, PagerDuty and Slack, each kind in file order.
std::vector<DestinationEntry> AllDestinations(const NotifyConfig& notify);

// Who is told about alerts of a severity: `"oncall" (PagerDuty) and "team" (Slack)`, or "nobody".
std::string ReceiversText(const std::vector<DestinationEntry>& destinations, Severity severity);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_DESTINATIONS_H_
