#ifndef FIREBREAK_API_NOTIFY_SIGNATURE_H_
#define FIREBREAK_API_NOTIFY_SIGNATURE_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace firebreak {

// The value of X-Firebreak-Signature: `t=<unix seconds>,v1=<hex HMAC-SHA256(secret, t + "." + body)>`. Pure.
std::string SignBody(std::string_view secret, absl::Time when, std::string_view body);

// Hexadecimal SHA-256. Pure.
std::string Sha256Hex(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_SIGNATURE_H_
