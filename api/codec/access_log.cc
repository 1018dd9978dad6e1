#include "api/codec/access_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "api/codec/excerpt.h"
#include "api/codec/request_line.h"
#include "api/codec/time_text.h"
#include "fmt/format.h"
#include "re2/re2.h"

namespace firebreak {
namespace {

constexpr size_t kMaxPatternBytes = 1024;
constexpr std::string_view kNone = "-";

// host ident user [time] "request" status bytes. Written so that RE2 never has to look back ("one-pass"): that is
// what makes it fast. What follows is left alone: real logs cut agents off, leave quotes in them bare, and glue lines.
constexpr char kCommonFields[] =
    R"re(^\S+ \S+ [^\[]*\[(?P<time>[^\]]*)\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\S+) \S+)re";
constexpr char kCombinedFields[] = R"re((?: |$))re";
constexpr char kNginxFields[] = R"re( (?P<nginx_tail>".*)$)re";

enum Group { kTime, kRequest, kEndpoint, kStatus, kOutcome, kLatencyMs, kLatencyS, kSource, kNginxTail, kNumGroups };

constexpr std::array<std::string_view, kNumGroups> kGroupNames = {
    "time", "request", "endpoint", "status", "outcome", "latency_ms", "latency_s", "source", "nginx_tail"};

RE2::Options Options() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);  // a log line may hold any byte
  options.set_log_errors(false);
  options.set_dot_nl(true);
  return options;
}

std::string_view ToStd(re2::StringPiece piece) { return std::string_view(piece.data(), piece.size()); }

std::optional<double> ParseDecimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Seconds or milliseconds since the epoch: which of them, the size tells (1e11 s is the year 5138, 1e11 ms is 1973).
// The whole part and the fraction are read apart, since a double cannot hold both exactly.
std::optional<absl::Time> ParseEpoch(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + point, whole);
  if (error != std::errc() || end != text.data() + point || whole < 0 || whole >= 1'000'000'000'000'000) {
    return std::nullopt;
  }
  const bool has_fraction = point + 1 < text.size();
  const std::optional<double> fraction = has_fraction ? ParseDecimal(text.substr(point)) : 0.0;
  if (!fraction) return std::nullopt;
  const bool in_seconds = whole < 100'000'000'000;
  const absl::Duration unit = in_seconds ? absl::Seconds(1) : absl::Milliseconds(1);
  const double nanoseconds = *fraction * (in_seconds ? 1e9 : 1e6);
  return absl::UnixEpoch() + whole * unit + absl::Nanoseconds(std::llround(nanoseconds));
}

std::optional<absl::Time> ParseAnyTime(std::string_view text) {
  std::optional<absl::Time> time = ParseAccessLogTime(text);
  if (!time) time = ParseRfc3339(text);
  if (!time) time = ParseEpoch(text);
  return time;
}

// The last field of an nginx line: 0.123, "0.123", rt=0.123 or rt="0.123".
std::string_view RequestTimeOf(std::string_view tail) {
  std::string_view field = tail.substr(tail.find_last_of(' ') + 1);
  if (field.substr(0, 3) == "rt=") field.remove_prefix(3);
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') field = field.substr(1, field.size() - 2);
  return field;
}

// Apache writes a quote in a request as \" and a backslash as \\. Returns `text`, or its plain form in `buffer`.
std::string_view Unescape(std::string_view text, std::string& buffer) {
  if (text.find('\\') == std::string_view::npos) return text;
  buffer.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escape) ++i;
    buffer += text[i];
  }
  return buffer;
}

std::string Fault(std::string_view field, std::string_view text, std::string_view wanted) {
  return fmt::format("{}: \"{}\" {}", field, Excerpt(text), wanted);
}

}  // namespace

struct AccessLogParser::Rep {
  Rep(std::string_view pattern, std::string_view wanted_line)
      : regex(re2::StringPiece(pattern.data(), pattern.size()), Options()), wanted(wanted_line) {}

  // Finds the numbers of the named groups. Returns "" or what the pattern lacks.
  std::string BindGroups();

