#include "api/service/batch_key.h"

#include <openssl/sha.h>

#include <algorithm>
#include <string_view>

namespace firebreak {
namespace {

constexpr std::string_view kHeader = "idempotency-key";
constexpr size_t kLongestKey = 255;

bool IsVisible(char c) { return c > ' ' && c < '\x7f'; }

std::array<uint8_t, 16> Hash(std::string_view text) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest.data());
  std::array<uint8_t, 16> hash;
  std::copy_n(digest.begin(), hash.size(), hash.begin());
  return hash;
}

}  // namespace

absl::StatusOr<std::optional<BatchKey>> ReadBatchKey(const HttpRequest& request) {
  const auto named = [](const auto& header) { return header.first == kHeader; };
  const auto times = std::count_if(request.headers.begin(), request.headers.end(), named);
  if (times == 0) return std::nullopt;
  const std::string_view key = request.Header(kHeader);
  if (times > 1 || key.empty() || key.size() > kLongestKey || !std::all_of(key.begin(), key.end(), IsVisible)) {
    return absl::InvalidArgumentError("Idempotency-Key: wanted one, of 1 to 255 visible ASCII characters");
  }
  return BatchKey{Hash(key), Hash(request.body)};
}

}  // namespace firebreak
