#ifndef FIREBREAK_API_HTTP_CHUNK_DECODER_H_
#define FIREBREAK_API_HTTP_CHUNK_DECODER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/refusal.h"

namespace firebreak {

// Undoes chunked transfer coding (RFC 9112, 7.1) as bytes arrive. Strict: hexadecimal sizes, CR LF only. Extensions and
// trailers are read past and forgotten (Beast would add trailers to the header fields), each bounded.
// Thread-compatible.
class ChunkDecoder {
 public:
  static constexpr int64_t kMaxSizeLineBytes = 256;  // the size and its extensions
  static constexpr int64_t kMaxTrailerBytes = 4096;

  explicit ChunkDecoder(int64_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  // Takes the next bytes, appends what they carry to `body`, and returns how many it used: all, unless the body ended
  // or was refused.
  size_t Consume(std::string_view bytes, std::string& body);

  bool done() const { return state_ == State::kDone; }
  const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  enum class State { kSize, kExtension, kSizeLf, kData, kDataCr, kDataLf, kTrailer, kTrailerLf, kDone };

  size_t TakeData(std::string_view bytes, std::string& body);
  void Take(char c, int64_t body_bytes);
  void TakeSize(char c, int64_t body_bytes);
  void EndSizeLine();
  void TakeTrailer(char c);
  void Expect(char got, char wanted, State next);
  void CountLineByte(int64_t limit, const char* what);
  void Refuse(RefusalReason reason, std::string message);

  const int64_t max_body_bytes_;
  State state_ = State::kSize;
  int64_t chunk_bytes_ = 0;  // of the chunk under way that are still to come
  int64_t line_bytes_ = 0;   // of the size line, or of all trailers
  bool has_digit_ = false;
  bool line_is_empty_ = true;  // of the trailer line under way
  std::optional<Refusal> refusal_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_CHUNK_DECODER_H_
