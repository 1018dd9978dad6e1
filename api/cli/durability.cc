#include "api/cli/durability.h"

#include <string>

#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

constexpr std::string_view kIntervalPrefix = "interval=";
constexpr absl::Duration kShortestInterval = absl::Milliseconds(10);
constexpr absl::Duration kLongestInterval = absl::Minutes(1);

absl::Status Unknown(std::string_view text) {
  return absl::InvalidArgumentError(fmt::format("--durability {}: wanted always, interval=1s or none", text));
}

}  // namespace

absl::StatusOr<Durability> ParseDurability(std::string_view text) {
  if (text == "always") return Durability{Durability::Mode::kAlways};
  if (text == "none") return Durability{Durability::Mode::kNone};
  if (!text.starts_with(kIntervalPrefix)) return Unknown(text);
  const absl::StatusOr<absl::Duration> interval = ParseDuration(text.substr(kIntervalPrefix.size()));
  if (!interval.ok()) return Unknown(text);
  if (*interval < kShortestInterval || *interval > kLongestInterval) {
    return absl::InvalidArgumentError(fmt::format("--durability {}: wanted an interval from {} to {}", text,
                                                  DurationText(kShortestInterval), DurationText(kLongestInterval)));
  }
  return Durability{Durability::Mode::kInterval, *interval};
}

}  // namespace firebreak
