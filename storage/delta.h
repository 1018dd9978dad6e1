#ifndef FIREBREAK_STORAGE_DELTA_H_
#define FIREBREAK_STORAGE_DELTA_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "storage/counts.h"

namespace firebreak {

// How many kinds of source and of status class storage tells apart. Their meaning is the rules' business
// (rules/event.h, rules/status_class.h); storage only counts by number.
inline constexpr int kSourceKinds = 2;
inline constexpr int kStatusKinds = 8;

// What one batch adds to one series in one finest slot: the unit in which counts are applied and, later, committed.
struct Delta {
  int64_t slot = 0;  // finest slot, ladder_shape.h
  int tier = 0;      // index in the TrafficStore's tiers
  int source = 0;    // < kSourceKinds
  std::string endpoint;
  int64_t events = 0;  // lines or objects this stands for, for "late" in answers; counts may be larger (Event::count)
  Counts counts;
  std::array<int64_t, kStatusKinds> by_status{};         // every request, those outside `total` too
  std::vector<std::pair<int, int64_t>> bad_codes;        // cause code -> bad requests
  std::vector<std::pair<int, int64_t>> latency_buckets;  // bucket index -> requests; TrafficStore::Options
  double latency_seconds = 0;                            // sum over the requests that carry a latency
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_DELTA_H_
