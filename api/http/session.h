#ifndef FIREBREAK_API_HTTP_SESSION_H_
#define FIREBREAK_API_HTTP_SESSION_H_

#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/http/live_feed.h"
#include "api/http/message.h"
#include "api/http/request_reader.h"
#include "api/http/response_head.h"
#include "api/http/server_core.h"

namespace firebreak {

// One connection: reads a request, has it handled, writes the answer, and again, until a side has enough.
//   (1) Everything happens on the connection's strand; the public calls post to it and may come from any thread.
//   (2) At any time there is one phase and at most one deadline. An operation that ends in another phase than it was
//       started in is stale, and ignored.
//   (3) An idle connection holds no buffer: ten thousand of them cost about 2 KiB each.
//   (4) It stays alive by its pending timer until it closes; a responder only has a weak pointer to it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  // `on_closed` is called once, on the strand.
  Session(std::shared_ptr<ServerCore> core, HttpSocket socket, std::function<void()> on_closed);
  ~Session();

  // Serves requests.
  void Start();
  // Answers with the refusal and closes, without reading a request.
  void StartRefused(Refusal refusal);
  // Closes now when idle, else after the request under way.
  void FinishSoon();
  // Closes now.
  void Abort();

 private:
  class PendingAnswer;
  // kStreaming: an answer that goes on waits for its next message.
  enum class Phase { kIdle, kReading, kHandling, kWriting, kStreaming, kLingering, kClosed };
  using TimePoint = std::chrono::steady_clock::time_point;

  void Open();
  void AwaitRequest(absl::Duration patience);
  void BeginRequest();
  void Read();
  void OnRead(const boost::system::error_code& error, size_t bytes);
  void Process();
  void ProcessBody();
  void SendContinue();
  void Handle();
  void Respond(HttpResponse response);
  void RefuseRequest(ConnectionFate fate);
  void RespondRefused(const Refusal& refusal);
  void Write(HttpResponse response);
  void OnWritten(const boost::system::error_code& error);
  // An answer that goes on: takes a place in the feed, false when there is none; writes what there is to say; and
  // notices that the client went, which nobody reads otherwise.
  bool JoinFeed(LiveFeed& feed);
  void WriteNext();
  void WatchForEnd();
  void Linger();
  void Drain();
  void Close();

  void SetDeadline(absl::Duration patience);
  void ArmTimer();
  void OnTimer();
  void Expire();

  const std::shared_ptr<ServerCore> core_;  // first: destroyed last, since it holds the io_context of the rest
  const std::function<void()> on_closed_;
  HttpSocket socket_;
  HttpTimer timer_;
  TimePoint deadline_ = TimePoint::max();
  Phase phase_ = Phase::kIdle;
  bool stopping_ = false;
  bool reading_body_ = false;
  bool is_head_ = false;
  bool client_may_be_sending_ = false;  // a request was refused before its end
  ConnectionFate fate_ = ConnectionFate::kClose;
  int64_t drained_bytes_ = 0;
  BodyCharge answer_charge_;  // what the answer being written holds
  boost::beast::flat_buffer buffer_;
  std::optional<RequestReader> reader_;
  std::string out_head_;
  std::string out_body_;
  std::unique_ptr<LiveFeed::Reader> feed_;  // while an answer goes on
  LiveFeed::Message message_;               // of it, being written
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_SESSION_H_
