#ifndef FIREBREAK_API_CLI_RECORDING_H_
#define FIREBREAK_API_CLI_RECORDING_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/codec/gzip.h"
#include "rules/event.h"

namespace firebreak {

// Reads one recording of traffic, whatever its format, as events. Thread-compatible.
class Recording {
 public:
  // Turns one line into an event: calls the callback and returns "", or returns why it is refused.
  using LineParser = std::function<std::string(std::string_view line, const std::function<void(const Event&)>&)>;
  struct Callbacks {
    std::function<void(const Event&, int64_t line)> on_event;  // views valid during the call
    std::function<void(int64_t line, std::string_view reason)> on_reject;
    std::function<void(int64_t bytes_read, int64_t bytes_total)> on_progress;  // after every line
  };

  // `format` is "auto", "events", "combined", "nginx", or an RE2 with named groups (api/codec/access_log.h).
  // Errors: InvalidArgument for a format that is none of these; as LineReader::Open.
  static absl::StatusOr<std::unique_ptr<Recording>> Open(const std::string& path, const std::string& format);
  // As Open, from text in memory.
  static absl::StatusOr<std::unique_ptr<Recording>> FromText(std::string text, const std::string& format);

  // Reads to the end. Returns DataLoss when the file is cut off or damaged: what came before was read. The control
  // lines of a recording of `serve --record` are passed over.
  absl::Status Read(const Callbacks& callbacks);

  // The first line, read ahead; "" when there is none.
  std::string_view FirstLine();

  // Instead of Read: every line as it is, and whether it was longer than 1 MiB.
  struct LineCallbacks {
    std::function<void(std::string_view line, bool truncated)> on_line;
    std::function<void(int64_t bytes_read, int64_t bytes_total)> on_progress;
  };
  absl::Status ReadLines(const LineCallbacks& callbacks);

  int64_t lines() const { return lines_; }
  // Whether its first line, once read, is that of a recording of `serve --record`.
  bool of_serve() const { return of_serve_; }
  // As LineReader's.
  bool cut_off() const { return reader_->cut_off(); }

 private:
  Recording(std::unique_ptr<LineReader> reader, LineParser parser)
      : reader_(std::move(reader)), parser_(std::move(parser)) {}

  bool NextLine(std::string_view& line, bool& truncated);
  void ReadLine(std::string_view line, bool truncated, const Callbacks& callbacks);

  struct FirstLineRead {
    std::string text;
    bool truncated = false;
    bool there = false;
    bool used = false;
  };

  std::unique_ptr<LineReader> reader_;
  LineParser parser_;  // not set while the format is still to be guessed
  std::optional<FirstLineRead> first_;
  int64_t lines_ = 0;
  bool of_serve_ = false;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_RECORDING_H_
