#include "api/notify/http_client.h"

#include <fcntl.h>
#include <httplib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "api/notify/steady.h"
#include "api/notify/tls.h"

namespace firebreak {
namespace {

// Room for the header and the framing beside the body.
constexpr int64_t kOverheadBytes = 64 << 10;
constexpr size_t kReadBuffer = 4 << 10;

HttpFailure FailureOf(const absl::Status& status, HttpFailure otherwise) {
  if (absl::IsDeadlineExceeded(status)) return HttpFailure::kTimeout;
  if (absl::IsCancelled(status)) return HttpFailure::kCancelled;
  if (absl::IsPermissionDenied(status)) return HttpFailure::kTls;
  return otherwise;
}

// The connection as cpp-httplib wants it. The library's own limits hold for one read each and not for the TLS handshake
// (measured: a receiver that drips bytes keeps it for ever), so it is given this stream, whose limits hold for the sum.
class BoundedStream : public httplib::Stream {
 public:
  BoundedStream(Socket& socket, TlsStream* tls) : socket_(socket), tls_(tls) {}

  bool is_readable() const override { return status_.ok(); }
  bool is_writable() const override { return status_.ok(); }

  ssize_t read(char* data, size_t size) override {
    if (begin_ == end_ && !Fill()) return status_.ok() ? 0 : -1;
    const size_t count = std::min(size, end_ - begin_);
    std::memcpy(data, buffer_.data() + begin_, count);
    begin_ += count;
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* data, size_t size) override {
    status_ = tls_ != nullptr ? tls_->Write(data, size) : socket_.Write(data, size);
    return status_.ok() ? static_cast<ssize_t>(size) : -1;
  }

  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_.fd(); }

  // What went wrong last.
  const absl::Status& status() const { return status_; }

 private:
  bool Fill() {
    const absl::StatusOr<size_t> got =
        tls_ != nullptr ? tls_->Read(buffer_.data(), buffer_.size()) : socket_.Read(buffer_.data(), buffer_.size());
    status_ = got.status();
    begin_ = 0;
    end_ = got.ok() ? *got : 0;
    return end_ > 0;
  }

  Socket& socket_;
  TlsStream* const tls_;
  absl::Status status_;
  std::array<char, kReadBuffer> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

// cpp-httplib speaks HTTP; the connection is made and bounded here.
class BoundedClient : public httplib::ClientImpl {
 public:
  BoundedClient(const Url& url, BoundedStream& stream) : ClientImpl(url.host, url.port), stream_(stream) {
    set_keep_alive(false);
    set_follow_location(false);
    set_decompress(false);
    set_compress(false);
    set_url_encode(false);
    if (!url.user.empty()) set_basic_auth(url.user, url.password);
  }

 private:
  // The library closes the descriptor it is given: it gets one of its own.
  bool create_and_connect_socket(Socket& socket, httplib::Error& error) override {
    socket.sock = fcntl(stream_.socket(), F_DUPFD_CLOEXEC, 0);
    if (socket.sock < 0) error = httplib::Error::Connection;
    return socket.sock >= 0;
  }

  bool process_socket(const Socket&, std::function<bool(httplib::Stream&)> callback) override {
    return callback(stream_);
  }

  BoundedStream& stream_;
};

void Fail(HttpAnswer& answer, const absl::Status& status, HttpFailure otherwise) {
  answer.failure = FailureOf(status, otherwise);
  answer.error = std::string(status.message());
}

// Tries the addresses one after another.
bool ConnectToAny(Socket& socket, const std::vector<std::string>& addresses, int port, HttpAnswer& answer) {
  absl::Status status = absl::UnavailableError("the name has no address");
  for (const std::string& address : addresses) {
    status = socket.Connect(address, port);
    if (status.ok() || absl::IsCancelled(status)) break;
  }
  if (!status.ok()) Fail(answer, status, HttpFailure::kConnect);
  return status.ok();
}

httplib::Request ToLibrary(const char* method, const HttpPost& request, int64_t body_bytes, HttpAnswer& answer) {
  httplib::Request out;
  out.method = method;
  out.path = request.url.Target();
  out.body = request.body;
  out.set_header("Host", request.url.HostHeader());
  for (const auto& [name, value] : request.headers) out.set_header(name, value);
  // Called once the header is complete: from here on the receiver has answered, whatever becomes of the body.
  out.response_handler = [&answer](const httplib::Response& response) {
    answer.status = response.status;
    answer.retry_after = response.get_header_value("Retry-After");
    return true;
  };
  out.content_receiver = [&answer, body_bytes](const char* data, size_t size, uint64_t, uint64_t) {
    answer.body.append(data, std::min<size_t>(size, body_bytes - answer.body.size()));
    return static_cast<int64_t>(answer.body.size()) < body_bytes;
  };
  return out;
}

void Exchange(const char* method, const HttpPost& request, const HttpLimits& limits, BoundedStream& stream,
              HttpAnswer& answer) {
  BoundedClient client(request.url, stream);
  httplib::Request library_request = ToLibrary(method, request, limits.body_bytes, answer);
  httplib::Response response;
  httplib::Error error = httplib::Error::Success;
  const bool ok = client.send(library_request, response, error);
  if (ok) answer.status = response.status;  // an answer without a body calls no handler
  if (ok && answer.retry_after.empty()) answer.retry_after = response.get_header_value("Retry-After");
  if (answer.status.has_value()) return;
  Fail(answer, stream.status(), HttpFailure::kBroken);
  if (answer.error.empty()) answer.error = "the answer is no HTTP";
}

}  // namespace

HttpClient::HttpClient(HttpLimits limits, LookUp look_up) : limits_(limits), look_up_(std::move(look_up)) {}

HttpAnswer HttpClient::Send(const char* method, const HttpPost& request) {
  HttpAnswer answer;
  const absl::Time deadline = SteadyNow() + limits_.total;
  const auto addresses = Resolve(request.url.host, look_up_, deadline, [this] { return cancel_.raised(); });
  if (!addresses.ok()) {
    Fail(answer, addresses.status(), HttpFailure::kResolve);
    return answer;
  }
  Socket socket({.deadline = deadline,
                 .connect = limits_.connect,
                 .idle = limits_.idle,
                 .read_bytes = limits_.body_bytes + kOverheadBytes,
                 .cancel = &cancel_});
  if (!ConnectToAny(socket, *addresses, request.url.port, answer)) return answer;
  std::unique_ptr<TlsStream> tls;
  if (request.url.scheme == Url::Scheme::kHttps) {
    auto connected = TlsStream::Connect(socket, request.url.host);
    if (!connected.ok()) {
      Fail(answer, connected.status(), HttpFailure::kTls);
      return answer;
    }
    tls = *std::move(connected);
  }
  BoundedStream stream(socket, tls.get());
  Exchange(method, request, limits_, stream, answer);
  return answer;
}

std::string StatusText(int status) {
  struct Row {
    int status;
    const char* text;
  };
  static constexpr Row kRows[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {410, "Gone"},
      {413, "Payload Too Large"},
      {415, "Unsupported Media Type"},
      {422, "Unprocessable Entity"},
      {425, "Too Early"},
      {429, "Too Many Requests"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  };
  for (const Row& row : kRows) {
    if (row.status == status) return std::to_string(status) + " " + row.text;
  }
  return std::to_string(status);
}

}  // namespace firebreak
