#ifndef FIREBREAK_API_HTTP_TOKEN_GUARD_H_
#define FIREBREAK_API_HTTP_TOKEN_GUARD_H_

#include <optional>
#include <string_view>

#include "api/http/message.h"
#include "api/http/refusal.h"
#include "api/http/server.h"

namespace firebreak {

// Decides by the Authorization header who may use a scope. Immutable; thread-safe.
class TokenGuard {
 public:
  explicit TokenGuard(HttpTokens tokens) : tokens_(std::move(tokens)) {}

  // Nothing when `authorization` ("Bearer …") opens `scope`; kUnauthorized without a known token, kForbidden with one
  // of another scope. The time taken tells nothing about a token's bytes: all candidates are compared in full.
  std::optional<Refusal> Check(HttpScope scope, std::string_view authorization) const;

 private:
  HttpTokens tokens_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_TOKEN_GUARD_H_
