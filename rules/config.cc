#include "rules/config.h"

#include <algorithm>

namespace firebreak {

std::string_view SeverityName(Severity severity) { return severity == Severity::kPage ? "page" : "ticket"; }

Decimal LatencyObjective() { return Decimal::FromParts(95, 2); }

absl::Duration Config::LongestWindow() const {
  absl::Duration longest;
  for (const AlertPair& pair : pairs) longest = std::max(longest, pair.long_window);
  return longest;
}

}  // namespace firebreak
