#ifndef FIREBREAK_RULES_DECIMAL_H_
#define FIREBREAK_RULES_DECIMAL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace firebreak {

// An exact, non-negative decimal number: digits / 10^scale.
// Objectives and burn rates are decimals, so that thresholds are compared without rounding (see threshold.h).
//   (1) At most 18 significant digits and at most 18 digits after the point.
//   (2) Kept in lowest form: digits is not a multiple of ten unless scale is 0. Hence equal numbers are equal members.
// A value type; thread-compatible.
class Decimal {
 public:
  constexpr Decimal() = default;

  // Reads "14.4", "0.999", "6", ".5" or "99.9%" (the percent sign divides by 100 exactly). No sign, no exponent.
  // Errors: InvalidArgument that says what was wanted.
  static absl::StatusOr<Decimal> Parse(std::string_view text);

  // REQUIRES: digits in [0, 10^18), scale in [0, 18].
  static Decimal FromParts(int64_t digits, int scale);

  int64_t digits() const { return digits_; }
  int scale() const { return scale_; }

  // 1 - *this, exactly. REQUIRES: *this <= 1.
  Decimal OneMinus() const;

  // *this * 100, for showing a ratio as a percentage: exact, without a percent sign ("1.44"). May need 20 digits.
  std::string ToPercentString() const;
  // The shortest exact form: "14.4", "6", "0.001".
  std::string ToString() const;
  // The nearest double. For showing only.
  double ToDouble() const;

  friend bool operator==(const Decimal&, const Decimal&) = default;
  friend bool operator<(const Decimal& a, const Decimal& b);

 private:
  int64_t digits_ = 0;
  int scale_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_DECIMAL_H_
