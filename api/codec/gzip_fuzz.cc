// Any bytes as gzip: what comes out is within its bound, and packs and unpacks to itself.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/codec/gzip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kMaxBytes = size_t{64} << 10;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<std::string> unpacked = firebreak::Gunzip(input, kMaxBytes);
  if (unpacked.ok() && unpacked->size() > kMaxBytes) std::abort();
  const std::string plain(input.substr(0, kMaxBytes));
  const absl::StatusOr<std::string> same = firebreak::Gunzip(firebreak::Gzip(plain), kMaxBytes);
  if (!same.ok() || *same != plain) std::abort();
  return 0;
}