  // What the group matched in the line at hand; "" if absent.
  std::string_view Get(Group group) const;

  // Each returns "" or a fault.
  std::string ReadTime(Event& event) const;
  std::string ReadResult(Event& event) const;
  std::string ReadLatency(Event& event) const;
  std::string ReadSource(Event& event) const;
  void ReadEndpoint(Event& event);

  RE2 regex;
  std::string_view wanted;                  // how a line should look
  std::array<int, kNumGroups> number = {};  // 0 = the pattern has no such group
  std::vector<re2::StringPiece> matches;
  std::string unescaped;
};

std::string AccessLogParser::Rep::BindGroups() {
  for (const auto& [name, index] : regex.NamedCapturingGroups()) {
    const auto known = std::find(kGroupNames.begin(), kGroupNames.end(), name);
    if (known == kGroupNames.end()) return fmt::format("no group \"{}\" is known", Excerpt(name));
    number[known - kGroupNames.begin()] = index;
  }
  matches.resize(regex.NumberOfCapturingGroups() + 1);
  if (number[kTime] == 0) return "group \"time\" is missing";
  if (number[kEndpoint] == 0 && number[kRequest] == 0) return "group \"endpoint\" or \"request\" is missing";
  if (number[kStatus] == 0 && number[kOutcome] == 0) return "group \"status\" or \"outcome\" is missing";
  return "";
}

std::string_view AccessLogParser::Rep::Get(Group group) const {
  if (number[group] == 0) return {};
  const std::string_view text = ToStd(matches[number[group]]);
  return text == kNone ? std::string_view() : text;
}

std::string AccessLogParser::Rep::ReadTime(Event& event) const {
  const std::string_view text = Get(kTime);
  const std::optional<absl::Time> time = ParseAnyTime(text);
  if (!time) return Fault("time", text, "is no time (wanted 24/Nov/2025:16:00:00 +0000, RFC 3339 or a Unix time)");
  if (*time < OldestEventTime() || *time > NewestEventTime()) {
    return Fault("time", text, "is out of range (wanted 1973-03-03T09:46:40Z..9999)");
  }
  event.time = *time;
  return "";
}

std::string AccessLogParser::Rep::ReadResult(Event& event) const {
  const std::string_view status = Get(kStatus);
  const std::string_view outcome = Get(kOutcome);
  if (!outcome.empty()) {
    if (outcome.size() > 64 || !IsPrintableUtf8(outcome))
      return Fault("outcome", outcome, "is not 1..64 bytes of text");
    event.outcome = outcome;
    if (status.empty()) return "";
  }
  int value = 0;
  const auto [end, error] = std::from_chars(status.data(), status.data() + status.size(), value);
  const bool whole = error == std::errc() && end == status.data() + status.size();
  if (!whole || value < 100 || value > 599) return Fault("status", status, "is not an HTTP status (wanted 100..599)");
  event.status = value;
  return "";
}

std::string AccessLogParser::Rep::ReadLatency(Event& event) const {
  std::string_view milliseconds = Get(kLatencyMs);
  std::string_view seconds = Get(kLatencyS);
  if (number[kNginxTail] != 0) {
    seconds = RequestTimeOf(Get(kNginxTail));
    if (!ParseDecimal(seconds))
      return Fault("request_time", seconds, "is no number of seconds (wanted it as last field)");
  }
  if (milliseconds.empty() && seconds.empty()) return "";
  const bool in_seconds = milliseconds.empty();
  const std::string_view text = in_seconds ? seconds : milliseconds;
  const std::optional<double> value = ParseDecimal(text);
  if (!value) return Fault("latency", text, "is not a number");
  const absl::Duration latency = in_seconds ? absl::Seconds(*value) : absl::Milliseconds(*value);
  if (*value < 0 || latency > absl::Hours(24)) return Fault("latency", text, "is out of range (wanted 0..1 day)");
  event.latency = latency;
  return "";
}

