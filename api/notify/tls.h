#ifndef FIREBREAK_API_NOTIFY_TLS_H_
#define FIREBREAK_API_NOTIFY_TLS_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/notify/socket.h"

namespace firebreak {

// A TLS client session over a Socket, under that socket's limits, the handshake included. The peer's certificate is
// checked against the system's authorities (or SSL_CERT_FILE) and `host`. Thread-compatible.
class TlsStream {
 public:
  // Shakes hands. PermissionDenied when the certificate is not good; else the socket's errors. `socket` must outlive
  // it.
  static absl::StatusOr<std::unique_ptr<TlsStream>> Connect(Socket& socket, const std::string& host);
  virtual ~TlsStream() = default;

  // As Socket's.
  virtual absl::StatusOr<size_t> Read(char* data, size_t size) = 0;
  virtual absl::Status Write(const char* data, size_t size) = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_TLS_H_
