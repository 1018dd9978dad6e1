#include "engine/slo.h"

namespace firebreak {

std::string_view SloName(Slo slo) { return slo == Slo::kAvailability ? "availability" : "latency"; }

SloCounts CountsFor(Slo slo, const Counts& counts) {
  if (slo == Slo::kAvailability) return {counts.bad, counts.total};
  return {counts.slow, counts.timed};
}

Decimal ObjectiveFor(Slo slo, const Tier& tier) {
  return slo == Slo::kAvailability ? tier.objective : LatencyObjective();
}

Decimal BurnFor(Slo slo, const Tier& tier, size_t pair) {
  return slo == Slo::kAvailability ? tier.burn[pair] : tier.latency_burn[pair];
}

bool HasSlo(Slo slo, const Tier& tier) { return slo == Slo::kAvailability || tier.latency_limit.has_value(); }

}  // namespace firebreak
