#include "api/http/session.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <string_view>
#include <utility>

namespace firebreak {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr size_t kReadBytes = 16 << 10;
constexpr size_t kBodyReadBytes = 64 << 10;
// After an early refusal the client may still be sending: what it sends is read past for a while, since closing at once
// would reset the connection and take our answer with it.
constexpr absl::Duration kLingerTimeout = absl::Seconds(2);
constexpr int64_t kLingerBytes = 64 << 20;
// Nobody has anything to say while an answer goes on.
constexpr int64_t kStreamBytes = 4 << 10;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

const Refusal& HandlerFailed() {
  static const Refusal* const refusal =
      new Refusal{RefusalReason::kHandlerFailed, "the request could not be handled", {}};
  return *refusal;
}

const Refusal& OutOfAnswerMemory() {
  static const Refusal* const refusal = new Refusal{RefusalReason::kOutOfAnswerMemory,
                                                    "too many answers wait for clients that do not take them",
                                                    {{"Retry-After", "1"}}};
  return *refusal;
}

const Refusal& TooManyStreams() {
  static const Refusal* const refusal =
      new Refusal{RefusalReason::kTooManyStreams, "as many streams are open as there may be", {{"Retry-After", "15"}}};
  return *refusal;
}

ConnectionFate FateAfter(const RequestReader& reader) {
  return reader.CanContinue() ? ConnectionFate::kKeepAlive : ConnectionFate::kClose;
}

}  // namespace

// Carries the one answer of a request to its session, from any thread. Dropped unanswered, it reports a failure.
class Session::PendingAnswer {
 public:
  explicit PendingAnswer(std::weak_ptr<Session> session) : session_(std::move(session)) {}
  ~PendingAnswer() { Fail(); }

  void Send(HttpResponse response) {
    Deliver([response = std::move(response)](Session& session) mutable { session.Respond(std::move(response)); });
  }
  void Fail() {
    Deliver([](Session& session) {
      if (session.phase_ == Phase::kHandling) session.RespondRefused(HandlerFailed());
    });
  }

 private:
  template <typename Answer>
  void Deliver(Answer answer) {
    if (answered_.exchange(true)) return;
    // The session keeps the io_context alive while we post. Nothing of Asio may be kept here: it would outlive it.
    const std::shared_ptr<Session> session = session_.lock();
    if (session == nullptr) return;
    asio::dispatch(session->socket_.get_executor(), [weak = session_, answer = std::move(answer)]() mutable {
      if (const std::shared_ptr<Session> session = weak.lock()) answer(*session);
    });
  }

  std::atomic<bool> answered_ = false;
  const std::weak_ptr<Session> session_;
};

Session::Session(std::shared_ptr<ServerCore> core, HttpSocket socket, std::function<void()> on_closed)
    : core_(std::move(core)),
      on_closed_(std::move(on_closed)),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      answer_charge_(core_->answer_memory) {
  core_->counters.CountOpen();
}

Session::~Session() { Close(); }

void Session::Start() {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    self->Open();
    self->AwaitRequest(self->core_->policy.limits.header_timeout);
  });
}

void Session::StartRefused(Refusal refusal) {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this(), refusal = std::move(refusal)] {
    self->Open();
    self->client_may_be_sending_ = true;
    self->RespondRefused(refusal);
  });
}

void Session::FinishSoon() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->stopping_ = true;
    const Phase phase = self->phase_;
    if (phase == Phase::kIdle || phase == Phase::kStreaming || phase == Phase::kLingering) self->Close();
  });
}

void Session::Abort() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Close(); });
}

void Session::Open() {
  error_code ignored;  // an unset option costs speed, not correctness
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  ArmTimer();
}

void Session::AwaitRequest(absl::Duration patience) {
  phase_ = Phase::kIdle;
  SetDeadline(patience);
  reader_.reset();
  buffer_.clear();
  buffer_.shrink_to_fit();
  socket_.async_wait(HttpSocket::wait_read, [self = shared_from_this()](const error_code& error) {
    if (self->phase_ != Phase::kIdle) return;
    if (error) return self->Close();
    self->buffer_.reserve(kReadBytes);
    self->BeginRequest();
    self->Read();
  });
}