std::string AccessLogParser::Rep::ReadSource(Event& event) const {
  const std::string_view text = Get(kSource);
  if (text.empty()) return "";
  for (const Source source : {Source::kRum, Source::kSynthetic}) {
    if (text != SourceName(source)) continue;
    event.source = source;
    return "";
  }
  return Fault("source", text, "is no source (wanted rum or synthetic)");
}

void AccessLogParser::Rep::ReadEndpoint(Event& event) {
  const std::string_view endpoint = Get(kEndpoint);
  event.endpoint = FitEndpoint(endpoint.empty() ? PathOfRequest(Unescape(Get(kRequest), unescaped)) : endpoint);
}

AccessLogParser::AccessLogParser(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
AccessLogParser::AccessLogParser(AccessLogParser&&) noexcept = default;
AccessLogParser& AccessLogParser::operator=(AccessLogParser&&) noexcept = default;
AccessLogParser::~AccessLogParser() = default;

AccessLogParser AccessLogParser::Combined() {
  auto rep = std::make_unique<Rep>(std::string(kCommonFields) + kCombinedFields,
                                   "host ident user [time] \"request\" status bytes");
  rep->BindGroups();
  return AccessLogParser(std::move(rep));
}

AccessLogParser AccessLogParser::Nginx() {
  auto rep = std::make_unique<Rep>(std::string(kCommonFields) + kNginxFields,
                                   "host - user [time] \"request\" status bytes \"referer\" \"agent\" $request_time");
  rep->BindGroups();
  return AccessLogParser(std::move(rep));
}

absl::StatusOr<AccessLogParser> AccessLogParser::Custom(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return absl::InvalidArgumentError(
        fmt::format("format: the pattern is {} bytes long (wanted at most {})", pattern.size(), kMaxPatternBytes));
  }
  auto rep = std::make_unique<Rep>(pattern, "what the pattern matches");
  if (!rep->regex.ok()) return absl::InvalidArgumentError(fmt::format("format: {}", rep->regex.error()));
  std::string lack = rep->BindGroups();
  if (rep->number[kNginxTail] != 0) lack = "no group \"nginx_tail\" is known";
  if (!lack.empty()) {
    return absl::InvalidArgumentError(fmt::format(
        "format: {} (groups: time, endpoint or request, status or outcome, latency_ms, latency_s, source)", lack));
  }
  return AccessLogParser(std::move(rep));
}

std::string AccessLogParser::ParseLine(std::string_view line, const std::function<void(const Event&)>& on_event) {
  Rep& rep = *rep_;
  const re2::StringPiece text(line.data(), line.size());
  if (!rep.regex.Match(text, 0, text.size(), RE2::UNANCHORED, rep.matches.data(),
                       static_cast<int>(rep.matches.size()))) {
    return fmt::format("\"{}\" does not fit (wanted {})", Excerpt(line), rep.wanted);
  }
  Event event;
  std::string fault = rep.ReadTime(event);
  if (fault.empty()) fault = rep.ReadResult(event);
  if (fault.empty()) fault = rep.ReadLatency(event);
  if (fault.empty()) fault = rep.ReadSource(event);
  if (!fault.empty()) return fault;
  rep.ReadEndpoint(event);
  on_event(event);
  return "";
}

std::string GuessRecordingFormat(std::string_view first_line) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (first_line.substr(0, kByteOrderMark.size()) == kByteOrderMark) first_line.remove_prefix(kByteOrderMark.size());
  const size_t first = first_line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  if (first_line[first] == '{' || first_line[first] == '[') return "events";
  const auto fits = [first_line](AccessLogParser parser) {
    return parser.ParseLine(first_line, [](const Event&) {}).empty();
  };
  // $request_time always has its point; the byte counts that some append to combined lines have none.
  const bool decimal_last = RequestTimeOf(first_line).find('.') != std::string_view::npos;
  if (decimal_last && fits(AccessLogParser::Nginx())) return "nginx";
  return fits(AccessLogParser::Combined()) ? "combined" : "";
}

}  // namespace firebreak
