#include "api/codec/zstd_stream.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <new>
#include <string>

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr int kMaxWindowLog = 27;
constexpr size_t kMagicBytes = 4;
constexpr size_t kBlockHeaderBytes = 3;
constexpr std::string_view kFrameMagic = "\x28\xb5\x2f\xfd";
constexpr std::string_view kSkippableMagicTail = "\x2a\x4d\x18";  // after 0x50 .. 0x5f

std::string Fault(size_t code) {
  if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge) return "wants more than 128 MiB of memory";
  return ZSTD_getErrorName(code);
}

}  // namespace

struct UnzstdStream::Rep {
  ZSTD_DStream* zstd = nullptr;
  size_t wanted = 0;  // what zstd says it wants next: a block and the header of the one after it
  bool in_frame = false;
  bool output_was_filled = false;
};

UnzstdStream::UnzstdStream() : rep_(std::make_unique<Rep>()) {
  rep_->zstd = ZSTD_createDStream();
  if (rep_->zstd == nullptr) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(rep_->zstd, ZSTD_d_windowLogMax, kMaxWindowLog);
  rep_->wanted = ZSTD_initDStream(rep_->zstd);
}

UnzstdStream::~UnzstdStream() { ZSTD_freeDStream(rep_->zstd); }

bool UnzstdStream::Recognizes(std::string_view beginning) {
  if (beginning.size() < kMagicBytes) return false;
  const bool skippable =
      (static_cast<unsigned char>(beginning[0]) & 0xf0) == 0x50 && beginning.substr(1, 3) == kSkippableMagicTail;
  return skippable || beginning.starts_with(kFrameMagic);
}

bool UnzstdStream::has_output() const { return rep_->output_was_filled; }

bool UnzstdStream::between_members() const { return !rep_->in_frame; }

// One block is given at a time, without the header of the next, so that damage there costs no block before it.
static size_t OneBlock(size_t wanted) { return wanted > kBlockHeaderBytes ? wanted - kBlockHeaderBytes : wanted; }

absl::StatusOr<size_t> UnzstdStream::Read(std::string_view& input, char* out, size_t size) {
  ZSTD_inBuffer in = {input.data(), std::min(input.size(), OneBlock(rep_->wanted)), 0};
  ZSTD_outBuffer unpacked = {out, size, 0};
  if (in.size > 0) rep_->in_frame = true;
  const size_t result = ZSTD_decompressStream(rep_->zstd, &unpacked, &in);
  if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  if (ZSTD_isError(result)) return absl::InvalidArgumentError(fmt::format("zstd: {}", Fault(result)));
  input.remove_prefix(in.pos);
  const bool frame_ended = result == 0;
  if (frame_ended) rep_->in_frame = false;
  rep_->wanted = frame_ended ? ZSTD_initDStream(rep_->zstd) : result;
  rep_->output_was_filled = unpacked.pos == size && !frame_ended;
  return unpacked.pos;
}

}  // namespace firebreak
