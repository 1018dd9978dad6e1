#ifndef FIREBREAK_API_CODEC_GZIP_STREAM_H_
#define FIREBREAK_API_CODEC_GZIP_STREAM_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/codec/unpack_stream.h"

namespace firebreak {

// Undoes gzip (RFC 1952). Thread-compatible.
class GunzipStream : public UnpackStream {
 public:
  GunzipStream();
  ~GunzipStream() override;

  absl::StatusOr<size_t> Read(std::string_view& input, char* out, size_t size) override;
  bool has_output() const override;
  bool between_members() const override;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_GZIP_STREAM_H_
