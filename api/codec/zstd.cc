#include "api/codec/zstd.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <new>
#include <utility>
#include <vector>

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr int kLevel = 3;  // zstd's own default: a fifth of the size, hundreds of megabytes a second

}  // namespace

struct ZstdWriter::Rep {
  explicit Rep(Sink s) : sink(std::move(s)), packed(ZSTD_CStreamOutSize()) {}

  absl::Status Pack(std::string_view text, ZSTD_EndDirective directive);

  const Sink sink;
  ZSTD_CCtx* zstd = nullptr;
  std::vector<char> packed;
  bool in_frame = false;
  absl::Status status;
};

ZstdWriter::ZstdWriter(Sink sink) : rep_(std::make_unique<Rep>(std::move(sink))) {
  rep_->zstd = ZSTD_createCCtx();
  if (rep_->zstd == nullptr) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(rep_->zstd, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(rep_->zstd, ZSTD_c_checksumFlag, 1);
}

ZstdWriter::~ZstdWriter() { ZSTD_freeCCtx(rep_->zstd); }

absl::Status ZstdWriter::Rep::Pack(std::string_view text, ZSTD_EndDirective directive) {
  ZSTD_inBuffer in = {text.data(), text.size(), 0};
  bool done = false;
  while (status.ok() && !done) {
    ZSTD_outBuffer out = {packed.data(), packed.size(), 0};
    const size_t left = ZSTD_compressStream2(zstd, &out, &in, directive);
    if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation) throw std::bad_alloc();
    if (ZSTD_isError(left)) status = absl::InternalError(fmt::format("zstd: {}", ZSTD_getErrorName(left)));
    done = directive == ZSTD_e_continue ? in.pos == in.size : left == 0;
    if (status.ok() && out.pos > 0) status = sink(std::string_view(packed.data(), out.pos));
  }
  return status;
}

absl::Status ZstdWriter::Append(std::string_view text) {
  rep_->in_frame = true;
  return rep_->Pack(text, ZSTD_e_continue);
}

absl::Status ZstdWriter::Flush() {
  if (!rep_->in_frame) return rep_->status;
  return rep_->Pack({}, ZSTD_e_flush);
}

absl::Status ZstdWriter::EndFrame() {
  if (!rep_->in_frame) return rep_->status;
  rep_->in_frame = false;
  return rep_->Pack({}, ZSTD_e_end);
}

std::string Zstd(std::string_view plain) {
  std::string packed;
  ZstdWriter writer([&packed](std::string_view piece) {
    packed += piece;
    return absl::OkStatus();
  });
  // A sink that takes everything leaves nothing to fail.
  writer.Append(plain).IgnoreError();
  writer.EndFrame().IgnoreError();
  return packed;
}

}  // namespace firebreak
