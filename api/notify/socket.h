#ifndef FIREBREAK_API_NOTIFY_SOCKET_H_
#define FIREBREAK_API_NOTIFY_SOCKET_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace firebreak {

// A flag that one thread raises and that wakes any other out of poll(2). Thread-safe. Where the process has no file
// descriptor left, it wakes nobody but is still seen before the next wait.
class CancelFlag {
 public:
  CancelFlag();
  ~CancelFlag();
  CancelFlag(const CancelFlag&) = delete;
  CancelFlag& operator=(const CancelFlag&) = delete;

  void Raise();
  bool raised() const { return raised_.load(); }
  int fd() const { return fd_; }  // readable once raised; -1 without a descriptor

 private:
  const int fd_;
  std::atomic<bool> raised_ = false;
};

// What a connection may cost. Every instant is SteadyNow's.
struct SocketLimits {
  absl::Time deadline = absl::InfiniteFuture();  // for everything together
  absl::Duration connect = absl::Seconds(3);
  absl::Duration idle = absl::Seconds(5);  // for one read or write
  int64_t read_bytes = 128 << 10;          // ever
  const CancelFlag* cancel = nullptr;      // must outlive the socket; not null
};

// One TCP connection whose every call ends by its limits: the deadline holds for the sum of them, so that a peer that
// drips bytes is cut as surely as one that says nothing. Never raises SIGPIPE. Thread-compatible.
//
// Errors: DeadlineExceeded (a limit of time), Cancelled, ResourceExhausted (read_bytes), Unavailable (the network).
class Socket {
 public:
  explicit Socket(const SocketLimits& limits) : limits_(limits) {}
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // `address` is numeric. May be called again after a failure.
  absl::Status Connect(const std::string& address, int port);

  // At least one byte, or 0 at the end of the stream.
  absl::StatusOr<size_t> Read(char* data, size_t size);
  // All of it.
  absl::Status Write(const char* data, size_t size);

  int fd() const { return fd_; }  // -1 when not connected

 private:
  enum class Until { kReadable, kWritable };
  absl::Status Wait(Until until, absl::Duration timeout);
  void Close();

  const SocketLimits limits_;
  int fd_ = -1;
  int64_t bytes_read_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_SOCKET_H_
