#include "api/codec/event_oracle.h"

#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>

#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "re2/re2.h"

namespace firebreak {
namespace {

using nlohmann::json;

// The fields of one event, with their text.
struct OwnedEvent {
  Event event;
  std::string endpoint, region, outcome;
};

bool IsBlank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

// nullopt for what is not one JSON object without duplicate names at its first level, 32 levels deep at most.
std::optional<json> ParseObject(std::string_view line) {
  bool good = true;
  std::set<std::string> names;
  const auto callback = [&](int depth, json::parse_event_t event, json& parsed) {
    const bool opens = event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    if (opens && depth >= 32) good = false;
    if (event == json::parse_event_t::key && depth == 1) good = names.insert(parsed.get<std::string>()).second && good;
    return true;
  };
  // nlohmann_json takes a NUL for the end of the text, and skips a byte order mark.
  if (line.find('\0') != std::string_view::npos || line.front() == '\xEF') return std::nullopt;
  json parsed = json::parse(line, callback, /*allow_exceptions=*/false);
  if (!good || !parsed.is_object()) return std::nullopt;
  return parsed;
}

bool PlainText(const std::string& text, size_t low, size_t high) {
  static const RE2& controls = *new RE2("[\\x{0}-\\x{1f}\\x{7f}-\\x{9f}]");
  return text.size() >= low && text.size() <= high && !RE2::PartialMatch(text, controls);
}

// Rounded to the nanosecond.
absl::Duration FromMilliseconds(double value) {
  double whole = 0;
  const double fraction = std::modf(value, &whole);
  return absl::Milliseconds(static_cast<int64_t>(whole)) + absl::Nanoseconds(std::floor(fraction * 1e6 + 0.5));
}

std::optional<absl::Time> TextTime(std::string text) {
  static const RE2& shape =
      *new RE2(R"re((?i)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))re");
  absl::Time time;
  if (!RE2::FullMatch(text, shape)) return std::nullopt;
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  const bool leap = text.substr(16, 3) == ":60";  // absl::ParseTime drops the fraction of a leap second
  if (leap) text.replace(16, 3, ":59");
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  if (leap) time += absl::Seconds(1);
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), absl::Nanoseconds(1));
}

std::optional<absl::Time> TimeOf(const json& ts, const EventTimeRule& rule) {
  std::optional<absl::Time> time;
  if (ts.is_string()) time = TextTime(ts.get<std::string>());
  if (ts.is_number_integer() && ts.get<double>() < 1e15) time = absl::FromUnixMillis(ts.get<int64_t>());
  if (ts.is_number_float() && std::abs(ts.get<double>()) < 1e15) {
    time = absl::UnixEpoch() + FromMilliseconds(ts.get<double>());
  }
  if (!time || *time < absl::FromUnixMillis(100'000'000'000)) return std::nullopt;
  if (*time > absl::FromUnixMillis(253'402'300'799'999) || *time > rule.latest) return std::nullopt;
  return time;
}

// Reads one optional integer; false if it is there and wrong.
bool ReadInteger(const json& object, const char* name, int64_t low, int64_t high, std::optional<int64_t>& out) {
  if (!object.contains(name) || object[name].is_null()) return true;
  const json& value = object[name];
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(high)) return false;
  out = value.get<int64_t>();
  return *out >= low && *out <= high;
}

bool ReadText(const json& object, const char* name, size_t low, size_t high, std::string& out) {
  if (!object.contains(name) || object[name].is_null()) return true;
  if (!object[name].is_string()) return false;
  out = object[name].get<std::string>();
  return PlainText(out, low, high);
}

bool ReadNumbers(const json& object, Event& event) {
  std::optional<int64_t> status, retries, count;
  if (!ReadInteger(object, "status", 100, 599, status) || !ReadInteger(object, "retries", 0, 1'000'000, retries) ||
      !ReadInteger(object, "count", 1, 1'000'000, count)) {
    return false;
  }
  if (status) event.status = static_cast<int>(*status);
  event.retries = retries.value_or(0);
  event.count = count.value_or(1);
  if (!object.contains("latency_ms") || object["latency_ms"].is_null()) return true;
  const json& latency = object["latency_ms"];
  if (!latency.is_number() || latency.get<double>() < 0 || latency.get<double>() > 86'400'000) return false;
  event.latency = FromMilliseconds(latency.get<double>());
  return true;
}

bool ReadEvent(const json& object, const EventTimeRule& rule, OwnedEvent& out) {
  if (!ReadNumbers(object, out.event) || !ReadText(object, "endpoint", 1, 2048, out.endpoint) ||
      !ReadText(object, "region", 0, 64, out.region) || !ReadText(object, "outcome", 1, 64, out.outcome)) {
    return false;
  }
  const json source = object.value("source", json());
  if (!source.is_null() && source != "rum" && source != "synthetic") return false;
  if (source == "synthetic") out.event.source = Source::kSynthetic;
  const json ts = object.value("ts", json());
  if (ts.is_null() && rule.missing == EventTimeRule::Missing::kIsError) return false;
  const std::optional<absl::Time> time = ts.is_null() ? rule.now : TimeOf(ts, rule);
  if (!time) return false;
  out.event.time = *time;
  out.event.endpoint = out.endpoint;
  out.event.region = out.region;
  out.event.outcome = out.outcome;
  return !out.endpoint.empty() && (out.event.status.has_value() || !out.outcome.empty());
}

void CheckConsistent(bool condition, std::string_view what) {
  if (condition) return;
  fmt::print(stderr, "EventDecoder contradicts itself: {}\n", what);
  std::abort();
}

}  // namespace

