#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/notify/outgoing_alert.h"
#include "api/notify/retry.h"
#include "api/notify/url.h"

namespace firebreak {
namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

void CheckUrl(std::string_view text) {
  const absl::StatusOr<Url> url = ParseUrl(text);
  if (!url.ok()) return;
  Check(!url->host.empty() && url->path.starts_with('/') && url->port >= 1 && url->port <= 65535);
  // Nothing that could end the request line or a header.
  Check((url->Target() + url->HostHeader()).find_first_of(std::string_view(" \r\n\0", 4)) == std::string::npos);
}

void CheckRetryAfter(std::string_view text) {
  const std::optional<absl::Duration> wait = RetryAfter(text, absl::FromUnixSeconds(1764000000));
  Check(!wait || (*wait >= absl::ZeroDuration() && *wait <= absl::Minutes(5)));
}

void CheckQuote(std::string_view text) {
  const std::string quoted = GoQuote(text);
  Check(quoted.size() >= 2 && quoted.front() == '"' && quoted.back() == '"');
  Check(quoted.find('\n') == std::string::npos);
}

}  // namespace
}  // namespace firebreak

// URLs of the configuration, a header that a receiver sends, and label values that become part of a group's key.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  firebreak::CheckUrl(text);
  firebreak::CheckRetryAfter(text);
  firebreak::CheckQuote(text);
  return 0;
}
