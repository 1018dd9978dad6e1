#ifndef FIREBREAK_STORAGE_TRAFFIC_STORE_H_
#define FIREBREAK_STORAGE_TRAFFIC_STORE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "storage/counts.h"
#include "storage/delta.h"
#include "storage/ladder_shape.h"
#include "storage/ring_ladder.h"

namespace firebreak {

// Counts since the process began, for /metrics: they only grow.
struct CumulativeCounts {
  std::array<int64_t, kStatusKinds> by_status{};
  std::vector<int64_t> latency_buckets;  // not cumulative over buckets; one more than there are bounds (+Inf)
  double latency_seconds = 0;
  int64_t retries = 0;
};

// A TrafficStore holds the counts of all series: a RingLadder for each tier × source and for each endpoint × source of
// a tier, a ring of causes (what bad requests answered) for each tier × source, and the cumulative counts.
//   (1) A tier has a cap of endpoints, of both sources together. Configured endpoints always have their place; others
//       take what is left, first come first served; the rest are counted under kOtherEndpoint, which takes no place.
//       Every event counts in its tier.
//   (2) At most 32 causes are told apart for each tier × source; the rest are kOtherCause. A cause that was not seen
//   for
//       longer than any window reaches back makes room for another.
//   (3) The head of time never moves back, and all series share it: whether an event is late depends on the newest time
//       the store has seen, never on the series.
// It knows no rule, no alert and no clock. Thread-compatible; it belongs to the engine thread.
class TrafficStore {
 public:
  struct TierSpec {
    std::string name;
    int max_endpoints = 1000;
    std::vector<std::string> endpoints;  // configured by exact name
  };
  struct Options {
    LadderShape shape;
    absl::Duration longest_cause_window = absl::Hours(6);  // causes are kept this long
    int latency_buckets = 0;                               // histogram buckets a Delta may name, +Inf included
  };
  enum class ApplyResult { kCounted, kLate, kOverflow };

  static constexpr std::string_view kOtherEndpoint = "__other__";
  static constexpr int kOtherCause = 0;

  TrafficStore(Options options, const std::vector<TierSpec>& tiers);
  TrafficStore(TrafficStore&&) noexcept;
  TrafficStore& operator=(TrafficStore&&) noexcept;
  ~TrafficStore();

  // Takes over the tiers of a new configuration. Tiers keep their counts by name; a tier that is gone takes its counts
  // with it; a new one starts empty. Cumulative counts of a tier that stays go on; latency buckets are reset when their
  // number changed. Endpoints that have counts keep their place even if the new cap is lower; one that is now
  // configured in another tier starts empty there. Endpoint indexes may change.
  // REQUIRES: neither the ladder shape nor the longest cause window changes (the caller makes a new store then).
  void Reconfigure(const std::vector<TierSpec>& tiers, int latency_buckets);

  // Starts every latency histogram and sum anew: for buckets of other bounds, though of the same number.
  void ResetHistograms();

  // Moves the head of time to `now` if that is later. O(1): series follow when they are touched.
  void AdvanceTo(absl::Time now);

  // Counts one delta in all its series, or in none: kLate (older than every level) and kOverflow (a series would hold
  // 2^40 requests or more) change nothing, the cumulative counts included.
  // REQUIRES: delta.tier < num_tiers(), delta.source < kSourceKinds, every latency bucket < Options::latency_buckets
  // (or what Reconfigure said last), no negative count, bad_codes sum to at most counts.bad.
  ApplyResult Apply(const Delta& delta);

  int num_tiers() const;
  // Endpoints of a tier that have been seen or are configured, by index from 0; kOtherEndpoint may be among them.
  int num_endpoints(int tier) const;
  std::string_view endpoint_name(int tier, int endpoint) const;

  // Window sums as RingLadder::Sum. `end` must be on the finest grid.
  Counts TierSum(int tier, int source, absl::Time end, absl::Duration window) const;
  Counts EndpointSum(int tier, int endpoint, int source, absl::Time end, absl::Duration window) const;
  // Bad requests by cause code, in no special order; only those that are not zero.
  // REQUIRES: window <= Options::longest_cause_window.
  std::vector<std::pair<int, int64_t>> CauseSums(int tier, int source, absl::Time end, absl::Duration window) const;

  // Earliest and latest finest slot end of anything counted, for a tier × source. Absent before the first event.
  std::optional<absl::Time> FirstEvent(int tier, int source) const;
  std::optional<absl::Time> LastEvent(int tier, int source) const;

  // nullptr where nothing has been counted.
  const CumulativeCounts* Cumulative(int tier, int endpoint, int source) const;

  size_t memory_bytes() const;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_TRAFFIC_STORE_H_
