#include "api/notify/socket.h"

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "api/notify/steady.h"

namespace firebreak {
namespace {

absl::Status NetworkError(int error) { return absl::UnavailableError(std::generic_category().message(error)); }

// poll(2) counts in whole milliseconds: round up, so as not to spin in the last one.
int PollMilliseconds(absl::Duration left) {
  const absl::Duration whole = absl::Ceil(std::max(left, absl::ZeroDuration()), absl::Milliseconds(1));
  return static_cast<int>(std::min<int64_t>(absl::ToInt64Milliseconds(whole), 1 << 30));
}

}  // namespace

CancelFlag::CancelFlag() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

CancelFlag::~CancelFlag() {
  if (fd_ >= 0) close(fd_);
}

void CancelFlag::Raise() {
  raised_.store(true);
  if (fd_ >= 0) eventfd_write(fd_, 1);
}

Socket::~Socket() { Close(); }

void Socket::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

absl::Status Socket::Connect(const std::string& address, int port) {
  Close();
  addrinfo hints = {};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return absl::UnavailableError("not an address");
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  fd_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return NetworkError(errno);
  if (connect(fd_, found->ai_addr, found->ai_addrlen) == 0) return absl::OkStatus();
  if (errno != EINPROGRESS) return NetworkError(errno);
  if (absl::Status status = Wait(Until::kWritable, limits_.connect); !status.ok()) return status;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? absl::OkStatus() : NetworkError(error);
}

absl::Status Socket::Wait(Until until, absl::Duration timeout) {
  const absl::Time end = std::min(SteadyNow() + timeout, limits_.deadline);
  const short events = until == Until::kReadable ? POLLIN : POLLOUT;
  while (true) {
    if (limits_.cancel->raised()) return absl::CancelledError("stopped");
    const absl::Duration left = end - SteadyNow();
    if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("timed out");
    std::array<pollfd, 2> pollers = {pollfd{fd_, events, 0}, pollfd{limits_.cancel->fd(), POLLIN, 0}};
    if (poll(pollers.data(), pollers.size(), PollMilliseconds(left)) < 0 && errno != EINTR) return NetworkError(errno);
    if (pollers[0].revents != 0) return absl::OkStatus();
  }
}

absl::StatusOr<size_t> Socket::Read(char* data, size_t size) {
  while (true) {
    if (absl::Status status = Wait(Until::kReadable, limits_.idle); !status.ok()) return status;
    const ssize_t got = recv(fd_, data, size, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) return NetworkError(errno);
    bytes_read_ += got;
    if (bytes_read_ > limits_.read_bytes) return absl::ResourceExhaustedError("the answer is too long");
    return static_cast<size_t>(got);
  }
}

absl::Status Socket::Write(const char* data, size_t size) {
  while (size > 0) {
    if (absl::Status status = Wait(Until::kWritable, limits_.idle); !status.ok()) return status;
    const ssize_t put = send(fd_, data, size, MSG_NOSIGNAL);
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (put < 0) return NetworkError(errno);
    data += put;
    size -= put;
  }
  return absl::OkStatus();
}

}  // namespace firebreak
