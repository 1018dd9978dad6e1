#include "rules/wording.h"

#include <cmath>

#include "fmt/format.h"
#include "rules/scaled_text.h"

namespace firebreak {
namespace {

std::string Amount(double value, std::string_view unit) {
  const double tenths = std::round(value * 10) / 10;
  return fmt::format("{} {}{}", tenths, unit, tenths == 1 ? "" : "s");
}

}  // namespace

std::string LatencyText(absl::Duration latency) {
  return ScaledText(static_cast<uint64_t>(absl::ToInt64Nanoseconds(latency)), 6) + " ms";
}

std::string BudgetLastsText(absl::Duration period, const Decimal& burn) {
  const double hours = absl::ToDoubleHours(period) / burn.ToDouble();
  if (hours >= 72) return Amount(hours / 24, "day");
  if (hours >= 1) return Amount(hours, "hour");
  return Amount(hours * 60, "minute");
}

std::string PeriodText(absl::Duration period) {
  const bool whole_days = period % absl::Hours(24) == absl::ZeroDuration();
  if (whole_days) return fmt::format("{}-day", period / absl::Hours(24));
  return fmt::format("{}-hour", period / absl::Hours(1));
}

}  // namespace firebreak
