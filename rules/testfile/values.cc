#include "rules/testfile/values.h"

#include <charconv>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"

namespace firebreak {
namespace {

constexpr int64_t kMostWeight = 1'000'000'000;
constexpr size_t kMostParts = 32;
constexpr absl::Duration kLongestLatency = absl::Hours(1);

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

const std::vector<std::string>& OutcomeNames() {
  static const std::vector<std::string> names = {"ok", "timeout", "shape_mismatch", "failed"};
  return names;
}

absl::StatusOr<Answer> ParseAnswer(const std::string& text) {
  for (const std::string& name : OutcomeNames()) {
    if (text == name) return Answer{std::nullopt, text};
  }
  int status = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (is_number && status >= 100 && status <= 599) return Answer{status, ""};
  return absl::InvalidArgumentError(
      fmt::format("{}, wanted an HTTP status from 100 to 599, or one of ok, timeout, shape_mismatch, failed{}",
                  Quoted(text), DidYouMean(text, OutcomeNames())));
}

absl::StatusOr<std::optional<absl::Duration>> ParseLatency(const std::string& text) {
  if (text == "none") return std::optional<absl::Duration>();
  const absl::StatusOr<absl::Duration> latency = ParseDuration(text);
  if (!latency.ok()) return latency.status();
  if (*latency <= kLongestLatency) return std::optional<absl::Duration>(*latency);
  return absl::InvalidArgumentError(fmt::format("{}, wanted at most {}", text, DurationText(kLongestLatency)));
}

template <typename T>
void ReadMix(const Field& field, std::string_view wanted, const MixValueReader<T>& parse, YamlReader& reader,
             Mix<T>& out) {
  const auto add = [&](const Field& place, const std::string& text, int64_t weight, Mix<T>& mix) {
    absl::StatusOr<T> value = parse(text);
    if (!value.ok()) return reader.Fault(place, MessageOf(value.status()));
    mix.push_back({*std::move(value), weight});
  };
  Mix<T> mix;
  if (field.node.kind != YamlNode::Kind::kMap) {
    const std::optional<std::string> text = reader.Scalar(field, wanted);
    if (text) add(field, *text, 1, mix);
    if (!mix.empty()) out = std::move(mix);
    return;
  }
  int64_t sum = 0;
  reader.ReadNamedMap(field, [&](const std::string& name, const Field& child) {
    int64_t weight = 0;
    reader.ReadInteger(child, 0, kMostWeight, weight);
    sum += reader.IsSound(child.path) ? weight : 1;
    if (mix.size() == kMostParts) return reader.Fault(child, fmt::format("wanted at most {} parts", kMostParts));
    add({child.node, child.path, child.key_place, child.key_place}, name, weight, mix);
  });
  if (mix.empty()) {
    if (field.node.keys.empty()) reader.Fault(field, fmt::format("empty, wanted {}", wanted));
    return;
  }
  if (sum == 0) return reader.Complain(field.path, "all weights are 0, wanted one above");
  out = std::move(mix);
}

std::pair<Comparison::Sign, std::string_view> SplitSign(std::string_view text) {
  using Sign = Comparison::Sign;
  constexpr std::pair<std::string_view, Sign> kSigns[] = {
      {"<=", Sign::kAtMost}, {">=", Sign::kAtLeast}, {"<", Sign::kLess}, {">", Sign::kMore}, {"=", Sign::kIs}};
  for (const auto& [sign, meaning] : kSigns) {
    if (!text.starts_with(sign)) continue;
    text.remove_prefix(sign.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return {meaning, text};
  }
  return {Sign::kIs, text};
}

// Whether 1 + value is a Decimal.
bool HasRoomForOneMore(const Decimal& value) {
  return value.scale() < 18 && value.digits() < 900'000'000'000'000'000;  // 10^17 and that are 10^18
}

// The digits after the point.
int Decimals(std::string_view number) {
  const size_t point = number.find('.');
  if (point == std::string_view::npos) return 0;
  return static_cast<int>(number.size() - point) - (number.ends_with('%') ? 2 : 1);
}

}  // namespace

absl::StatusOr<TestTime> ParseTestTime(std::string_view text) {
  std::string_view offset = text;
  if (offset.starts_with('+')) offset.remove_prefix(1);
  const absl::StatusOr<absl::Duration> duration = ParseDuration(offset);
  if (duration.ok()) return TestTime{*duration, {}};
  TestTime time;
  std::string ignored;
  if (absl::ParseTime(absl::RFC3339_full, absl::string_view(text.data(), text.size()), &time.time, &ignored)) {
    return time;
  }
  return absl::InvalidArgumentError(fmt::format("{}, wanted a time since the start such as 2h3m", Quoted(text)));
}

void ReadTestTime(const Field& field, YamlReader& reader, std::optional<TestTime>& out) {
  const std::optional<std::string> text = reader.Scalar(field, "a time since the start such as 2h3m");
  if (!text) return;
  const absl::StatusOr<TestTime> time = ParseTestTime(*text);
  if (!time.ok()) return reader.Fault(field, MessageOf(time.status()));
  out = *time;
}

std::string TestTimeText(const TestTime& time) {
  if (time.offset) return "+" + DurationText(*time.offset);
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time.time, absl::UTCTimeZone());
}

void ReadShare(const Field& field, YamlReader& reader, Decimal& out) {
  constexpr std::string_view kWanted = "a share from 0 to 1, such as 0.05 or 5%";
  Decimal share;
  reader.ReadDecimal(field, kWanted, share);
  if (!reader.IsSound(field.path)) return;
  if (Decimal::FromParts(1, 0) < share) {
    return reader.Fault(field, fmt::format("{}, wanted {}", share.ToString(), kWanted));
  }
  out = share;
}

void ReadComparison(const Field& field, Number number, YamlReader& reader, std::optional<Comparison>& out) {
  const std::string wanted = fmt::format("a number, alone or after <, <=, > or >=, such as {}",
                                         number == Number::kShare ? "\"<90%\"" : "\">14.4\"");
  const std::optional<std::string> text = reader.Scalar(field, wanted);
  if (!text) return;
  Comparison comparison;
  comparison.text = *text;
  auto [sign, digits] = SplitSign(*text);
  comparison.sign = sign;
  comparison.is_negative = number == Number::kShare && digits.starts_with('-');
  if (comparison.is_negative) digits.remove_prefix(1);
  const bool percent = digits.ends_with('%');
  const absl::StatusOr<Decimal> value = Decimal::Parse(digits);
  const bool fits = value.ok() && (!comparison.is_negative || HasRoomForOneMore(*value));
  if (!fits || (percent && number == Number::kPlain)) {
    return reader.Fault(field, fmt::format("{}, wanted {}", Quoted(*text), wanted));
  }
  comparison.value = *value;
  comparison.decimals = Decimals(digits) + (percent ? 2 : 0);
  out = std::move(comparison);
}

void ReadAnswerMix(const Field& field, YamlReader& reader, Mix<Answer>& out) {
  ReadMix<Answer>(field, "a status such as 503, or a map of statuses to weights", ParseAnswer, reader, out);
}

void ReadLatencyMix(const Field& field, YamlReader& reader, Mix<std::optional<absl::Duration>>& out) {
  ReadMix<std::optional<absl::Duration>>(field, "a latency such as 80ms, or a map of latencies to weights",
                                         ParseLatency, reader, out);
}

}  // namespace firebreak