void Session::BeginRequest() {
  phase_ = Phase::kReading;
  reading_body_ = false;
  SetDeadline(core_->policy.limits.header_timeout);
  reader_.emplace(core_->policy, core_->memory);
}

void Session::Read() {
  const size_t wanted = std::clamp(reader_->MissingBodyBytes(), kReadBytes, kBodyReadBytes);
  socket_.async_read_some(buffer_.prepare(wanted), [self = shared_from_this()](const error_code& error, size_t bytes) {
    if (self->phase_ == Phase::kReading) self->OnRead(error, bytes);
  });
}

void Session::OnRead(const error_code& error, size_t bytes) {
  if (error == asio::error::eof && reader_->begun()) {
    // A client that closed its sending half can still read why its half request was no good.
    reader_->End();
    return RefuseRequest(ConnectionFate::kClose);
  }
  if (error) return Close();
  buffer_.commit(bytes);
  Process();
}

void Session::Process() {
  const auto bytes = buffer_.data();
  buffer_.consume(reader_->Consume({static_cast<const char*>(bytes.data()), bytes.size()}));
  switch (reader_->state()) {
    case RequestReader::State::kHead:
      return Read();
    case RequestReader::State::kBody:
      return ProcessBody();
    case RequestReader::State::kComplete:
      return Handle();
    case RequestReader::State::kRefused:
      return RefuseRequest(FateAfter(*reader_));
  }
}

void Session::ProcessBody() {
  if (reading_body_) return Read();
  reading_body_ = true;
  SetDeadline(core_->policy.limits.body_timeout);
  if (!reader_->AwaitsContinue()) return Read();
  SendContinue();
}

void Session::SendContinue() {
  asio::async_write(socket_, asio::buffer(kContinue), [self = shared_from_this()](const error_code& error, size_t) {
    if (self->phase_ != Phase::kReading) return;
    if (error) return self->Close();
    self->Read();
  });
}

void Session::Handle() {
  phase_ = Phase::kHandling;
  deadline_ = TimePoint::max();
  is_head_ = reader_->is_head();
  fate_ = FateAfter(*reader_);
  client_may_be_sending_ = false;
  const auto pending = std::make_shared<PendingAnswer>(weak_from_this());
  try {
    reader_->route().handle(reader_->request(),
                            [pending](HttpResponse response) { pending->Send(std::move(response)); });
  } catch (...) {
    pending->Fail();
  }
  reader_.reset();  // the body's memory; an answer, if there is one already, does not need it
}

void Session::Respond(HttpResponse response) {
  if (phase_ != Phase::kHandling) return;
  if (response.status < 200 || response.status > 599) return RespondRefused(HandlerFailed());
  if (is_head_ || response.status != 200) response.feed = nullptr;
  if (!answer_charge_.Grow(static_cast<int64_t>(response.body.size()))) return RespondRefused(OutOfAnswerMemory());
  if (response.feed != nullptr && !JoinFeed(*response.feed)) return RespondRefused(TooManyStreams());
  Write(std::move(response));
}

void Session::RefuseRequest(ConnectionFate fate) {
  is_head_ = reader_->is_head();
  fate_ = fate;
  client_may_be_sending_ = fate == ConnectionFate::kClose;
  RespondRefused(reader_->refusal());
}

void Session::RespondRefused(const Refusal& refusal) {
  core_->counters.CountRefusal(refusal.reason);
  Write(refusal.ToResponse());
}

void Session::Write(HttpResponse response) {
  phase_ = Phase::kWriting;
  if (stopping_ || feed_ != nullptr) fate_ = ConnectionFate::kClose;
  SetDeadline(core_->policy.limits.body_timeout);
  core_->counters.CountResponse(response.status);
  out_head_ = ResponseHead(response, fate_);
  out_body_.clear();
  if (!is_head_ && StatusHasBody(response.status)) out_body_ = std::move(response.body);
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(out_head_), asio::buffer(out_body_)};
  asio::async_write(socket_, buffers, [self = shared_from_this()](const error_code& error, size_t) {
    if (self->phase_ == Phase::kWriting) self->OnWritten(error);
  });
}

