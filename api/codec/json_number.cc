#include "api/codec/json_number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "absl/strings/charconv.h"

namespace firebreak {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads the parts of a number from left to right; each returns false if what is there is not such a part.
class NumberScanner {
 public:
  explicit NumberScanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // [ "-" ] ( "0" / digit1-9 *DIGIT )
  bool Integer() {
    if (at_ < end_ && *at_ == '-') ++at_;
    const char* const first = at_;
    return Digits() && (*first != '0' || at_ == first + 1);
  }

  // "." 1*DIGIT
  bool Fraction() {
    ++at_;
    const char* const first = at_;
    if (!Digits()) return false;
    places_ = at_ - first;
    return true;
  }

  // "e" [ "+" / "-" ] 1*DIGIT
  bool Exponent() {
    ++at_;
    if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    return Digits();
  }

  bool AtEnd() const { return at_ == end_; }
  bool AtPoint() const { return at_ < end_ && *at_ == '.'; }
  bool AtExponent() const { return at_ < end_ && (*at_ == 'e' || *at_ == 'E'); }

  // All digits as one integer, right while there are 18 at most.
  uint64_t digits() const { return digits_; }
  ptrdiff_t places() const { return places_; }

 private:
  bool Digits() {
    const char* const first = at_;
    for (; at_ < end_ && IsDigit(*at_); ++at_) digits_ = digits_ * 10 + static_cast<uint64_t>(*at_ - '0');
    return at_ != first;
  }

  const char* at_;
  const char* const end_;
  uint64_t digits_ = 0;
  ptrdiff_t places_ = 0;
};

int64_t ToInteger(std::string_view text, const NumberScanner& scan) {
  const auto digits = static_cast<int64_t>(scan.digits());
  if (text.size() <= 18) return text[0] == '-' ? -digits : digits;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc()) return value;
  return text[0] == '-' ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

// Both operands are exact in a double, hence the quotient is right. REQUIRES: 15 digits at most.
double ShortDecimal(std::string_view text, const NumberScanner& scan) {
  static constexpr std::array<double, 16> kPowers = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  double value = static_cast<double>(static_cast<int64_t>(scan.digits()));
  if (scan.places() > 0) value /= kPowers[scan.places()];
  return text[0] == '-' ? -value : value;
}

// absl::from_chars tells numbers too small for a double from those too large for one.
bool LongDecimal(std::string_view text, double& value) {
  const absl::from_chars_result result = absl::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec != std::errc::result_out_of_range || std::abs(value) < 1;
}

}  // namespace

bool ParseJsonNumber(std::string_view text, JsonNumber& number) {
  NumberScanner scan(text);
  if (!scan.Integer()) return false;
  number.is_integer = scan.AtEnd();
  if (number.is_integer) number.integer = ToInteger(text, scan);
  if (scan.AtPoint() && !scan.Fraction()) return false;
  if (text.size() <= 15 && scan.AtEnd()) {
    number.value = ShortDecimal(text, scan);
    return true;
  }
  if (scan.AtExponent() && !scan.Exponent()) return false;
  return scan.AtEnd() && LongDecimal(text, number.value);
}

}  // namespace firebreak
