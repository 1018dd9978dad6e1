#ifndef FIREBREAK_API_NOTIFY_PAGERDUTY_PAYLOAD_H_
#define FIREBREAK_API_NOTIFY_PAGERDUTY_PAYLOAD_H_

#include <string>
#include <string_view>
#include <vector>

#include "api/notify/http_client.h"
#include "api/notify/outgoing_alert.h"

namespace firebreak {

// PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/send-alert-event): events that trigger and resolve
// incidents. All of it is pure.

// What tells the incident of an alert from others: its SLO with service, tier and endpoint, whichever pair fires and
// however severe; for a detector its name with service, tier and subject.
Labels IncidentLabels(const Labels& labels);

// PagerDuty's name for that incident: "shop/checkout/availability", "shop/checkout/availability//pay/",
// "shop/checkout/NoData". "/", "%" and "#" in any part but the last are percent-encoded. At most 255 bytes of UTF-8:
// what is longer, or was none, ends with "#" and a hash of the whole.
std::string DedupKey(const Labels& incident);

struct PagerDutyMessage {
  std::string routing_key;
  std::string external_url;
  std::vector<OutgoingAlert> alerts;  // of one incident, not empty, in any order
};

// The event: a trigger while any of the alerts fires, described by the worst of them, else a resolve. At most 512 KB.
std::string PagerDutyBody(const PagerDutyMessage& message);

HttpPost PagerDutyRequest(const Url& url, const PagerDutyMessage& message);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_PAGERDUTY_PAYLOAD_H_
