#ifndef FIREBREAK_API_CODEC_ACCESS_LOG_H_
#define FIREBREAK_API_CODEC_ACCESS_LOG_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rules/event.h"

namespace firebreak {

// Reads web server access logs as events, a line at a time: Apache common and combined logs (any zone offset) and nginx
// combined with $request_time (seconds: 0.123, "0.123" or rt=0.123) as the last field.
//
// A custom format is an RE2 with named groups: `time` (Apache's, RFC 3339, or seconds/milliseconds since the epoch) and
// `endpoint` or `request` ("GET /path HTTP/1.1"), and `status` or `outcome`; optional `latency_ms`, `latency_s`,
// `source`. It is searched for in the line (anchor it with ^ and $ if need be), bytes are matched one by one, and it
// may have 1 KiB. A group that matches nothing, or "-", is as good as absent.
//
// A request that names no path (a malformed request line, "-", CONNECT, a path with control characters or beyond 2048
// bytes without its query) was answered nevertheless and counts: its endpoint is "-".
// Thread-compatible.
class AccessLogParser {
 public:
  static AccessLogParser Combined();  // common and combined
  static AccessLogParser Nginx();     // combined + $request_time, which is required
  // Errors: InvalidArgument that says what the pattern lacks.
  static absl::StatusOr<AccessLogParser> Custom(std::string_view pattern);

  AccessLogParser(AccessLogParser&&) noexcept;
  AccessLogParser& operator=(AccessLogParser&&) noexcept;
  ~AccessLogParser();

  // Calls `on_event` and returns "", or returns the reason the line is refused. The event's views are valid during the
  // call only.
  std::string ParseLine(std::string_view line, const std::function<void(const Event&)>& on_event);

 private:
  struct Rep;
  explicit AccessLogParser(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

// What the first lines of a recording look like: "events", "combined" or "nginx"; "" when none fits.
std::string GuessRecordingFormat(std::string_view first_line);

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_ACCESS_LOG_H_
