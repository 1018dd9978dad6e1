#include "api/record/recording_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "api/codec/excerpt.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/classifier.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;
using Kind = ControlLine::Kind;

constexpr std::string_view kControlBeginning = "{\"firebreak\":";
constexpr size_t kMaxControlBytes = size_t{1} << 20;

constexpr std::array<std::pair<Kind, std::string_view>, 9> kKinds = {{
    {Kind::kStart, "start"},
    {Kind::kContinue, "continue"},
    {Kind::kBatch, "batch"},
    {Kind::kTick, "tick"},
    {Kind::kHeartbeat, "heartbeat"},
    {Kind::kReload, "reload"},
    {Kind::kMaintenance, "maintenance"},
    {Kind::kGap, "gap"},
    {Kind::kEnd, "end"},
}};

std::string_view KindName(Kind kind) {
  const auto known = std::find_if(kKinds.begin(), kKinds.end(), [kind](const auto& k) { return k.first == kind; });
  return known->second;
}

Kind KindNamed(std::string_view name) {
  const auto known = std::find_if(kKinds.begin(), kKinds.end(), [name](const auto& k) { return k.second == name; });
  return known == kKinds.end() ? Kind::kUnknown : known->first;
}

// As many digits as it takes.
std::string ExactTime(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone()); }

void AppendInteger(int64_t value, std::string& out) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

// ".5" for 500 ms of a second: `digits` of a fraction without the zeros at its end; nothing for 0.
void AppendFraction(int64_t fraction, int digits, std::string& out) {
  if (fraction == 0) return;
  std::array<char, 10> text;
  for (int i = digits; i > 0; --i) {
    text[static_cast<size_t>(i)] = static_cast<char>('0' + fraction % 10);
    fraction /= 10;
  }
  text[0] = '.';
  while (text[static_cast<size_t>(digits)] == '0') --digits;
  out.append(text.data(), static_cast<size_t>(digits) + 1);
}

