#include "api/http/listener.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

namespace firebreak {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// So many connections above the capacity are told so; any beyond are closed without a word.
constexpr int64_t kToldOverflow = 32;
constexpr absl::Duration kPauseAfterError = absl::Milliseconds(20);

}  // namespace

Listener::Listener(std::shared_ptr<ServerCore> core, HttpAcceptor acceptor, int64_t capacity)
    : core_(std::move(core)), acceptor_(std::move(acceptor)), timer_(acceptor_.get_executor()), capacity_(capacity) {}

void Listener::Start() {
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->Accept(); });
}

void Listener::Stop(absl::Duration grace) {
  asio::post(acceptor_.get_executor(), [self = shared_from_this(), grace] { self->BeginStop(grace); });
}

void Listener::Accept() {
  if (stopping_) return;
  acceptor_.async_accept(asio::make_strand(*core_->io),
                         [self = shared_from_this()](const error_code& error, HttpSocket socket) {
                           if (self->stopping_) return;
                           if (error) return self->OnError(error);
                           self->Accept();  // first, so that nothing Serve throws ends the loop
                           self->Serve(std::move(socket));
                         });
}

void Listener::OnError(const error_code& error) {
  core_->counters.CountAcceptError();
  if (error == asio::error::connection_aborted) return Accept();
  // Out of descriptors or memory: trying again at once would only burn the processor.
  timer_.expires_after(absl::ToChronoNanoseconds(kPauseAfterError));
  timer_.async_wait([self = shared_from_this()](const error_code&) { self->Accept(); });
}

void Listener::Serve(HttpSocket socket) {
  const int64_t open = core_->counters.open_connections();
  if (open >= capacity_ + kToldOverflow) {
    core_->counters.CountAccept();
    core_->counters.CountRefusal(RefusalReason::kTooManyConnections);
    return;
  }
  const uint64_t id = next_id_++;
  auto forget = [weak = weak_from_this(), strand = acceptor_.get_executor(), id] {
    asio::post(strand, [weak, id] {
      if (const std::shared_ptr<Listener> self = weak.lock()) self->Forget(id);
    });
  };
  const auto session = std::make_shared<Session>(core_, std::move(socket), std::move(forget));
  sessions_[id] = session;
  core_->counters.CountAccept();  // after the session counts as open: who sees it accepted can wait for its end
  if (open < capacity_) return session->Start();
  session->StartRefused(Refusal{
      RefusalReason::kTooManyConnections, fmt::format("more than {} connections", capacity_), {{"Retry-After", "1"}}});
}

void Listener::Forget(uint64_t id) {
  sessions_.erase(id);
  if (stopping_ && sessions_.empty()) timer_.cancel();
}

void Listener::BeginStop(absl::Duration grace) {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
  if (sessions_.empty()) return;
  for (const auto& [id, weak] : sessions_) {
    if (const std::shared_ptr<Session> session = weak.lock()) session->FinishSoon();
  }
  timer_.expires_after(absl::ToChronoNanoseconds(grace));
  timer_.async_wait([self = shared_from_this()](const error_code&) { self->AbortAll(); });
}

void Listener::AbortAll() {
  for (const auto& [id, weak] : sessions_) {
    if (const std::shared_ptr<Session> session = weak.lock()) session->Abort();
  }
}

}  // namespace firebreak
