#include "engine/latency_buckets.h"

#include <algorithm>

#include "fmt/format.h"

namespace firebreak {

std::vector<absl::Duration> LatencyBucketBounds(const Config& config) {
  std::vector<absl::Duration> bounds;
  for (int milliseconds : {100, 250, 500, 750, 1000, 1500, 2500, 5000, 10000, 30000}) {
    bounds.push_back(absl::Milliseconds(milliseconds));
  }
  for (const Tier& tier : config.tiers) {
    if (tier.latency_limit) bounds.push_back(*tier.latency_limit);
  }
  std::sort(bounds.begin(), bounds.end());
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  return bounds;
}

std::string LatencyBoundsText(const std::vector<absl::Duration>& bounds) {
  std::string text;
  for (absl::Duration bound : bounds) {
    text += fmt::format("{}{}", text.empty() ? "" : " ", absl::FormatDuration(bound));
  }
  return text;
}

int LatencyBucketOf(const std::vector<absl::Duration>& bounds, absl::Duration latency) {
  return static_cast<int>(std::lower_bound(bounds.begin(), bounds.end(), latency) - bounds.begin());
}

}  // namespace firebreak
