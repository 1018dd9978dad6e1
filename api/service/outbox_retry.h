#ifndef FIREBREAK_API_SERVICE_OUTBOX_RETRY_H_
#define FIREBREAK_API_SERVICE_OUTBOX_RETRY_H_

#include "api/http/message.h"
#include "api/notify/dispatcher.h"

namespace firebreak {

// Answers POST /v1/outbox/retry: tries at once what is parked, at ?destination=NAME alone where that is given. A body
// that says anything is refused: it would not be heeded. Thread-safe.
HttpResponse RetryParked(const HttpRequest& request, Dispatcher& dispatcher);

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_OUTBOX_RETRY_H_
