// Any bytes as zstd, in small pieces: what comes out comes out alike in large pieces, and packs and unpacks to itself.

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "api/codec/zstd.h"
#include "api/codec/zstd_stream.h"

namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;

// What could be unpacked, at most kMaxBytes of it; `whole` is set if there was no fault.
std::string Unpack(std::string_view packed, size_t piece, bool& whole) {
  firebreak::UnzstdStream stream;
  std::string text;
  std::string buffer(piece, '\0');
  whole = false;
  while (text.size() < kMaxBytes && (!packed.empty() || stream.has_output())) {
    std::string_view offered = packed.substr(0, piece);
    const size_t before = offered.size();
    const absl::StatusOr<size_t> got = stream.Read(offered, buffer.data(), buffer.size());
    if (!got.ok()) return text;
    packed.remove_prefix(before - offered.size());
    text.append(buffer.data(), *got);
  }
  whole = text.size() < kMaxBytes && stream.between_members();
  return text.substr(0, kMaxBytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  bool whole_small = false;
  bool whole_large = false;
  const std::string small = Unpack(input, 64, whole_small);
  const std::string large = Unpack(input, size_t{64} << 10, whole_large);
  if (whole_small != whole_large || (whole_small && small != large)) std::abort();
  bool whole = false;
  const std::string plain(input.substr(0, kMaxBytes - 1));
  if (Unpack(firebreak::Zstd(plain), 1000, whole) != plain || !whole) std::abort();
  return 0;
}
