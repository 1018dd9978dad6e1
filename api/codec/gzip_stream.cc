#include "api/codec/gzip_stream.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "fmt/format.h"

namespace firebreak {

struct GunzipStream::Rep {
  z_stream zlib = {};
  bool in_member = false;
  bool output_was_filled = false;
};

GunzipStream::GunzipStream() : rep_(std::make_unique<Rep>()) {
  constexpr int kGzipOnly = 15 + 16;
  if (inflateInit2(&rep_->zlib, kGzipOnly) != Z_OK) throw std::bad_alloc();
}

GunzipStream::~GunzipStream() { inflateEnd(&rep_->zlib); }

bool GunzipStream::has_output() const { return rep_->output_was_filled; }

bool GunzipStream::between_members() const { return !rep_->in_member; }

absl::StatusOr<size_t> GunzipStream::Read(std::string_view& input, char* out, size_t size) {
  z_stream& zlib = rep_->zlib;
  constexpr size_t kMaxPiece = std::numeric_limits<uInt>::max();
  const size_t offered = std::min(input.size(), kMaxPiece);
  if (offered > 0) rep_->in_member = true;
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));  // zlib only reads it
  zlib.avail_in = static_cast<uInt>(offered);
  zlib.next_out = reinterpret_cast<Bytef*>(out);
  zlib.avail_out = static_cast<uInt>(std::min(size, kMaxPiece));
  const size_t room = zlib.avail_out;
  const int state = inflate(&zlib, Z_NO_FLUSH);
  input.remove_prefix(offered - zlib.avail_in);
  rep_->output_was_filled = zlib.avail_out == 0 && state != Z_STREAM_END;
  if (state == Z_STREAM_END) {
    inflateReset(&zlib);
    rep_->in_member = false;
  } else if (state == Z_MEM_ERROR) {
    throw std::bad_alloc();
  } else if (state != Z_OK && state != Z_BUF_ERROR) {
    // What was written before the damage is good; the next call meets the fault again.
    rep_->output_was_filled = zlib.avail_out < room;
    if (rep_->output_was_filled) return room - zlib.avail_out;
    return absl::InvalidArgumentError(fmt::format("gzip: {}", zlib.msg == nullptr ? "damaged" : zlib.msg));
  }
  return room - zlib.avail_out;
}

}  // namespace firebreak
