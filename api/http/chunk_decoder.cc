#include "api/http/chunk_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"

namespace firebreak {
namespace {

bool IsControl(char c) {
  const unsigned char byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

int HexValue(char c) {
  if (absl::ascii_isdigit(static_cast<unsigned char>(c))) return c - '0';
  return absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
}

}  // namespace

size_t ChunkDecoder::Consume(std::string_view bytes, std::string& body) {
  size_t used = 0;
  while (used < bytes.size() && !done() && !refusal_) {
    if (state_ == State::kData) {
      used += TakeData(bytes.substr(used), body);
    } else {
      Take(bytes[used++], static_cast<int64_t>(body.size()));
    }
  }
  return used;
}

size_t ChunkDecoder::TakeData(std::string_view bytes, std::string& body) {
  const size_t size = std::min<size_t>(bytes.size(), chunk_bytes_);
  body.append(bytes.substr(0, size));
  chunk_bytes_ -= size;
  if (chunk_bytes_ == 0) state_ = State::kDataCr;
  return size;
}

void ChunkDecoder::Take(char c, int64_t body_bytes) {
  switch (state_) {
    case State::kSize:
      return TakeSize(c, body_bytes);
    case State::kExtension:
      CountLineByte(kMaxSizeLineBytes, "chunk size line");
      if (c == '\r') {
        state_ = State::kSizeLf;
      } else if (IsControl(c)) {
        Refuse(RefusalReason::kBadFraming, "a control character in a chunk extension");
      }
      return;
    case State::kSizeLf:
      return c == '\n' ? EndSizeLine() : Expect(c, '\n', State::kData);
    case State::kDataCr:
      return Expect(c, '\r', State::kDataLf);
    case State::kDataLf:
      return Expect(c, '\n', State::kSize);
    case State::kTrailer:
      return TakeTrailer(c);
    case State::kTrailerLf:
      Expect(c, '\n', line_is_empty_ ? State::kDone : State::kTrailer);
      line_is_empty_ = true;
      return;
    case State::kData:
    case State::kDone:
      return;
  }
}

void ChunkDecoder::TakeSize(char c, int64_t body_bytes) {
  CountLineByte(kMaxSizeLineBytes, "chunk size line");
  if (absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
    has_digit_ = true;
    // The limit is checked at each digit, so the number cannot overflow.
    chunk_bytes_ = chunk_bytes_ * 16 + HexValue(c);
    if (chunk_bytes_ > max_body_bytes_ - body_bytes) {
      Refuse(RefusalReason::kBodyTooLarge, fmt::format("body above {} bytes", max_body_bytes_));
    }
  } else if (has_digit_ && c == '\r') {
    state_ = State::kSizeLf;
  } else if (has_digit_ && c == ';') {
    state_ = State::kExtension;
  } else {
    Refuse(RefusalReason::kBadFraming, "a chunk size that is not hexadecimal");
  }
}

void ChunkDecoder::EndSizeLine() {
  state_ = chunk_bytes_ > 0 ? State::kData : State::kTrailer;
  line_bytes_ = 0;
  has_digit_ = false;
}

void ChunkDecoder::TakeTrailer(char c) {
  CountLineByte(kMaxTrailerBytes, "trailers");
  if (c == '\r') {
    state_ = State::kTrailerLf;
  } else if (IsControl(c)) {
    Refuse(RefusalReason::kBadFraming, "a control character in a trailer");
  } else {
    line_is_empty_ = false;
  }
}

void ChunkDecoder::Expect(char got, char wanted, State next) {
  if (got != wanted) return Refuse(RefusalReason::kBadFraming, "a chunk that does not end in CR LF");
  state_ = next;
}

void ChunkDecoder::CountLineByte(int64_t limit, const char* what) {
  if (++line_bytes_ > limit) Refuse(RefusalReason::kBadFraming, fmt::format("{} above {} bytes", what, limit));
}

void ChunkDecoder::Refuse(RefusalReason reason, std::string message) {
  if (!refusal_) refusal_ = Refusal{reason, std::move(message), {}};
}

}  // namespace firebreak
