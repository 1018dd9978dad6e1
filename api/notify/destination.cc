#include "api/notify/destination.h"

namespace firebreak {

std::string_view DestinationKindName(Destination::Kind kind) {
  switch (kind) {
    case Destination::Kind::kAlertmanager:
      return "alertmanager";
    case Destination::Kind::kWebhook:
      return "webhook";
    case Destination::Kind::kPagerDuty:
      return "pagerduty";
    case Destination::Kind::kSlack:
      return "slack";
  }
  return "";
}

bool IsRouted(SeveritySet severities, const Labels& labels) {
  for (const Severity severity : {Severity::kTicket, Severity::kPage}) {
    if (labels.Get("severity") == SeverityName(severity)) return severities.test(static_cast<size_t>(severity));
  }
  return true;
}

}  // namespace firebreak
