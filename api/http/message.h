#ifndef FIREBREAK_API_HTTP_MESSAGE_H_
#define FIREBREAK_API_HTTP_MESSAGE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firebreak {

enum class HttpMethod { kGet, kHead, kPost, kPut, kDelete, kOther };

// A request that passed every limit of the server: framed, sized, decoded (gzip undone), authorized.
struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  std::string path;          // percent-decoded once, without the query; always begins with "/"
  std::string query;         // raw, without "?"
  std::string content_type;  // lower case, without parameters; "" when absent
  std::string body;          // decoded
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in order

  // The first header of that (lower case) name, or "".
  std::string_view Header(std::string_view name) const;
  // The decoded value of a query parameter, or "".
  std::string QueryParameter(std::string_view name) const;
};

class LiveFeed;  // live_feed.h

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // An answer without an end: after `body` it goes on with what is published there, until a side closes.
  std::shared_ptr<LiveFeed> feed;
};

// Answers one request, exactly once, from any thread. Copyable; the server may be gone by then, which is not an error.
using HttpResponder = std::function<void(HttpResponse)>;

// Which token a route asks for. kNone routes answer everybody (health).
enum class HttpScope { kNone, kIngest, kRead, kAdmin };

// Whether a request that changes something must bring a body. Where one is wanted, a request without Content-Length and
// chunked coding is answered 411.
enum class HttpBody { kOptional, kWanted };

// For whom an answer to GET is made. Of two routes with one path, the one for pages answers who accepts text/html by
// name, as browsers do; the other everybody else.
enum class HttpAudience { kAnybody, kPages };

struct HttpRoute {
  HttpMethod method = HttpMethod::kGet;  // kGet serves HEAD too
  std::string path;                      // exact, or ending in "/*" to match any non-empty rest without "/"
  HttpScope scope = HttpScope::kRead;
  // Called on an I/O thread; must not block. It may answer now or keep the responder and answer later.
  std::function<void(const HttpRequest&, HttpResponder)> handle;
  // kIngest routes get the ingest body limit; all others the control limit.
  HttpBody body = HttpBody::kOptional;
  HttpAudience audience = HttpAudience::kAnybody;
};

// {"error": "..."} with the given status.
HttpResponse HttpError(int status, std::string_view message);

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_MESSAGE_H_
