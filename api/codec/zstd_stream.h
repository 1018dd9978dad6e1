#ifndef FIREBREAK_API_CODEC_ZSTD_STREAM_H_
#define FIREBREAK_API_CODEC_ZSTD_STREAM_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/codec/unpack_stream.h"

namespace firebreak {

// Undoes zstd (RFC 8878) in bounded memory, whatever the input claims: a frame that needs a window of more than 128 MiB
// is refused, as the zstd tool does by itself. Thread-compatible.
class UnzstdStream : public UnpackStream {
 public:
  UnzstdStream();
  ~UnzstdStream() override;

  // Whether text that begins like this is zstd; four bytes decide.
  static bool Recognizes(std::string_view beginning);

  absl::StatusOr<size_t> Read(std::string_view& input, char* out, size_t size) override;
  bool has_output() const override;
  bool between_members() const override;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_ZSTD_STREAM_H_
