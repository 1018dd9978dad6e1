#include "api/notify/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

namespace firebreak {
namespace {

constexpr size_t kChunk = 16 << 10;

struct Deleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

bool IsAddress(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// OpenSSL only ever sees memory: what it writes is carried to the socket and back here, under the socket's limits.
class MemoryTls : public TlsStream {
 public:
  explicit MemoryTls(Socket& socket) : socket_(socket) {}

  absl::Status Handshake(const std::string& host) {
    if (absl::Status status = SetUp(host); !status.ok()) return status;
    return Drive([this] { return SSL_connect(ssl_.get()); }).status();
  }

  absl::StatusOr<size_t> Read(char* data, size_t size) override {
    return Drive([&] { return SSL_read(ssl_.get(), data, static_cast<int>(size)); });
  }

  absl::Status Write(const char* data, size_t size) override {
    while (size > 0) {
      const int chunk = static_cast<int>(std::min(size, kChunk));
      const absl::StatusOr<size_t> put = Drive([&] { return SSL_write(ssl_.get(), data, chunk); });
      if (!put.ok()) return put.status();
      data += *put;
      size -= *put;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status SetUp(const std::string& host) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (context_ == nullptr) return absl::InternalError("no TLS context");
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_default_verify_paths(context_.get());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    ssl_.reset(SSL_new(context_.get()));
    if (ssl_ == nullptr) return absl::InternalError("no TLS session");
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (IsAddress(host)) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str());
    } else {
      SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
      SSL_set1_host(ssl_.get(), host.c_str());
    }
    return absl::OkStatus();
  }

  // Calls `step` until it is done, moving bytes between OpenSSL and the socket. 0 is the end of the stream.
  template <typename Step>
  absl::StatusOr<size_t> Drive(Step step) {
    while (true) {
      ERR_clear_error();
      const int result = step();
      const int error = SSL_get_error(ssl_.get(), result);
      if (absl::Status status = Flush(); !status.ok()) return status;
      if (result > 0) return static_cast<size_t>(result);
      if (error == SSL_ERROR_ZERO_RETURN) return size_t{0};
      if (error != SSL_ERROR_WANT_READ) return Failure();
      const absl::StatusOr<size_t> got = Fill();
      if (!got.ok()) return got.status();
      if (*got == 0) return absl::UnavailableError("the connection was closed");
    }
  }

  absl::Status Flush() {
    std::array<char, kChunk> buffer;
    int size = 0;
    while ((size = BIO_read(SSL_get_wbio(ssl_.get()), buffer.data(), buffer.size())) > 0) {
      if (absl::Status status = socket_.Write(buffer.data(), size); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Fill() {
    std::array<char, kChunk> buffer;
    absl::StatusOr<size_t> got = socket_.Read(buffer.data(), buffer.size());
    if (got.ok() && *got > 0) BIO_write(SSL_get_rbio(ssl_.get()), buffer.data(), static_cast<int>(*got));
    return got;
  }

  absl::Status Failure() const {
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (verdict != X509_V_OK) {
      return absl::PermissionDeniedError(std::string("certificate: ") + X509_verify_cert_error_string(verdict));
    }
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    return absl::UnavailableError(std::string("TLS: ") + (reason != nullptr ? reason : "failed"));
  }

  Socket& socket_;
  std::unique_ptr<SSL_CTX, Deleter> context_;
  std::unique_ptr<SSL, Deleter> ssl_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TlsStream>> TlsStream::Connect(Socket& socket, const std::string& host) {
  auto stream = std::make_unique<MemoryTls>(socket);
  if (absl::Status status = stream->Handshake(host); !status.ok()) return status;
  return std::unique_ptr<TlsStream>(std::move(stream));
}

}  // namespace firebreak
