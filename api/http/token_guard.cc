#include "api/http/token_guard.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"

namespace firebreak {
namespace {

// The credentials of a Bearer header, or "".
std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return "";
  if (!absl::EqualsIgnoreCase(absl::string_view(authorization.data(), kScheme.size()),
                              absl::string_view(kScheme.data(), kScheme.size()))) {
    return "";
  }
  authorization.remove_prefix(kScheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  return authorization;
}

// 1 if equal. Always looks at every byte of `candidate`; the volatile keeps the compiler from stopping early.
unsigned EqualInConstantTime(std::string_view candidate, std::string_view presented) {
  volatile unsigned difference = static_cast<unsigned>(candidate.size() != presented.size());
  for (size_t i = 0; i < candidate.size(); ++i) {
    const char other = presented.empty() ? '\0' : presented[i % presented.size()];
    difference = difference | static_cast<unsigned char>(candidate[i] ^ other);
  }
  return difference == 0 ? 1u : 0u;
}

unsigned Matches(const std::vector<std::string>& candidates, std::string_view presented) {
  unsigned found = 0;
  for (const std::string& candidate : candidates) found |= EqualInConstantTime(candidate, presented);
  return presented.empty() ? 0u : found;
}

}  // namespace

std::optional<Refusal> TokenGuard::Check(HttpScope scope, std::string_view authorization) const {
  const std::string_view presented = BearerToken(authorization);
  const bool ingest = Matches(tokens_.ingest, presented) != 0;
  const bool read = Matches(tokens_.read, presented) != 0;
  const bool admin = Matches(tokens_.admin, presented) != 0;
  bool open = false;
  bool opened = admin;
  switch (scope) {
    case HttpScope::kNone:
      open = true;
      break;
    case HttpScope::kIngest:
      open = tokens_.ingest.empty();
      opened |= ingest;
      break;
    case HttpScope::kRead:
      open = tokens_.read.empty();
      opened |= read;
      break;
    case HttpScope::kAdmin:
      open = tokens_.admin.empty();
      break;
  }
  if (open || opened) return std::nullopt;
  if (ingest || read) return Refusal{RefusalReason::kForbidden, "this token does not open this scope", {}};
  return Refusal{RefusalReason::kUnauthorized,
                 "a known bearer token is wanted",
                 {{"WWW-Authenticate", "Bearer realm=\"firebreak\""}}};
}

}  // namespace firebreak
