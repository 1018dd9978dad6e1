#ifndef FIREBREAK_API_NOTIFY_WEBHOOK_PAYLOAD_H_
#define FIREBREAK_API_NOTIFY_WEBHOOK_PAYLOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/notify/http_client.h"
#include "api/notify/outgoing_alert.h"

namespace firebreak {

// Webhook v4: what Alertmanager itself sends with `group_by: [service, tier, alertname]`.

// The labels of `labels` that alerts are grouped by.
Labels GroupLabels(const Labels& labels);

// Alertmanager's name for the group, e.g. `{}:{alertname="NoData", service="s", tier="t"}`.
std::string GroupKey(const Labels& group_labels);

struct WebhookMessage {
  std::string receiver;  // the webhook's name
  std::string external_url;
  std::vector<OutgoingAlert> alerts;  // of one group, not empty, in any order
  // How many times just this content was delivered already: tells a reminder from a retry.
  int64_t repetition = 0;
};

// The JSON body.
std::string WebhookBody(const WebhookMessage& message);

// The same for every try of one message, another for each new content and each reminder.
std::string IdempotencyKey(const WebhookMessage& message);

// The whole POST, signed as of wall time `now` unless `secret` is "".
HttpPost WebhookRequest(const Url& url, const WebhookMessage& message, std::string_view secret, absl::Time now);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_WEBHOOK_PAYLOAD_H_
