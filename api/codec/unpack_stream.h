#ifndef FIREBREAK_API_CODEC_UNPACK_STREAM_H_
#define FIREBREAK_API_CODEC_UNPACK_STREAM_H_

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"

namespace firebreak {

// Undoes a compression a piece at a time: gzip members or zstd frames, several one after the other. Thread-compatible.
class UnpackStream {
 public:
  virtual ~UnpackStream() = default;

  // Takes bytes off the front of `input`, as many as it can use, and writes at most `size` bytes to `out`; returns how
  // many it wrote. 0 with `input` empty: it wants more input. Errors: InvalidArgument for what is of another format, or
  // damaged; what came before the damage was written.
  virtual absl::StatusOr<size_t> Read(std::string_view& input, char* out, size_t size) = 0;

  // True if another Read() may write without more input.
  virtual bool has_output() const = 0;

  // True if the input so far ended with a whole member: where a file may end.
  virtual bool between_members() const = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_UNPACK_STREAM_H_
