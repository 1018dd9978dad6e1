#include "api/notify/fake_receiver.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "api/notify/steady.h"

namespace firebreak {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(2);

void Pause(absl::Duration duration) { std::this_thread::sleep_for(absl::ToChronoNanoseconds(duration)); }

// A socket bound to a free port of 127.0.0.1, and the port.
std::pair<int, int> BindFreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0) throw std::runtime_error("bind");
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return {socket, ntohs(address.sin_port)};
}

bool AwaitReadable(int socket, const std::atomic<bool>& stop) {
  while (!stop) {
    pollfd poller = {socket, POLLIN, 0};
    if (poll(&poller, 1, 20) > 0) return true;
  }
  return false;
}

bool SendAll(int socket, std::string_view text) {
  return send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

}  // namespace

bool Eventually(const std::function<bool()>& condition, absl::Duration deadline) {
  const absl::Time end = SteadyNow() + deadline;
  while (SteadyNow() < end) {
    if (condition()) return true;
    Pause(kPoll);
  }
  return condition();
}

struct FakeReceiver::Server {
  std::unique_ptr<httplib::Server> http;
};

FakeReceiver::FakeReceiver(const std::string& certificate_file, const std::string& key_file)
    : answer_([](const ReceivedRequest&) { return FakeAnswer{}; }), server_(std::make_unique<Server>()) {
  if (certificate_file.empty()) {
    server_->http = std::make_unique<httplib::Server>();
  } else {
    server_->http = std::make_unique<httplib::SSLServer>(certificate_file.c_str(), key_file.c_str());
  }
  const auto take = [this](const httplib::Request& request, httplib::Response& response) {
    ReceivedRequest received{request.method, request.target, request.body, {}};
    for (const auto& [name, value] : request.headers) received.headers[name] = value;
    std::function<FakeAnswer(const ReceivedRequest&)> answer;
    {
      MutexLock lock(mutex_);
      answer = answer_;
      received_.push_back(received);
    }
    const FakeAnswer said = answer(received);
    response.status = said.status;
    for (const auto& [name, value] : said.headers) response.set_header(name, value);
    if (!said.body.empty()) response.set_content(said.body, "text/plain");
  };
  server_->http->Post(".*", take);
  server_->http->Get(".*", take);
  server_->http->Delete(".*", take);
  port_ = server_->http->bind_to_any_port("127.0.0.1");
  thread_ = std::thread([this] { server_->http->listen_after_bind(); });
  Eventually([this] { return server_->http->is_running(); });
}

FakeReceiver::~FakeReceiver() {
  server_->http->stop();
  thread_.join();
}

void FakeReceiver::AnswerWith(std::function<FakeAnswer(const ReceivedRequest&)> answer) {
  MutexLock lock(mutex_);
  answer_ = std::move(answer);
}

void FakeReceiver::AnswerWith(FakeAnswer answer) {
  AnswerWith([answer](const ReceivedRequest&) { return answer; });
}

std::vector<ReceivedRequest> FakeReceiver::received() const {
  MutexLock lock(mutex_);
  return received_;
}

bool FakeReceiver::AwaitRequests(size_t count) const {
  return Eventually([&] { return received().size() >= count; });
}

RawReceiver::RawReceiver(Talk talk, Start start) {
  std::tie(listener_, port_) = BindFreePort();
  listen(listener_, 16);
  thread_ = std::thread([this, talk = std::move(talk), start] {
    while (AwaitReadable(listener_, stop_)) {
      const int socket = accept(listener_, nullptr, nullptr);
      ++connections_;
      std::array<char, 4096> request;
      const bool begun = start == Start::kOnConnection ||
                         (AwaitReadable(socket, stop_) && recv(socket, request.data(), request.size(), 0) > 0);
      if (begun) talk(socket, stop_);
      close(socket);
    }
  });
}

RawReceiver::~RawReceiver() {
  stop_ = true;
  thread_.join();
  close(listener_);
}

RawReceiver::Talk SaysNothing() {
  return [](int socket, const std::atomic<bool>& stop) {
    std::array<char, 4096> rest;
    while (AwaitReadable(socket, stop) && recv(socket, rest.data(), rest.size(), 0) > 0) {
    }
  };
}

RawReceiver::Talk Resets() {
  return [](int socket, const std::atomic<bool>&) {
    const linger at_once = {1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  };
}

RawReceiver::Talk Drips(std::string text, absl::Duration pause) {
  return [text = std::move(text), pause](int socket, const std::atomic<bool>& stop) {
    bool open = SendAll(socket, text);
    while (open && !stop) {
      Pause(pause);
      open = SendAll(socket, "x");
    }
  };
}

RawReceiver::Talk Floods(std::string text) {
  return [text = std::move(text)](int socket, const std::atomic<bool>& stop) {
    while (!stop && SendAll(socket, text)) {
    }
  };
}

int DeadPort() {
  const auto [socket, port] = BindFreePort();
  close(socket);
  return port;
}

}  // namespace firebreak
