#include "api/notify/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>

#include "fmt/format.h"

namespace firebreak {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string Hex(const Digest& digest) {
  std::string out;
  for (const unsigned char byte : digest) out += fmt::format("{:02x}", byte);
  return out;
}

}  // namespace

std::string SignBody(std::string_view secret, absl::Time when, std::string_view body) {
  const int64_t seconds = absl::ToUnixSeconds(when);
  const std::string text = fmt::format("{}.{}", seconds, body);
  Digest digest = {};
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), Bytes(text), text.size(), digest.data(), nullptr);
  return fmt::format("t={},v1={}", seconds, Hex(digest));
}

std::string Sha256Hex(std::string_view text) {
  Digest digest = {};
  SHA256(Bytes(text), text.size(), digest.data());
  return Hex(digest);
}

}  // namespace firebreak
