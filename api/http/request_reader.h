#ifndef FIREBREAK_API_HTTP_REQUEST_READER_H_
#define FIREBREAK_API_HTTP_REQUEST_READER_H_

#include <optional>
#include <string>
#include <string_view>

#include "api/http/admission.h"
#include "api/http/body_memory.h"
#include "api/http/chunk_decoder.h"
#include "api/http/head_scanner.h"
#include "api/http/request_head.h"

namespace firebreak {

// Makes one request out of the bytes of a connection, whatever pieces they come in, or one refusal. It knows no socket
// and no time: sessions and the fuzzer feed it alike. Use one for each request. Thread-compatible.
//
//   RequestReader reader(policy, memory);
//   size_t used = reader.Consume("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nnext");   // 35: "next" is another request's
//   if (reader.state() == RequestReader::State::kComplete) reader.route().handle(reader.request(), …);
class RequestReader {
 public:
  enum class State { kHead, kBody, kComplete, kRefused };

  // REQUIRES: both outlive the reader.
  RequestReader(const HttpPolicy& policy, BodyMemory& memory);

  // Takes the next bytes and returns how many it used: all, unless the request ended or was refused.
  size_t Consume(std::string_view bytes);
  // No more bytes will come: a request that has begun is refused.
  void End();
  // Refuses what has not ended: a deadline passed.
  void TimeOut();

  State state() const { return state_; }
  bool begun() const { return begun_; }
  // Whether the client waits for "100 Continue" before it sends the body. REQUIRES: state() == kBody.
  bool AwaitsContinue() const { return head_.expects_continue && body_.empty() && !body_begun_; }
  // Bytes of the body that are known to be missing; 0 when unknown.
  size_t MissingBodyBytes() const;

  // Whether another request may follow on the connection. Known once kComplete or kRefused.
  bool CanContinue() const;

  // REQUIRES: state() == kComplete.
  const HttpRoute& route() const { return *admission_.route; }
  const HttpRequest& request() const { return head_.request; }
  // Also true of a refused HEAD request, whose answer has no body either.
  bool is_head() const { return head_.request.method == HttpMethod::kHead; }
  // REQUIRES: state() == kRefused.
  const Refusal& refusal() const { return *refusal_; }

 private:
  size_t ConsumeHead(std::string_view bytes);
  size_t ConsumeBody(std::string_view bytes);
  void FinishHead();
  void FinishBody();
  void DecodeBody();
  void Refuse(Refusal refusal);

  const HttpPolicy& policy_;
  BodyCharge charge_;
  State state_ = State::kHead;
  bool begun_ = false;
  bool body_begun_ = false;
  bool head_is_sound_ = false;  // framing is known
  HeadScanner scanner_;
  std::string block_;  // the head so far
  RequestHead head_;
  Admission admission_;
  std::optional<ChunkDecoder> chunks_;
  std::string body_;  // as sent
  std::optional<Refusal> refusal_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_REQUEST_READER_H_
