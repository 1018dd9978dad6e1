#ifndef FIREBREAK_ENGINE_LATENCY_BUCKETS_H_
#define FIREBREAK_ENGINE_LATENCY_BUCKETS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "rules/config.h"

namespace firebreak {

// The upper bounds of the latency histogram in /metrics: the article's buckets (0.1 s to 30 s) and the latency limit of
// every tier, sorted, each once. A bucket holds what is at most its bound; one more, +Inf, holds the rest.
std::vector<absl::Duration> LatencyBucketBounds(const Config& config);

// The bounds as a text, "100ms 250ms …": equal texts number the same buckets, also after a restart.
std::string LatencyBoundsText(const std::vector<absl::Duration>& bounds);

// The bucket of `latency`: an index into `bounds`, or bounds.size() for +Inf.
int LatencyBucketOf(const std::vector<absl::Duration>& bounds, absl::Duration latency);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LATENCY_BUCKETS_H_
