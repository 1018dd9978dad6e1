#include "api/codec/event_fields.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "api/codec/excerpt.h"
#include "api/codec/time_text.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr double kMaxLatencyMs = 86'400'000;  // one day
constexpr int64_t kMaxCount = 1'000'000;

using Kind = JsonValue::Kind;

// Exact to the nanosecond, and a good deal faster than absl::Milliseconds(double). REQUIRES: 0 <= milliseconds < 1e15.
absl::Duration Milliseconds(double milliseconds) {
  const auto whole = static_cast<int64_t>(milliseconds);
  const double fraction = milliseconds - static_cast<double>(whole);
  return absl::Milliseconds(whole) + absl::Nanoseconds(static_cast<int64_t>(fraction * 1e6 + 0.5));
}

// "999", "\"fast\"", "an array": a value as a message shows it.
std::string Shown(const JsonValue& value) {
  switch (value.kind) {
    case Kind::kString:
      return fmt::format("\"{}\"", Excerpt(value.text));
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
    default:
      return Excerpt(value.text);
  }
}

}  // namespace

struct FieldLimits {
  std::string_view name;
  int64_t low;  // of the integer, or of the length in bytes
  int64_t high;
  std::string_view wanted_integer;
};

static constexpr std::array<FieldLimits, 9> kFields = {{
    {"ts", 0, 0, ""},
    {"endpoint", 1, 2048, ""},
    {"status", 100, 599, "is not an HTTP status (wanted 100..599)"},
    {"latency_ms", 0, 0, ""},
    {"source", 0, 0, ""},
    {"region", 0, 64, ""},
    {"outcome", 1, 64, ""},
    {"retries", 0, kMaxCount, "is out of range (wanted 0..1000000)"},
    {"count", 1, kMaxCount, "is out of range (wanted 1..1000000)"},
}};

void EventBuilder::Begin(const EventTimeRule& rule) {
  rule_ = &rule;
  std::construct_at(&event_);  // in place: assigning a fresh one stalls on its copy
  seen_ = 0;
  present_ = 0;
  unknown_.clear();
  fault_.clear();
}

EventBuilder::Field EventBuilder::FieldNamed(std::string_view key) {
  switch (key.size()) {
    case 2:
      return key == "ts" ? kTs : kUnknown;
    case 5:
      return key == "count" ? kCount : kUnknown;
    case 6:
      if (key == "status") return kStatus;
      if (key == "source") return kSource;
      return key == "region" ? kRegion : kUnknown;
    case 7:
      if (key == "outcome") return kOutcome;
      return key == "retries" ? kRetries : kUnknown;
    case 8:
      return key == "endpoint" ? kEndpoint : kUnknown;
    case 10:
      return key == "latency_ms" ? kLatency : kUnknown;
    default:
      return kUnknown;
  }
}

std::string_view EventBuilder::NameOf(Field field) { return kFields[field].name; }

void EventBuilder::Fault(std::string reason) {
  if (fault_.empty()) fault_ = std::move(reason);
}

void EventBuilder::FaultOf(Field field, const JsonValue& value, std::string_view what) {
  Fault(fmt::format("{}: {} {}", NameOf(field), Shown(value), what));
}

void EventBuilder::Add(std::string_view key, const JsonValue& value) {
  const Field field = FieldNamed(key);
  if (field == kUnknown) {
    unknown_.push_back(key);
    return;
  }
  if ((seen_ & (1u << field)) != 0) {
    Fault(fmt::format("{}: named twice (wanted each field once)", NameOf(field)));
    return;
  }
  seen_ |= 1u << field;
  if (value.kind == Kind::kNull) return;
  present_ |= 1u << field;
  if (fault_.empty()) Set(field, value);
}

void EventBuilder::Set(Field field, const JsonValue& value) {
  int64_t integer = 0;
  switch (field) {
    case kTs:
      return SetTs(value);
    case kEndpoint:
      return SetText(field, value, event_.endpoint);
    case kStatus:
      if (SetInteger(field, value, integer)) event_.status = static_cast<int>(integer);
      return;
    case kLatency:
      return SetLatency(value);
    case kSource:
      return SetSource(value);
    case kRegion:
      return SetText(field, value, event_.region);
    case kOutcome:
      return SetText(field, value, event_.outcome);
    case kRetries:
      SetInteger(field, value, event_.retries);
      return;
    case kCount:
      SetInteger(field, value, event_.count);
      return;
    case kUnknown:
      return;
  }
}