// Text of an event is UTF-8 without control characters: api/codec refuses any other.
void AppendString(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void AppendField(std::string_view beginning, std::string_view text, std::string& out) {
  if (text.empty()) return;
  out += beginning;
  AppendString(text, out);
}

void AppendLatency(absl::Duration latency, std::string& out) {
  constexpr int64_t kNanosInMilli = 1'000'000;
  const int64_t nanos = absl::ToInt64Nanoseconds(latency);
  out += ",\"latency_ms\":";
  AppendInteger(nanos / kNanosInMilli, out);
  AppendFraction(nanos % kNanosInMilli, 6, out);
}

Json MaintenanceJson(const std::vector<MaintenanceWindow>& windows) {
  Json json = Json::array();
  for (const MaintenanceWindow& window : windows) {
    json.push_back(
        {{"id", window.id}, {"tier", window.tier}, {"from", ExactTime(window.from)}, {"to", ExactTime(window.to)}});
  }
  return json;
}

void AddContext(const ControlLine& line, Json& json) {
  json["format"] = kRecordingFormat;
  json["session"] = ExactTime(line.session);
  json["file"] = line.file;
  json["version"] = line.version;
  json["evaluation_interval"] = DurationText(line.evaluation_interval);
  if (line.kind == Kind::kStart && line.resumed) json["resumed"] = ExactTime(*line.resumed);
  if (line.kind == Kind::kStart && line.counted_batches) json["counted_batches"] = *line.counted_batches;
  json["fingerprint"] = line.fingerprint;
  if (!line.maintenance.empty()) json["maintenance"] = MaintenanceJson(line.maintenance);
}

void AddMissing(const ControlLine& line, Json& json) {
  json["events"] = line.events;
  if (line.batches > 0) json["batches"] = line.batches;
  if (line.ticks > 0) json["ticks"] = line.ticks;
  if (line.heartbeats > 0) json["heartbeats"] = line.heartbeats;
}

// Reads the fields of one control line; the first fault is kept.
class Fields {
 public:
  explicit Fields(const Json& json) : json_(json) {}

  const absl::Status& status() const { return status_; }

  bool Has(const char* name) const { return json_.is_object() && json_.contains(name); }

  std::string Text(const char* name) {
    if (Has(name) && json_[name].is_string()) return json_[name].get<std::string>();
    Fault(name, "a text");
    return "";
  }

  absl::Time Time(const char* name) {
    absl::Time time;
    if (Has(name) && json_[name].is_string() &&
        absl::ParseTime("%Y-%m-%dT%H:%M:%E*SZ", json_[name].get<std::string>(), &time, nullptr) && IsPlausible(time)) {
      return time;
    }
    Fault(name, "a time such as \"2025-11-24T16:00:00.5Z\"");
    return absl::UnixEpoch();
  }

  int64_t Count(const char* name) {
    if (!Has(name)) return 0;
    const Json& value = json_[name];
    if (value.is_number_unsigned() && value.get<uint64_t>() <= uint64_t{1} << 53) return value.get<int64_t>();
    Fault(name, "a count, from 0 to 2^53");
    return 0;
  }

  bool Flag(const char* name) {
    if (!Has(name)) return false;
    if (json_[name].is_boolean()) return json_[name].get<bool>();
    Fault(name, "true or false");
    return false;
  }

  absl::Duration Interval(const char* name) {
    const bool is_text = Has(name) && json_[name].is_string();
    const absl::StatusOr<absl::Duration> duration = ParseDuration(is_text ? json_[name].get<std::string>() : "");
    if (duration.ok() && *duration >= absl::Seconds(1) && *duration <= absl::Hours(1)) return *duration;
    Fault(name, "a duration from \"1s\" to \"1h\"");
    return absl::Seconds(1);
  }

  Fingerprint ReadFingerprint(const char* name) {
    Fingerprint fingerprint;
    if (!Has(name) || !json_[name].is_object()) {
      Fault(name, "an object of texts");
      return fingerprint;
    }
    for (const auto& [path, value] : json_[name].items()) {
      if (value.is_string()) fingerprint[path] = value.get<std::string>();
    }
    return fingerprint;
  }

  std::vector<MaintenanceWindow> ReadMaintenance(const char* name) {
    std::vector<MaintenanceWindow> windows;
    if (!Has(name) || !json_[name].is_array()) {
      Fault(name, "a list");
      return windows;
    }
    for (const Json& json : json_[name]) {
      Fields fields(json);
      MaintenanceWindow window;
      window.id = fields.Text("id");
      window.tier = fields.Text("tier");
      window.from = fields.Time("from");
      window.to = fields.Time("to");
      if (!fields.status().ok() && status_.ok()) {
        status_ = absl::InvalidArgumentError(
            fmt::format("{}[{}].{}", name, windows.size(), std::string(fields.status().message())));
      }
      windows.push_back(std::move(window));
    }
    return windows;
  }

  void Fault(const char* name, std::string_view wanted) {
    if (!status_.ok()) return;
    const std::string found =
        Has(name) ? Excerpt(json_[name].dump(-1, ' ', false, Json::error_handler_t::replace)) : "is missing";
    status_ = absl::InvalidArgumentError(fmt::format("{}: {}: wanted {}", name, found, wanted));
  }

 private:
  static bool IsPlausible(absl::Time time) {
    return time >= absl::UnixEpoch() && time < absl::FromUnixSeconds(253'402'300'800);  // the year 10000
  }

  const Json& json_;
  absl::Status status_;
};

absl::Status CheckFormat(Fields& fields) {
  const int64_t format = fields.Count("format");
  if (fields.status().ok() && format < 1)
    fields.Fault("format", fmt::format("a number from 1 to {}", kRecordingFormat));
  if (format <= kRecordingFormat || !fields.status().ok()) return fields.status();
  return absl::FailedPreconditionError(fmt::format(
      "format: {}: made by a newer version of firebreak, this one reads up to {}", format, kRecordingFormat));
}

std::optional<int64_t> ReadCountedBatches(Fields& fields) {
  constexpr char kName[] = "counted_batches";
  return fields.Has(kName) ? std::optional(fields.Count(kName)) : std::nullopt;
}

void ReadContext(Fields& fields, ControlLine& line) {
  line.session = fields.Time("session");
  line.file = fields.Count("file");
  line.version = fields.Text("version");
  line.evaluation_interval = fields.Interval("evaluation_interval");
  if (fields.Has("resumed")) line.resumed = fields.Time("resumed");
  line.counted_batches = ReadCountedBatches(fields);
  line.fingerprint = fields.ReadFingerprint("fingerprint");
  if (fields.Has("maintenance")) line.maintenance = fields.ReadMaintenance("maintenance");
}

Source ReadSource(Fields& fields) {
  const std::string name = fields.Text("source");
  if (name != SourceName(Source::kRum) && name != SourceName(Source::kSynthetic)) {
    fields.Fault("source", "rum or synthetic");
  }
  return name == SourceName(Source::kSynthetic) ? Source::kSynthetic : Source::kRum;
}

void ReadFields(Fields& fields, ControlLine& line) {
  switch (line.kind) {
    case Kind::kStart:
    case Kind::kContinue:
      line.at = fields.Time("at");
      return ReadContext(fields, line);
    case Kind::kBatch:
      line.at = fields.Time("arrived");
      line.events = fields.Count("events");
      return;
    case Kind::kTick:
      line.at = fields.Time("at");
      line.refusing = fields.Flag("refusing");
      line.counted_batches = ReadCountedBatches(fields);
      return;
    case Kind::kHeartbeat:
      line.at = fields.Time("at");
      line.source = ReadSource(fields);
      return;
    case Kind::kReload:
      line.at = fields.Time("at");
      line.fingerprint = fields.ReadFingerprint("fingerprint");
      return;
    case Kind::kMaintenance:
      line.at = fields.Time("at");
      line.maintenance = fields.ReadMaintenance("windows");
      return;
    case Kind::kGap:
      line.events = fields.Count("events");
      line.batches = fields.Count("batches");
      line.ticks = fields.Count("ticks");
      line.heartbeats = fields.Count("heartbeats");
      return;
    case Kind::kEnd:
      line.at = fields.Time("at");
      return;
    case Kind::kUnknown:
      return;
  }
}

}  // namespace

void EventLineWriter::AppendTime(absl::Time time, std::string& out) {
  // Up to the nanosecond: slots are open on the left and their borders are whole seconds, so that keeps the slot.
  const absl::Duration since_epoch = absl::Ceil(time - absl::UnixEpoch(), absl::Nanoseconds(1));
  const int64_t second = absl::ToInt64Seconds(absl::Floor(since_epoch, absl::Seconds(1)));
  if (second != second_ || second_text_.empty()) {
    second_ = second;
    second_text_ = absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(second), absl::UTCTimeZone());
  }
  out += second_text_;
  AppendFraction(absl::ToInt64Nanoseconds(since_epoch - absl::Seconds(second)), 9, out);
  out += 'Z';
}

