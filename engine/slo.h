#ifndef FIREBREAK_ENGINE_SLO_H_
#define FIREBREAK_ENGINE_SLO_H_

#include <cstdint>
#include <string_view>

#include "rules/config.h"
#include "storage/counts.h"

namespace firebreak {

// The two promises a tier can make: enough requests succeed, and enough of them are fast.
enum class Slo : uint8_t { kAvailability, kLatency };
std::string_view SloName(Slo slo);  // "availability", "latency": the label `slo`

// What an SLO counts of a window: failed of all, or slow of timed.
struct SloCounts {
  int64_t bad = 0;
  int64_t total = 0;
};
SloCounts CountsFor(Slo slo, const Counts& counts);

// The share that must be good. REQUIRES: the tier makes that promise.
Decimal ObjectiveFor(Slo slo, const Tier& tier);

// The burn rate above which pair number `pair` alerts.
Decimal BurnFor(Slo slo, const Tier& tier, size_t pair);

// Whether the tier makes that promise.
bool HasSlo(Slo slo, const Tier& tier);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_SLO_H_
