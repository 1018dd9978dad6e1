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
#include "storage/time_ranges.h"

namespace firebreak {

// Counts since the process began, or the ledger that they were restored from: for /metrics, they only grow.
struct CumulativeCounts {
  std::array<int64_t, kStatusKinds> by_status{};
  std::vector<int64_t> latency_buckets;  // not cumulative over buckets; one more than there are bounds (+Inf)
  double latency_seconds = 0;
  int64_t retries = 0;
  Counts counts;  // what the SLOs count. Since the process began: no ledger keeps it
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
//   (4) Counting takes two steps: Admit decides, finally, and Count counts. Between the two a batch can be made
//       durable; what could not be is abandoned, and was never counted.
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

  // What was admitted and is neither counted nor abandoned yet: no later admission may take its room. Kept for all
  // series together, so that a counter may be called full a little early, never too late.
  class InFlight {
   public:
    void Add(const Delta& delta);
    void Remove(const Delta& delta);
    const Counts& counts() const { return counts_; }
    std::optional<int64_t> newest_slot() const { return newest_slot_; }

   private:
    int64_t deltas_ = 0;
    Counts counts_;
    std::optional<int64_t> newest_slot_;  // of those since there was nothing in flight
  };

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

  // Decides about one delta and counts nothing: kLate (older than every level) and kOverflow (a series would hold 2^40
  // requests or more) refuse it; kCounted admits it, names the endpoint it will count at (kOtherEndpoint beyond the
  // cap) and keeps that one's place until Count or Abandon.
  // REQUIRES: delta.tier < num_tiers(), delta.source < kSourceKinds, every latency bucket < Options::latency_buckets
  // (or what Reconfigure said last), no negative count, bad_codes sum to at most counts.bad.
  ApplyResult Admit(Delta& delta, const InFlight& in_flight);
  // Counts an admitted delta in all its series. What no ring holds any more since the head moved on is in the
  // cumulative counts only. REQUIRES: as Admit, where Reconfigure was called since.
  void Count(const Delta& delta);
  // Counts in the series of a tier alone, in one step: where neither endpoints nor causes are known.
  ApplyResult CountTier(int tier, int source, int64_t slot, const Counts& counts);
  // Gives up an admitted delta: its tier now, and the endpoint that was named then.
  void Abandon(int tier, const std::string& endpoint);
  // Both steps at once, with nothing in flight.
  ApplyResult Apply(Delta delta);

  // --- After a restart: what a ledger kept is put back by name, each series by itself (a tier is not added up from its
  // endpoints). Windows then read as if there had been no restart. Call AdvanceTo first, with the time the rings were
  // at; rows of a series should come in ascending time. They answer kLate for what no ring holds any more.

  ApplyResult RestoreTier(int tier, int source, const CountRow& row);
  ApplyResult RestoreEndpoint(int tier, std::string_view endpoint, int source, const CountRow& row);
  // `row.counts.bad` bad requests answered `code`.
  ApplyResult RestoreCause(int tier, int source, int code, const CountRow& row);
  // Replaces the cumulative counts. Buckets left out at the end are zero; none, or more than there are, start anew.
  void RestoreCumulative(int tier, std::string_view endpoint, int source, CumulativeCounts cumulative);
  // Gives an endpoint a place, also beyond the cap, as the restoring calls do.
  void PlaceEndpoint(int tier, std::string_view endpoint);

  int num_tiers() const;
  // Endpoints of a tier that have been seen or are configured, by index from 0; kOtherEndpoint may be among them.
  int num_endpoints(int tier) const;
  std::string_view endpoint_name(int tier, int endpoint) const;

  // Window sums as RingLadder::Sum. `end` must be on the finest grid.
  Counts TierSum(int tier, int source, absl::Time end, absl::Duration window) const;
  Counts EndpointSum(int tier, int endpoint, int source, absl::Time end, absl::Duration window) const;
  // What of these windows lies in `ranges`, as RingLadder::SumInside: never more than the sum.
  Counts TierSumInside(int tier, int source, absl::Time end, absl::Duration window, const TimeRanges& ranges) const;
  Counts EndpointSumInside(int tier, int endpoint, int source, absl::Time end, absl::Duration window,
                           const TimeRanges& ranges) const;
  // Bad requests outside of `without` by cause code, in no special order; only those that are not zero.
  // REQUIRES: window <= Options::longest_cause_window.
  std::vector<std::pair<int, int64_t>> CauseSums(int tier, int source, absl::Time end, absl::Duration window,
                                                 const TimeRanges& without = {}) const;

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
