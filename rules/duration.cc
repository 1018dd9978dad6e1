#include "rules/duration.h"

#include <array>
#include <cassert>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "rules/quoted.h"

namespace firebreak {
namespace {

struct Unit {
  std::string_view name;
  int64_t milliseconds;
};

// The larger unit first.
constexpr std::array<Unit, 6> kUnits = {{
    {"w", int64_t{7} * 24 * 3600 * 1000},
    {"d", int64_t{24} * 3600 * 1000},
    {"h", int64_t{3600} * 1000},
    {"m", 60 * 1000},
    {"s", 1000},
    {"ms", 1},
}};

// A hundred years: longer is a typing mistake, and sums of durations stay far from overflow.
constexpr int64_t kMaxMilliseconds = int64_t{36500} * 24 * 3600 * 1000;

// Takes the characters out of `set` off the front of `text`.
std::string_view TakeWhile(std::string_view& text, std::string_view set) {
  size_t length = text.find_first_not_of(set);
  if (length == std::string_view::npos) length = text.size();
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

// The number in milliseconds, nullopt if it is empty or above the limit.
std::optional<int64_t> Scale(std::string_view number, int64_t unit) {
  if (number.empty()) return std::nullopt;
  int64_t value = 0;
  for (const char c : number) {
    value = value * 10 + (c - '0');
    if (value > kMaxMilliseconds / unit) return std::nullopt;
  }
  return value * unit;
}

// The index of the unit named `name` at or after `first`, or nullopt.
std::optional<size_t> FindUnit(std::string_view name, size_t first) {
  for (size_t i = first; i < kUnits.size(); ++i) {
    if (kUnits[i].name == name) return i;
  }
  return std::nullopt;
}

absl::Status NotADuration(std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("{} is not a duration such as 90s, 5m, 1h30m or 30d (units ms s m h d w, the larger first, at most "
                  "36500d)",
                  Quoted(text)));
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  if (text.empty()) return NotADuration(text);
  std::string_view rest = text;
  int64_t sum = 0;
  size_t next_unit = 0;
  while (!rest.empty()) {
    const std::string_view number = TakeWhile(rest, "0123456789");
    const std::optional<size_t> unit = FindUnit(TakeWhile(rest, "smhdw"), next_unit);
    if (!unit.has_value()) return NotADuration(text);
    const std::optional<int64_t> milliseconds = Scale(number, kUnits[*unit].milliseconds);
    if (!milliseconds.has_value()) return NotADuration(text);
    sum += *milliseconds;
    if (sum > kMaxMilliseconds) return NotADuration(text);
    next_unit = *unit + 1;
  }
  return absl::Milliseconds(sum);
}

std::string DurationText(absl::Duration duration) {
  assert(duration >= absl::ZeroDuration());
  assert(absl::Trunc(duration, absl::Milliseconds(1)) == duration);
  int64_t rest = absl::ToInt64Milliseconds(duration);
  if (rest == 0) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    if (unit.name == "w") continue;  // people write 30d, not 4w2d
    if (const int64_t whole = rest / unit.milliseconds; whole > 0) text += fmt::format("{}{}", whole, unit.name);
    rest %= unit.milliseconds;
  }
  return text;
}

}  // namespace firebreak
