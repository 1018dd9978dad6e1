#ifndef FIREBREAK_API_NOTIFY_DESTINATION_H_
#define FIREBREAK_API_NOTIFY_DESTINATION_H_

#include <string>
#include <string_view>

#include "engine/labels.h"
#include "rules/config.h"

namespace firebreak {

// One place alerts are sent to, with its secrets already read.
struct Destination {
  enum class Kind { kAlertmanager, kWebhook, kPagerDuty, kSlack };
  Kind kind = Kind::kAlertmanager;
  std::string name;    // unique: as configured, or "alertmanager-1" …
  std::string url;     // as configured; Slack: a secret
  std::string secret;  // webhook: signs the body, "" = unsigned; PagerDuty: the routing key
  SeveritySet severities = kAllSeverities;
};

// "alertmanager", "webhook", "pagerduty", "slack".
std::string_view DestinationKindName(Destination::Kind kind);

// Whether the destination is to hear of an alert with these labels: the label `severity` says. An alert whose severity
// is neither page nor ticket goes everywhere.
bool IsRouted(SeveritySet severities, const Labels& labels);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_DESTINATION_H_
