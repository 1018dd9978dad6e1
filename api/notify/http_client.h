#ifndef FIREBREAK_API_NOTIFY_HTTP_CLIENT_H_
#define FIREBREAK_API_NOTIFY_HTTP_CLIENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "api/notify/resolver.h"
#include "api/notify/socket.h"
#include "api/notify/url.h"

namespace firebreak {

// What one try may cost.
struct HttpLimits {
  absl::Duration total = absl::Seconds(10);   // name look-up, connection, TLS, request and answer together
  absl::Duration connect = absl::Seconds(3);  // for each address of the host
  absl::Duration idle = absl::Seconds(5);     // one read or write
  int64_t body_bytes = 64 << 10;              // of the answer; the rest is not read
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpPost {
  Url url;
  HttpHeaders headers;
  std::string body;
};

// Why there was no answer.
enum class HttpFailure { kTimeout, kResolve, kConnect, kTls, kBroken, kCancelled };

// What came of one try: the answer's status, or else a failure.
struct HttpAnswer {
  std::optional<int> status;
  std::string retry_after;                     // the header as sent; "" = none
  std::string body;                            // at most HttpLimits::body_bytes, possibly cut
  HttpFailure failure = HttpFailure::kBroken;  // without a status
  std::string error;                           // for people, without a status: "Connection refused"; holds no secret
};

// "302 Found", from our own table: the receiver's words are not repeated.
std::string StatusText(int status);

// Sends requests, each on a new connection, within HttpLimits: whatever the receiver does, an answer is there by
// `total`. Redirects are not followed, bodies are not decompressed, certificates are checked. One request at a time.
class HttpClient {
 public:
  explicit HttpClient(HttpLimits limits, LookUp look_up = SystemLookUp);

  HttpAnswer Post(const HttpPost& request) { return Send("POST", request); }
  // Without a body.
  HttpAnswer Get(const Url& url, const HttpHeaders& headers) { return Send("GET", {url, headers, ""}); }
  HttpAnswer Delete(const Url& url, const HttpHeaders& headers) { return Send("DELETE", {url, headers, ""}); }

  // Ends the request under way and every later one at once. Any thread.
  void Cancel() { cancel_.Raise(); }

 private:
  HttpAnswer Send(const char* method, const HttpPost& request);

  const HttpLimits limits_;
  const LookUp look_up_;
  CancelFlag cancel_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_HTTP_CLIENT_H_
