#ifndef FIREBREAK_API_CODEC_ZSTD_H_
#define FIREBREAK_API_CODEC_ZSTD_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace firebreak {

// Packs text as zstd (RFC 8878), a piece at a time. The first error of the sink ends it: every later call returns the
// same. Thread-compatible.
class ZstdWriter {
 public:
  // Takes packed bytes; whatever it returns but OK ends the writer.
  using Sink = std::function<absl::Status(std::string_view packed)>;

  explicit ZstdWriter(Sink sink);
  // Ends nothing by itself: what was not flushed is lost.
  ~ZstdWriter();

  absl::Status Append(std::string_view text);

  // What was appended so far can be unpacked from what the sink has, although the frame goes on.
  absl::Status Flush();

  // Ends the frame, with a checksum: now the sink's text is whole. Append begins another one.
  absl::Status EndFrame();

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

// Makes one zstd frame.
std::string Zstd(std::string_view plain);

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_ZSTD_H_
