#ifndef FIREBREAK_API_NOTIFY_RENDERER_H_
#define FIREBREAK_API_NOTIFY_RENDERER_H_

#include <vector>

#include "api/notify/delivery_queue.h"
#include "api/notify/dispatcher.h"
#include "api/notify/http_client.h"
#include "api/notify/outgoing_alert.h"
#include "api/notify/retry.h"
#include "engine/clock.h"

namespace firebreak {

// The POST that tells `destination`, at `url`, the batch. Rendered when it is sent: an alert that still fires shows its
// newest annotations. REQUIRES: the batch is not empty.
HttpPost Render(const Destination& destination, const Url& url, const DispatcherOptions& options, const Clock& clock,
                const Batch& batch);

// What is said in one POST, beside what the configuration says. Times are wall times.
struct Outgoing {
  std::vector<OutgoingAlert> alerts;  // not empty
  absl::Time now;
  absl::Time firing_ends_at;  // AlertmanagerRequest
  int64_t repetition = 0;     // WebhookMessage::repetition
};

// The same out of finished alerts. Pure.
HttpPost RequestFor(const Destination& destination, const Url& url, const DispatcherOptions& options,
                    Outgoing outgoing);

// How such a receiver says that it has taken what it was sent.
Taken TakenBy(Destination::Kind kind);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_RENDERER_H_
