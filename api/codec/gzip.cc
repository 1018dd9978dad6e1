#include "api/codec/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "absl/cleanup/cleanup.h"
#include "api/codec/gzip_stream.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr size_t kBufferBytes = size_t{64} << 10;

// Moves `text` to memory of exactly `capacity` bytes; std::string::reserve() takes up to twice what it is asked for.
void Grow(size_t capacity, std::string& text) {
  std::string grown;
  grown.reserve(capacity);
  grown.append(text);
  text.swap(grown);
}

// Appends, with memory for `max_bytes` at most.
absl::Status AppendBounded(std::string_view piece, size_t max_bytes, std::string& out) {
  if (piece.size() > max_bytes - out.size()) {
    return absl::ResourceExhaustedError(fmt::format("gzip: more than {} bytes when unpacked", max_bytes));
  }
  const size_t needed = out.size() + piece.size();
  if (needed > out.capacity()) Grow(std::min(max_bytes, std::max(needed, 2 * out.capacity())), out);
  out.append(piece);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> Gunzip(std::string_view compressed, size_t max_bytes) {
  if (compressed.empty()) return absl::InvalidArgumentError("gzip: empty");
  std::string out;
  GunzipStream stream;
  std::array<char, kBufferBytes> buffer;
  while (!compressed.empty() || stream.has_output()) {
    const absl::StatusOr<size_t> size = stream.Read(compressed, buffer.data(), buffer.size());
    if (!size.ok()) return size.status();
    const absl::Status appended = AppendBounded(std::string_view(buffer.data(), *size), max_bytes, out);
    if (!appended.ok()) return appended;
  }
  if (!stream.between_members()) return absl::InvalidArgumentError("gzip: the data is cut off");
  return out;
}

std::string Gzip(std::string_view plain) {
  z_stream stream = {};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  const absl::Cleanup end = [&stream] { deflateEnd(&stream); };
  std::string out;
  std::array<char, kBufferBytes> buffer;
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    if (stream.avail_in == 0) {
      const size_t piece = std::min<size_t>(plain.size(), std::numeric_limits<uInt>::max());
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));  // zlib only reads it
      stream.avail_in = static_cast<uInt>(piece);
      plain.remove_prefix(piece);
    }
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = buffer.size();
    state = deflate(&stream, plain.empty() ? Z_FINISH : Z_NO_FLUSH);
    out.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  return out;
}

}  // namespace firebreak
