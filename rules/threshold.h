#ifndef FIREBREAK_RULES_THRESHOLD_H_
#define FIREBREAK_RULES_THRESHOLD_H_

#include <cstdint>
#include <string>

#include "rules/decimal.h"

namespace firebreak {

// The error ratio above which a window burns: burn * (1 - objective), kept exactly.
// At 99.9 % and 14.4x it is 0.0144: 144 bad of 10,000 are not above it, 145 are.
// A value type; thread-compatible.
class Threshold {
 public:
  // REQUIRES: objective < 1.
  Threshold(const Decimal& burn, const Decimal& objective);

  // Whether bad / total > ratio, strictly and without rounding: bad * 10^scale and total * digits are compared as
  // 192-bit integers. False when total is 0 (no data is neither above nor below). REQUIRES: 0 <= bad <= total.
  bool ExceededBy(int64_t bad, int64_t total) const;

  // Whether bad / total >= ratio, likewise.
  bool ReachedBy(int64_t bad, int64_t total) const;

  // True when no error ratio can exceed it: burn >= 1 / (1 - objective).
  bool CanNeverBeExceeded() const;

  // The ratio as an exact percentage without the sign: "1.44".
  std::string ToPercentString() const;
  // The nearest double. For showing only.
  double ToDouble() const;

 private:
  unsigned __int128 digits_;  // burn digits * (1 - objective) digits, below 10^36
  int scale_;                 // ratio = digits_ / 10^scale_, at most 36
  unsigned __int128 power_;   // 10^scale_
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_THRESHOLD_H_
