#ifndef FIREBREAK_API_CODEC_GZIP_H_
#define FIREBREAK_API_CODEC_GZIP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace firebreak {

// Undoes gzip (RFC 1952), several members included. Never holds more than `max_bytes` (1.5 times that while it grows)
// and a small buffer, whatever the input claims. Errors: ResourceExhausted beyond max_bytes; InvalidArgument for empty,
// damaged or truncated input or trailing garbage.
absl::StatusOr<std::string> Gunzip(std::string_view compressed, size_t max_bytes);

// Makes one gzip member.
std::string Gzip(std::string_view plain);

// Reads a text file, or "-" for standard input, line by line; gzip and zstd are understood by their first bytes. Lines
// end in "\n" or "\r\n", the last one may lack it. Thread-compatible.
class LineReader {
 public:
  // Errors: NotFound, PermissionDenied, InvalidArgument (a directory, or a device that is no terminal), each
  // naming the file.
  static absl::StatusOr<std::unique_ptr<LineReader>> Open(const std::string& path);
  virtual ~LineReader() = default;

  // Sets `line` to the next line and returns true, or returns false at the end or at a fault; see status().
  // A line beyond 1 MiB is cut there and `truncated` is set; the rest of it is skipped.
  virtual bool Next(std::string_view& line, bool& truncated) = 0;

  // OK, or why reading stopped: DataLoss for a packed file that is damaged or cut off (the whole lines before were
  // read).
  virtual absl::Status status() const = 0;
  // Whether status() is a fault because a packed file ended too early, and nothing else is wrong with it: its writer
  // was interrupted, or has not finished.
  virtual bool cut_off() const = 0;

  // Bytes of the file read so far, and in all (0 = unknown, standard input): for a progress bar.
  virtual int64_t bytes_read() const = 0;
  virtual int64_t bytes_total() const = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_GZIP_H_