void EventBuilder::SetTs(const JsonValue& value) {
  if (value.kind == Kind::kNumber) {
    SetNumericTs(value);
  } else if (value.kind == Kind::kString) {
    SetTextTs(value);
  } else {
    FaultOf(kTs, value, "is not a time (wanted milliseconds since the epoch, or RFC 3339 text)");
  }
  if (fault_.empty()) CheckLatest(value);
}

void EventBuilder::SetNumericTs(const JsonValue& value) {
  const JsonNumber& number = value.number;
  if (number.value < 0) return FaultOf(kTs, value, "is negative, wanted milliseconds since 1970");
  if (number.value < 1e11) return FaultOf(kTs, value, "looks like seconds, wanted milliseconds");
  if (number.value >= 1e15) return FaultOf(kTs, value, "is beyond the year 9999");
  event_.time =
      number.is_integer ? absl::FromUnixMillis(number.integer) : absl::UnixEpoch() + Milliseconds(number.value);
}

void EventBuilder::SetTextTs(const JsonValue& value) {
  const std::optional<absl::Time> time = ParseRfc3339(value.text);
  if (!time) {
    return FaultOf(kTs, value, "is not an RFC 3339 time with zone (wanted 2025-11-24T16:00:00Z)");
  }
  if (*time < OldestEventTime()) return FaultOf(kTs, value, "is before 1973-03-03T09:46:40Z: no request is that old");
  event_.time = *time;
}

void EventBuilder::CheckLatest(const JsonValue& value) {
  if (event_.time > NewestEventTime()) return FaultOf(kTs, value, "is beyond the year 9999");
  if (event_.time <= rule_->latest) return;
  const std::string ahead = absl::FormatDuration(rule_->latest - rule_->now);
  FaultOf(kTs, value, fmt::format("is ahead of now by more than {}", ahead));
}

void EventBuilder::SetLatency(const JsonValue& value) {
  if (value.kind != Kind::kNumber) return FaultOf(kLatency, value, "is not a number (wanted milliseconds)");
  const JsonNumber& number = value.number;
  if (number.value < 0) return FaultOf(kLatency, value, "is negative (wanted milliseconds, 0 or more)");
  if (number.value > kMaxLatencyMs) return FaultOf(kLatency, value, "is more than a day (wanted at most 86400000)");
  event_.latency = number.is_integer ? absl::Milliseconds(number.integer) : Milliseconds(number.value);
}

void EventBuilder::SetSource(const JsonValue& value) {
  for (const Source source : {Source::kRum, Source::kSynthetic}) {
    if (value.kind == Kind::kString && value.text == SourceName(source)) {
      event_.source = source;
      return;
    }
  }
  FaultOf(kSource, value, "is no source (wanted \"rum\" or \"synthetic\")");
}

void EventBuilder::SetText(Field field, const JsonValue& value, std::string_view& out) {
  const FieldLimits& limits = kFields[field];
  if (value.kind != Kind::kString) return FaultOf(field, value, "is not a string");
  const auto size = static_cast<int64_t>(value.text.size());
  if (size < limits.low || size > limits.high) {
    return FaultOf(field, value, fmt::format("is {} bytes long (wanted {}..{})", size, limits.low, limits.high));
  }
  if (!IsPrintableUtf8(value.text)) return FaultOf(field, value, "has control characters or is not UTF-8");
  out = value.text;
}

bool EventBuilder::SetInteger(Field field, const JsonValue& value, int64_t& out) {
  const FieldLimits& limits = kFields[field];
  if (value.kind != Kind::kNumber || !value.number.is_integer) {
    FaultOf(field, value, fmt::format("is not an integer (wanted {}..{})", limits.low, limits.high));
    return false;
  }
  if (value.number.integer < limits.low || value.number.integer > limits.high) {
    FaultOf(field, value, limits.wanted_integer);
    return false;
  }
  out = value.number.integer;
  return true;
}

void EventBuilder::CheckUnknownForDuplicates() {
  if (unknown_.size() < 2) return;
  std::sort(unknown_.begin(), unknown_.end());
  const auto twice = std::adjacent_find(unknown_.begin(), unknown_.end());
  if (twice == unknown_.end()) return;
  Fault(fmt::format("{}: named twice (wanted each field once)", Excerpt(*twice)));
}

std::string EventBuilder::Finish() {
  CheckUnknownForDuplicates();
  if (!Has(kEndpoint)) Fault("endpoint: missing");
  if (!Has(kStatus) && !Has(kOutcome)) Fault("status: missing (wanted status or outcome)");
  if (!Has(kTs)) {
    if (rule_->missing == EventTimeRule::Missing::kIsError)
      Fault("ts: missing (a recording needs the time of each event)");
    event_.time = rule_->now;
  }
  return fault_;
}

}  // namespace firebreak
