#include "rules/testfile/series_values.h"

#include <algorithm>
#include <charconv>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "rules/quoted.h"

namespace firebreak {
namespace {

using Samples = std::vector<std::optional<int64_t>>;

constexpr int64_t kLargest = 9'000'000'000'000'000;  // below 2^53: exact in Prometheus' doubles, too
constexpr std::string_view kDigits = "0123456789";

// Takes a whole number off the beginning of `text`; nullopt when there is none or it is too large.
std::optional<int64_t> TakeNumber(std::string_view& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = !text.empty() && kDigits.find(text.front()) != std::string_view::npos;
  if (!is_number || error != std::errc() || value > kLargest) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

bool TakeChar(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

absl::Status Fault(std::string_view word) {
  return absl::InvalidArgumentError(fmt::format(
      "{}, wanted whole numbers from 0 on as in \"0+5x60 _x3 stale\" (Prometheus' notation: start+stepxtimes)",
      Quoted(word)));
}

absl::Status TooMany() {
  return absl::InvalidArgumentError(fmt::format("more than {} samples, wanted fewer", kMaxSamples));
}

// The step of "+5" or "-5"; 0 where the word goes on with "x" at once.
std::optional<int64_t> TakeStep(std::string_view& word) {
  if (word.starts_with('x')) return 0;
  const bool down = word.starts_with('-');
  if (!TakeChar(word, '+') && !TakeChar(word, '-')) return std::nullopt;
  const std::optional<int64_t> step = TakeNumber(word);
  if (!step) return std::nullopt;
  return down ? -*step : *step;
}

absl::Status AddRun(std::string_view word, Samples& samples) {
  std::string_view rest = word;
  const std::optional<int64_t> first = TakeNumber(rest);
  if (!first) return Fault(word);
  if (rest.empty()) return samples.emplace_back(*first), absl::OkStatus();
  const std::optional<int64_t> step = TakeStep(rest);
  if (!step || !TakeChar(rest, 'x')) return Fault(word);
  const std::optional<int64_t> times = TakeNumber(rest);
  if (!times || !rest.empty()) return Fault(word);
  if (*times >= kMaxSamples) return TooMany();
  int64_t last = 0;
  if (__builtin_mul_overflow(*step, *times, &last) || __builtin_add_overflow(last, *first, &last) || last < 0 ||
      last > kLargest) {
    return Fault(word);
  }
  for (int64_t i = 0; i <= *times; ++i) samples.emplace_back(*first + *step * i);
  return absl::OkStatus();
}

absl::Status AddGap(std::string_view word, Samples& samples) {
  std::string_view rest = word.substr(1);
  int64_t times = 1;
  if (!rest.empty()) {
    if (!TakeChar(rest, 'x')) return Fault(word);
    const std::optional<int64_t> number = TakeNumber(rest);
    if (!number || !rest.empty()) return Fault(word);
    times = *number;
  }
  if (times >= kMaxSamples) return TooMany();
  samples.insert(samples.end(), static_cast<size_t>(times), std::nullopt);
  return absl::OkStatus();
}

absl::Status AddWord(std::string_view word, Samples& samples) {
  if (word == "stale") return samples.emplace_back(), absl::OkStatus();
  return word.starts_with('_') ? AddGap(word, samples) : AddRun(word, samples);
}

// --- Selectors

constexpr std::string_view kSpace = " \t";

void SkipSpace(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size())); }

std::string TakeName(std::string_view& text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789";
  const size_t length = std::min(text.find_first_not_of(kLetters), text.size());
  std::string name(text.substr(0, length));
  text.remove_prefix(length);
  return name;
}

// A text in double quotes; nullopt when there is none or it does not end.
std::optional<std::string> TakeQuoted(std::string_view& text) {
  if (!TakeChar(text, '"')) return std::nullopt;
  std::string value;
  while (!text.empty()) {
    char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return value;
    if (c == '\\') {
      if (text.empty()) return std::nullopt;
      c = text.front() == 'n' ? '\n' : text.front();
      if (c != '\n' && c != '\\' && c != '"') return std::nullopt;
      text.remove_prefix(1);
    }
    value += c;
  }
  return std::nullopt;
}

absl::Status SelectorFault(std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("{}, wanted a series such as name{{label=\"value\", other=\"value\"}}", Quoted(text)));
}

}  // namespace

absl::StatusOr<Samples> ParseSeriesValues(std::string_view text) {
  Samples samples;
  SkipSpace(text);
  while (!text.empty()) {
    const size_t length = std::min(text.find_first_of(kSpace), text.size());
    if (absl::Status status = AddWord(text.substr(0, length), samples); !status.ok()) return status;
    if (static_cast<int64_t>(samples.size()) > kMaxSamples) return TooMany();
    text.remove_prefix(length);
    SkipSpace(text);
  }
  return samples;
}

absl::StatusOr<SeriesSelector> ParseSeriesSelector(std::string_view text) {
  std::string_view rest = text;
  SeriesSelector selector;
  SkipSpace(rest);
  selector.name = TakeName(rest);
  SkipSpace(rest);
  if (selector.name.empty()) return SelectorFault(text);
  if (rest.empty()) return selector;
  if (!TakeChar(rest, '{')) return SelectorFault(text);
  for (SkipSpace(rest); !TakeChar(rest, '}'); SkipSpace(rest)) {
    std::string name = TakeName(rest);
    SkipSpace(rest);
    if (name.empty() || !TakeChar(rest, '=')) return SelectorFault(text);
    SkipSpace(rest);
    std::optional<std::string> value = TakeQuoted(rest);
    if (!value) return SelectorFault(text);
    const bool twice = std::any_of(selector.labels.begin(), selector.labels.end(),
                                   [&](const auto& label) { return label.first == name; });
    if (twice) return absl::InvalidArgumentError(fmt::format("the label {} is given twice", name));
    selector.labels.emplace_back(std::move(name), *std::move(value));
    SkipSpace(rest);
    if (!TakeChar(rest, ',') && !rest.starts_with('}')) return SelectorFault(text);
  }
  SkipSpace(rest);
  if (!rest.empty()) return SelectorFault(text);
  return selector;
}

}  // namespace firebreak
