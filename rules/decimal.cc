#include "rules/decimal.h"

#include <cassert>
#include <charconv>
#include <optional>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "rules/quoted.h"
#include "rules/scaled_text.h"

namespace firebreak {
namespace {

constexpr int kMaxDigits = 18;

int64_t PowerOfTen(int exponent) {
  int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

bool AllDigits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

// What was written, cut at its point.
struct Written {
  std::string_view whole;
  std::string_view fraction;
};

// nullopt unless text is "1", "1.5" or ".5".
std::optional<Written> Split(std::string_view text) {
  const size_t point = text.find('.');
  Written written{text.substr(0, point), {}};
  if (point != std::string_view::npos) {
    written.fraction = text.substr(point + 1);
    if (written.fraction.empty()) return std::nullopt;
  }
  if (written.whole.empty() && written.fraction.empty()) return std::nullopt;
  if (!AllDigits(written.whole) || !AllDigits(written.fraction)) return std::nullopt;
  return written;
}

// The digits that matter, without zeros at either end; `scale` is where the point stands, and may be negative.
struct Significant {
  std::string digits;
  int scale = 0;
};

Significant Reduce(const Written& written, int extra_scale) {
  std::string digits = std::string(written.whole).append(written.fraction);
  const size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return {};
  const size_t last = digits.find_last_not_of('0');
  const int trimmed = static_cast<int>(digits.size() - 1 - last);
  return {digits.substr(first, last - first + 1), static_cast<int>(written.fraction.size()) + extra_scale - trimmed};
}

// Longer texts are never a number somebody meant, and need no quoting in full.
constexpr size_t kMaxTextLength = 256;

absl::Status NotADecimal(std::string_view text, std::string_view wanted) {
  return absl::InvalidArgumentError(fmt::format("{} is not {}", Quoted(text), wanted));
}

}  // namespace

absl::StatusOr<Decimal> Decimal::Parse(std::string_view text) {
  std::string_view number = text;
  int extra_scale = 0;
  if (number.ends_with('%')) {
    number.remove_suffix(1);
    extra_scale = 2;
  }
  const std::optional<Written> written = number.size() <= kMaxTextLength ? Split(number) : std::nullopt;
  if (!written.has_value()) return NotADecimal(text, "a decimal number such as 0.999 or 99.9%");

  Significant significant = Reduce(*written, extra_scale);
  if (significant.scale < 0) {
    significant.digits.append(static_cast<size_t>(-significant.scale), '0');
    significant.scale = 0;
  }
  if (significant.digits.size() > kMaxDigits || significant.scale > kMaxDigits) {
    return NotADecimal(text, "a number of at most 18 significant digits and 18 digits after the point");
  }
  int64_t digits = 0;
  for (const char c : significant.digits) digits = digits * 10 + (c - '0');
  return FromParts(digits, significant.scale);
}

Decimal Decimal::FromParts(int64_t digits, int scale) {
  assert(digits >= 0 && digits < PowerOfTen(kMaxDigits));
  assert(scale >= 0 && scale <= kMaxDigits);
  if (digits == 0) scale = 0;
  for (; scale > 0 && digits % 10 == 0; --scale) digits /= 10;
  Decimal decimal;
  decimal.digits_ = digits;
  decimal.scale_ = scale;
  return decimal;
}

Decimal Decimal::OneMinus() const {
  const int64_t one = PowerOfTen(scale_);
  assert(digits_ <= one);
  return FromParts(one - digits_, scale_);
}

std::string Decimal::ToPercentString() const { return ScaledText(static_cast<uint64_t>(digits_), scale_ - 2); }

std::string Decimal::ToString() const { return ScaledText(static_cast<uint64_t>(digits_), scale_); }

double Decimal::ToDouble() const {
  // Read from the text, since a quotient of two doubles is not always the nearest one.
  const std::string text = ToString();
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool operator<(const Decimal& a, const Decimal& b) {
  // Below 10^36, which 128 bits hold.
  const __int128 left = static_cast<__int128>(a.digits_) * PowerOfTen(b.scale_);
  const __int128 right = static_cast<__int128>(b.digits_) * PowerOfTen(a.scale_);
  return left < right;
}

}  // namespace firebreak
