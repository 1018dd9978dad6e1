#include "rules/threshold.h"

#include <cassert>
#include <charconv>
#include <compare>
#include <cstdint>
#include <limits>

#include "rules/scaled_text.h"

namespace firebreak {
namespace {

using Uint128 = unsigned __int128;

// A product of 128 and 64 bits: high * 2^128 + low.
struct Uint192 {
  uint64_t high;
  Uint128 low;

  friend auto operator<=>(const Uint192&, const Uint192&) = default;
};

Uint192 Multiply(Uint128 wide, uint64_t narrow) {
  const Uint128 low = (wide & std::numeric_limits<uint64_t>::max()) * narrow;
  const Uint128 high = (wide >> 64) * narrow + (low >> 64);
  return {static_cast<uint64_t>(high >> 64), (high << 64) | static_cast<uint64_t>(low)};
}

Uint128 PowerOfTen(int exponent) {
  Uint128 power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

}  // namespace

Threshold::Threshold(const Decimal& burn, const Decimal& objective) {
  const Decimal allowed = objective.OneMinus();
  digits_ = static_cast<Uint128>(burn.digits()) * static_cast<uint64_t>(allowed.digits());
  scale_ = burn.scale() + allowed.scale();
  // The lowest form keeps the numbers below small.
  for (; scale_ > 0 && digits_ % 10 == 0; --scale_) digits_ /= 10;
  power_ = PowerOfTen(scale_);
}

bool Threshold::ExceededBy(int64_t bad, int64_t total) const {
  assert(0 <= bad && bad <= total);
  if (bad == 0) return false;  // nor is there data when total is 0
  return Multiply(power_, static_cast<uint64_t>(bad)) > Multiply(digits_, static_cast<uint64_t>(total));
}

bool Threshold::ReachedBy(int64_t bad, int64_t total) const {
  assert(0 <= bad && bad <= total);
  if (total == 0) return false;
  return Multiply(power_, static_cast<uint64_t>(bad)) >= Multiply(digits_, static_cast<uint64_t>(total));
}

bool Threshold::CanNeverBeExceeded() const { return digits_ >= power_; }

std::string Threshold::ToPercentString() const { return ScaledText(digits_, scale_ - 2); }

double Threshold::ToDouble() const {
  const std::string text = ScaledText(digits_, scale_);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace firebreak
