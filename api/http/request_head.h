#ifndef FIREBREAK_API_HTTP_REQUEST_HEAD_H_
#define FIREBREAK_API_HTTP_REQUEST_HEAD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/message.h"
#include "api/http/refusal.h"

namespace firebreak {

// How the body of a request ends.
enum class BodyFraming { kNone, kLength, kChunked };

// A request without its body.
struct RequestHead {
  HttpRequest request;  // all but the body
  std::string host;     // the value of Host, or the authority of an absolute-form target where both agree
  BodyFraming framing = BodyFraming::kNone;
  uint64_t content_length = 0;    // kLength only
  bool keep_alive = true;         // what the client wants
  bool expects_continue = false;  // an HTTP/1.1 client that waits for "100 Continue"
  bool http_1_0 = false;
};

// Reads a complete header block (it ends in an empty line) that HeadScanner passed, and insists on unambiguous framing:
// Beast's parser accepts `Transfer-Encoding: chunked, identity`, Transfer-Encoding with Content-Length, two
// Content-Lengths, no Host and two Hosts; each is refused here. Pure.
std::optional<Refusal> ParseRequestHead(std::string_view block, RequestHead& head);

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_REQUEST_HEAD_H_