void Session::OnWritten(const error_code& error) {
  if (error) return Close();
  out_head_ = std::string();
  out_body_ = std::string();
  answer_charge_.Clear();
  if (feed_ != nullptr) return WriteNext();
  if (stopping_ && !client_may_be_sending_) return Close();
  if (fate_ == ConnectionFate::kClose) return Linger();
  if (buffer_.size() == 0) return AwaitRequest(core_->policy.limits.idle_timeout);
  BeginRequest();  // a pipelined one
  Process();
}

bool Session::JoinFeed(LiveFeed& feed) {
  feed_ = feed.Join([weak = weak_from_this()] {
    const std::shared_ptr<Session> session = weak.lock();
    if (session == nullptr) return;
    asio::post(session->socket_.get_executor(), [weak] {
      const std::shared_ptr<Session> session = weak.lock();
      if (session != nullptr && session->phase_ == Phase::kStreaming) session->WriteNext();
    });
  });
  if (feed_ == nullptr) return false;
  core_->counters.CountStreamOpen();
  drained_bytes_ = 0;
  WatchForEnd();
  return true;
}

void Session::WriteNext() {
  if (stopping_) return Close();
  message_ = feed_->Take();
  phase_ = message_ == nullptr ? Phase::kStreaming : Phase::kWriting;
  deadline_ = TimePoint::max();
  if (message_ == nullptr) return;
  SetDeadline(core_->policy.limits.body_timeout);
  asio::async_write(socket_, asio::buffer(*message_), [self = shared_from_this()](const error_code& error, size_t) {
    if (self->phase_ == Phase::kWriting) self->OnWritten(error);
  });
}

void Session::WatchForEnd() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(kStreamBytes),
                          [self = shared_from_this()](const error_code& error, size_t bytes) {
                            if (self->phase_ == Phase::kClosed) return;
                            self->drained_bytes_ += bytes;  // what is said into a stream is not heard
                            if (error || self->drained_bytes_ > kStreamBytes) return self->Close();
                            self->WatchForEnd();
                          });
}

void Session::Linger() {
  phase_ = Phase::kLingering;
  SetDeadline(kLingerTimeout);
  reader_.reset();
  drained_bytes_ = 0;
  error_code error;
  socket_.shutdown(HttpSocket::shutdown_send, error);
  if (error) return Close();
  Drain();
}

void Session::Drain() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](const error_code& error, size_t bytes) {
                            if (self->phase_ != Phase::kLingering) return;
                            self->drained_bytes_ += bytes;
                            if (error || self->drained_bytes_ > kLingerBytes) return self->Close();
                            self->Drain();
                          });
}

void Session::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  if (feed_ != nullptr) core_->counters.CountStreamClose();
  feed_.reset();
  core_->counters.CountClose();
  on_closed_();
}

void Session::SetDeadline(absl::Duration patience) {
  deadline_ = steady_clock::now() + absl::ToChronoNanoseconds(patience);
}

// The timer is never moved: it looks at the deadline as often as the shortest timeout, so that a request costs no timer
// operation, and no deadline is overslept.
void Session::ArmTimer() {
  const ServerLimits& limits = core_->policy.limits;
  const absl::Duration shortest =
      std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout, kLingerTimeout});
  const TimePoint latest = steady_clock::now() + absl::ToChronoNanoseconds(std::max(shortest, absl::Milliseconds(1)));
  timer_.expires_at(std::min(latest, deadline_));
  timer_.async_wait([self = shared_from_this()](const error_code&) { self->OnTimer(); });
}

void Session::OnTimer() {
  if (phase_ != Phase::kClosed && steady_clock::now() >= deadline_) Expire();
  if (phase_ != Phase::kClosed) ArmTimer();
}

void Session::Expire() {
  if (phase_ == Phase::kReading) {
    error_code ignored;
    socket_.cancel(ignored);
    reader_->TimeOut();
    return RefuseRequest(ConnectionFate::kClose);
  }
  if (phase_ == Phase::kWriting) core_->counters.CountRefusal(RefusalReason::kTimeout);
  Close();
}

}  // namespace firebreak
