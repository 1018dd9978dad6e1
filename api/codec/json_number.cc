#include "api/codec/json_number.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "absl/strings/charconv.h"

namespace firebreak {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

size_t SkipDigits(std::string_view text, size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// Ends of the parts of a number; equal ends mean that the part is absent.
struct NumberShape {
  size_t integer_end;
  size_t end;
};

// integer = [ "-" ] ( "0" / digit1-9 *DIGIT )
std::optional<size_t> IntegerEnd(std::string_view text) {
  const size_t first = !text.empty() && text[0] == '-' ? 1 : 0;
  const size_t end = SkipDigits(text, first);
  if (end == first) return std::nullopt;
  if (text[first] == '0' && end > first + 1) return std::nullopt;
  return end;
}

std::optional<NumberShape> ShapeOf(std::string_view text) {
  const std::optional<size_t> integer_end = IntegerEnd(text);
  if (!integer_end) return std::nullopt;
  size_t at = *integer_end;
  if (at < text.size() && text[at] == '.') {
    const size_t end = SkipDigits(text, at + 1);
    if (end == at + 1) return std::nullopt;
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const size_t end = SkipDigits(text, at);
    if (end == at) return std::nullopt;
    at = end;
  }
  return NumberShape{*integer_end, at};
}

int64_t ClampedInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc()) return value;
  return text[0] == '-' ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

// Numbers too small for a double are as good as zero; absl::from_chars tells them from those too large for one.
std::optional<double> ToDouble(std::string_view text) {
  double value = 0;
  const absl::from_chars_result result = absl::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc::result_out_of_range && std::abs(value) >= 1) return std::nullopt;
  return value;
}

}  // namespace

std::optional<JsonNumber> ParseJsonNumber(std::string_view text) {
  const std::optional<NumberShape> shape = ShapeOf(text);
  if (!shape || shape->end != text.size()) return std::nullopt;
  JsonNumber number;
  number.is_integer = shape->integer_end == shape->end;
  if (number.is_integer) number.integer = ClampedInteger(text);
  if (number.is_integer && text.size() <= 15) {  // exact in a double
    number.value = static_cast<double>(number.integer);
    return number;
  }
  const std::optional<double> value = ToDouble(text);
  if (!value) return std::nullopt;
  number.value = *value;
  return number;
}

}  // namespace firebreak