std::string PrintEvent(int64_t index, const Event& event) {
  return fmt::format("#{} ts={} endpoint={} status={} latency={} outcome={} region={} source={} retries={} count={}",
                     index, absl::FormatTime(event.time, absl::UTCTimeZone()), event.endpoint, event.status.value_or(0),
                     event.latency ? absl::FormatDuration(*event.latency) : "none", event.outcome, event.region,
                     SourceName(event.source), event.retries, event.count);
}

std::vector<std::string> OracleDecodeLines(std::string_view body, const EventTimeRule& rule) {
  std::vector<std::string> printed;
  if (body.substr(0, 3) == "\xEF\xBB\xBF") body.remove_prefix(3);
  int64_t index = -1;
  while (!body.empty()) {
    const std::string_view line = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(line.size() + 1, body.size()));
    if (IsBlank(line)) continue;
    ++index;
    OwnedEvent owned;
    const std::optional<json> object = ParseObject(line);
    if (object && ReadEvent(*object, rule, owned)) printed.push_back(PrintEvent(index, owned.event));
  }
  return printed;
}

std::vector<std::string> RealDecodeLines(EventDecoder& decoder, std::string_view body, const EventTimeRule& rule) {
  std::vector<std::string> without_index;
  constexpr int kAllErrors = 1 << 30;
  const EventDecodeResult result = decoder.Decode(
      body, EventBodyFormat::kNdjson, rule,
      [&](const Event& event) { without_index.push_back(PrintEvent(0, event).substr(2)); }, kAllErrors);
  CheckConsistent(result.decoded == static_cast<int64_t>(without_index.size()), "decoded");
  CheckConsistent(result.rejected == static_cast<int64_t>(result.errors.size()), "rejected");
  std::vector<std::string> printed;
  auto error = result.errors.begin();
  auto event = without_index.begin();
  for (int64_t index = 0; index < result.decoded + result.rejected; ++index) {
    if (error != result.errors.end() && error->index == index) {
      CheckConsistent(!error->reason.empty(), "a reason is empty");
      ++error;
      continue;
    }
    CheckConsistent(event != without_index.end(), "indexes of errors");
    printed.push_back(fmt::format("#{}{}", index, *event++));
  }
  return printed;
}

}  // namespace firebreak
