#include "rules/import/burn_of_budget.h"

namespace firebreak {

std::optional<BurnOfBudget> BurnThatSpends(const Decimal& percent, absl::Duration period, absl::Duration window) {
  constexpr int kDigits = 12;
  constexpr int64_t kMost = 1'000'000;
  using Wide = unsigned __int128;  // percent < 10^18, period < 10^8 s, so all products stay below 10^30
  const Wide numerator = static_cast<Wide>(percent.digits()) * static_cast<Wide>(period / absl::Seconds(1));
  Wide denominator = static_cast<Wide>(window / absl::Seconds(1)) * 100;
  for (int i = 0; i < percent.scale(); ++i) denominator *= 10;
  if (numerator / denominator >= kMost) return std::nullopt;
  int64_t digits = static_cast<int64_t>(numerator / denominator);
  Wide rest = numerator % denominator;
  for (int i = 0; i < kDigits; ++i) {
    rest *= 10;
    digits = digits * 10 + static_cast<int64_t>(rest / denominator);
    rest %= denominator;
  }
  if (digits == 0) return std::nullopt;
  return BurnOfBudget{Decimal::FromParts(digits, kDigits), rest == 0};
}

}  // namespace firebreak