void EventLineWriter::Append(const Event& event, std::string& out) {
  out += "{\"ts\":\"";
  AppendTime(event.time, out);
  out += "\",\"endpoint\":";
  AppendString(EndpointPath(event.endpoint), out);
  if (event.status) {
    out += ",\"status\":";
    AppendInteger(*event.status, out);
  }
  AppendField(",\"outcome\":", event.outcome, out);
  if (event.latency) AppendLatency(*event.latency, out);
  if (event.source != Source::kRum) AppendField(",\"source\":", SourceName(event.source), out);
  AppendField(",\"region\":", event.region, out);
  if (event.retries != 0) {
    out += ",\"retries\":";
    AppendInteger(event.retries, out);
  }
  if (event.count != 1) {
    out += ",\"count\":";
    AppendInteger(event.count, out);
  }
  out += "}\n";
}

std::string ControlLineText(const ControlLine& line) {
  Json json = {{"firebreak", KindName(line.kind)}};
  if (line.kind != Kind::kGap) json[line.kind == Kind::kBatch ? "arrived" : "at"] = ExactTime(line.at);
  switch (line.kind) {
    case Kind::kStart:
    case Kind::kContinue:
      AddContext(line, json);
      break;
    case Kind::kBatch:
      json["events"] = line.events;
      break;
    case Kind::kTick:
      if (line.refusing) json["refusing"] = true;
      if (line.counted_batches) json["counted_batches"] = *line.counted_batches;
      break;
    case Kind::kHeartbeat:
      json["source"] = SourceName(line.source);
      break;
    case Kind::kReload:
      json["fingerprint"] = line.fingerprint;
      break;
    case Kind::kMaintenance:
      json["windows"] = MaintenanceJson(line.maintenance);
      break;
    case Kind::kGap:
      AddMissing(line, json);
      break;
    case Kind::kEnd:
    case Kind::kUnknown:
      break;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool IsControlLine(std::string_view line) { return line.starts_with(kControlBeginning); }

absl::StatusOr<ControlLine> ParseControlLine(std::string_view text) {
  if (text.size() > kMaxControlBytes) return absl::InvalidArgumentError("control line: longer than 1 MiB");
  // A value nested deeper is none of ours, and the parser's callback throws it away as it comes.
  constexpr int kDeepest = 3;
  const auto shallow = [](int depth, Json::parse_event_t, Json&) { return depth <= kDeepest; };
  const Json json = Json::parse(text, shallow, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("firebreak") || !json["firebreak"].is_string()) {
    return absl::InvalidArgumentError("control line: wanted a JSON object whose field \"firebreak\" says its kind");
  }
  ControlLine line;
  const std::string kind = json["firebreak"].get<std::string>();
  line.kind = KindNamed(kind);
  Fields fields(json);
  if (line.kind == Kind::kStart || line.kind == Kind::kContinue) {
    const absl::Status format = CheckFormat(fields);
    if (!format.ok())
      return absl::Status(format.code(), fmt::format("{} line: {}", kind, std::string(format.message())));
  }
  ReadFields(fields, line);
  if (fields.status().ok()) return line;
  return absl::InvalidArgumentError(fmt::format("{} line: {}", kind, std::string(fields.status().message())));
}

}  // namespace firebreak
