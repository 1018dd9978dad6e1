#ifndef FIREBREAK_API_NOTIFY_RENDERER_H_
#define FIREBREAK_API_NOTIFY_RENDERER_H_

#include "api/notify/delivery_queue.h"
#include "api/notify/dispatcher.h"
#include "api/notify/http_client.h"
#include "engine/clock.h"

namespace firebreak {

// The POST that tells `destination`, at `url`, the batch. Rendered when it is sent: an alert that still fires shows its
// newest annotations. REQUIRES: the batch is not empty.
HttpPost Render(const Destination& destination, const Url& url, const DispatcherOptions& options, const Clock& clock,
                const Batch& batch);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_RENDERER_H_
