#include "api/cli/recording.h"

#include <algorithm>

#include "absl/time/time.h"
#include "api/codec/access_log.h"
#include "api/codec/event_json.h"
#include "api/record/recording_follower.h"
#include "api/record/recording_format.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

// Lines of text in memory.
class TextLines : public LineReader {
 public:
  explicit TextLines(std::string text) : text_(std::move(text)) {}

  bool Next(std::string_view& line, bool& truncated) override {
    truncated = false;
    if (position_ >= text_.size()) return false;
    const size_t end = std::min(text_.find('\n', position_), text_.size());
    line = std::string_view(text_).substr(position_, end - position_);
    position_ = end + 1;
    return true;
  }
  absl::Status status() const override { return absl::OkStatus(); }
  bool cut_off() const override { return false; }
  int64_t bytes_read() const override { return static_cast<int64_t>(std::min(position_, text_.size())); }
  int64_t bytes_total() const override { return static_cast<int64_t>(text_.size()); }

 private:
  const std::string text_;
  size_t position_ = 0;
};

Recording::LineParser EventParser() {
  auto decoder = std::make_shared<EventDecoder>();
  EventTimeRule rule;
  rule.missing = EventTimeRule::Missing::kIsError;
  rule.latest = absl::InfiniteFuture();
  return [decoder, rule](std::string_view line, const std::function<void(const Event&)>& on_event) {
    return IsControlLine(line) ? std::string() : decoder->DecodeLine(line, rule, on_event);
  };
}

Recording::LineParser LogParser(AccessLogParser parser) {
  auto shared = std::make_shared<AccessLogParser>(std::move(parser));
  return [shared](std::string_view line, const std::function<void(const Event&)>& on_event) {
    return shared->ParseLine(line, on_event);
  };
}

absl::StatusOr<Recording::LineParser> ParserFor(const std::string& format) {
  if (format == "events") return EventParser();
  if (format == "combined") return LogParser(AccessLogParser::Combined());
  if (format == "nginx") return LogParser(AccessLogParser::Nginx());
  if (format.find("(?P<") == std::string::npos) {
    return absl::InvalidArgumentError(
        fmt::format("--format {}: wanted auto, events, combined, nginx, or an RE2 with named groups such as "
                    R"('^(?P<time>\S+) (?P<status>\d+) (?P<endpoint>\S+)$')",
                    format));
  }
  absl::StatusOr<AccessLogParser> parser = AccessLogParser::Custom(format);
  if (!parser.ok())
    return absl::InvalidArgumentError(fmt::format("--format: {}", std::string(parser.status().message())));
  return LogParser(*std::move(parser));
}

// A parser that chooses itself by the first line; one that fits no format is read as events, whose faults say most.
Recording::LineParser GuessingParser() {
  return [parser = Recording::LineParser()](std::string_view line,
                                            const std::function<void(const Event&)>& on_event) mutable {
    if (!parser) {
      const std::string guess = GuessRecordingFormat(line);
      parser = *ParserFor(guess.empty() ? "events" : guess);
    }
    return parser(line, on_event);
  };
}

absl::StatusOr<Recording::LineParser> MakeParser(const std::string& format) {
  if (format == "auto") return GuessingParser();
  return ParserFor(format);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Recording>> Recording::Open(const std::string& path, const std::string& format) {
  absl::StatusOr<LineParser> parser = MakeParser(format);
  if (!parser.ok()) return parser.status();
  absl::StatusOr<std::unique_ptr<LineReader>> reader = LineReader::Open(path);
  if (!reader.ok()) return reader.status();
  return std::unique_ptr<Recording>(new Recording(*std::move(reader), *std::move(parser)));
}

absl::StatusOr<std::unique_ptr<Recording>> Recording::FromText(std::string text, const std::string& format) {
  absl::StatusOr<LineParser> parser = MakeParser(format);
  if (!parser.ok()) return parser.status();
  return std::unique_ptr<Recording>(new Recording(std::make_unique<TextLines>(std::move(text)), *std::move(parser)));
}

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

void Recording::ReadLine(std::string_view line, bool truncated, const Callbacks& callbacks) {
  if (truncated) {
    callbacks.on_reject(lines_, "longer than 1 MiB");
    return;
  }
  const std::string reason = parser_(line, [&](const Event& event) { callbacks.on_event(event, lines_); });
  if (!reason.empty()) callbacks.on_reject(lines_, reason);
}

std::string_view Recording::FirstLine() {
  if (!first_) {
    first_ = FirstLineRead{};  // clang 14 takes no emplace() of a nested struct with initializers
    std::string_view line;
    first_->there = reader_->Next(line, first_->truncated);
    first_->text = line;
  }
  return first_->text;
}

bool Recording::NextLine(std::string_view& line, bool& truncated) {
  if (first_ && !std::exchange(first_->used, true)) {
    line = first_->text;
    truncated = first_->truncated;
    return first_->there;
  }
  return reader_->Next(line, truncated);
}

absl::Status Recording::ReadLines(const LineCallbacks& callbacks) {
  std::string_view line;
  bool truncated = false;
  while (NextLine(line, truncated)) {
    ++lines_;
    if (lines_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    if (lines_ == 1) of_serve_ = BeginsRecording(line);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) callbacks.on_line(line, truncated);
    callbacks.on_progress(reader_->bytes_read(), reader_->bytes_total());
  }
  return reader_->status();
}

absl::Status Recording::Read(const Callbacks& callbacks) {
  return ReadLines(
      {[&](std::string_view line, bool truncated) { ReadLine(line, truncated, callbacks); }, callbacks.on_progress});
}

}  // namespace firebreak
