#ifndef FIREBREAK_API_NOTIFY_ALERTMANAGER_PAYLOAD_H_
#define FIREBREAK_API_NOTIFY_ALERTMANAGER_PAYLOAD_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/notify/http_client.h"
#include "api/notify/outgoing_alert.h"

namespace firebreak {

// A POST of `alerts` to an Alertmanager at `base` (API v2). A firing alert ends at `firing_ends_at`, which each resend
// moves on, so that Alertmanager lets go of it by itself if we die.
HttpPost AlertmanagerRequest(const Url& base, const std::vector<OutgoingAlert>& alerts, absl::Time firing_ends_at);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_ALERTMANAGER_PAYLOAD_H_
