#ifndef FIREBREAK_API_HTTP_REFUSAL_H_
#define FIREBREAK_API_HTTP_REFUSAL_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/message.h"

namespace firebreak {

// Why the server itself answered, instead of a handler. Each has a counter and a name.
enum class RefusalReason {
  kMalformed,            // 400: the bytes are not an HTTP request
  kBadFraming,           // 400: where the body ends is ambiguous
  kBadHost,              // 400: Host missing, repeated or malformed
  kTruncated,            // 400: the connection ended within the request
  kDamagedBody,          // 400: a gzip body that does not decode
  kUnauthorized,         // 401
  kForbidden,            // 403: a token for another scope
  kForeignHost,          // 403
  kForeignOrigin,        // 403
  kNotFound,             // 404
  kMethodNotAllowed,     // 405
  kTimeout,              // 408
  kLengthRequired,       // 411
  kBodyTooLarge,         // 413
  kDecodedTooLarge,      // 413
  kUriTooLong,           // 414
  kUnsupportedEncoding,  // 415
  kExpectationFailed,    // 417
  kHeaderTooLarge,       // 431
  kTooManyHeaders,       // 431
  kHandlerFailed,        // 500: a handler threw, or dropped its responder
  kTooManyConnections,   // 503
  kOutOfBodyMemory,      // 503
  kOutOfAnswerMemory,    // 503: clients do not take their answers
  kTooManyStreams,       // 503: every place in a feed is taken
};
inline constexpr int kNumRefusalReasons = 25;

// "header_too_large": the label of the counter.
std::string_view RefusalReasonName(RefusalReason reason);

// The status a reason is answered with.
int RefusalStatus(RefusalReason reason);

// A request that no handler sees.
struct Refusal {
  RefusalReason reason = RefusalReason::kMalformed;
  std::string message;                                       // names the limit or the fault; never a secret
  std::vector<std::pair<std::string, std::string>> headers;  // Allow, WWW-Authenticate, Retry-After

  HttpResponse ToResponse() const;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_REFUSAL_H_
