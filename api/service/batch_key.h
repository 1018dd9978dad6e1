#ifndef FIREBREAK_API_SERVICE_BATCH_KEY_H_
#define FIREBREAK_API_SERVICE_BATCH_KEY_H_

#include <optional>

#include "absl/status/statusor.h"
#include "api/http/message.h"
#include "storage/ledger/records.h"

namespace firebreak {

// The Idempotency-Key of a request and its decoded body, as 16 bytes of SHA-256 each; nullopt without the header.
// Errors: InvalidArgument for a key that is not 1 to 255 visible ASCII characters, or comes twice. Pure.
absl::StatusOr<std::optional<BatchKey>> ReadBatchKey(const HttpRequest& request);

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_BATCH_KEY_H_
