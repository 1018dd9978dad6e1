#ifndef FIREBREAK_API_CODEC_GZIP_STREAM_H_
#define FIREBREAK_API_CODEC_GZIP_STREAM_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"

namespace firebreak {

// Undoes gzip a piece at a time, several members one after the other. Thread-compatible.
class GunzipStream {
 public:
  GunzipStream();
  ~GunzipStream();

  // Takes bytes off the front of `input`, as many as it can use, and writes at most `size` bytes to `out`; returns how
  // many it wrote. 0 with `input` empty: it wants more input. Errors: InvalidArgument for what is not gzip, or damaged.
  absl::StatusOr<size_t> Read(std::string_view& input, char* out, size_t size);

  // True if another Read() may write without more input.
  bool has_output() const;

  // True if the input so far ended with a whole member: where a file may end.
  bool between_members() const;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_GZIP_STREAM_H_
