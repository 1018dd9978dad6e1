#include "engine/offenders.h"

#include <algorithm>
#include <array>

#include "engine/burn_rate.h"

namespace firebreak {
namespace {

constexpr std::array<Slo, 2> kSlos = {Slo::kAvailability, Slo::kLatency};

class Gatherer {
 public:
  Gatherer(const Evaluation& evaluation, absl::Duration window) : evaluation_(evaluation), window_(window) {}

  void AddTier(int tier) {
    const Tier& promised = evaluation_.config.tiers[static_cast<size_t>(tier)];
    const Counts period = TierCounts(tier, promised);
    for (int endpoint = 0; endpoint < evaluation_.traffic.num_endpoints(tier); ++endpoint) {
      const Counts counts = EndpointCounts(tier, endpoint, promised);
      for (const Slo slo : kSlos) {
        if (HasSlo(slo, promised)) Add(tier, endpoint, slo, CountsFor(slo, counts), CountsFor(slo, period).total);
      }
    }
  }

  std::vector<Offender> Take() { return std::move(found_); }

 private:
  const TimeRanges& Maintenance(int tier) const { return evaluation_.maintenance[static_cast<size_t>(tier)].now; }

  Counts TierCounts(int tier, const Tier& promised) const {
    const int source = static_cast<int>(promised.slo_source);
    const absl::Duration period = evaluation_.config.period;
    return evaluation_.traffic.TierSum(tier, source, evaluation_.end, period) -
           evaluation_.traffic.TierSumInside(tier, source, evaluation_.end, period, Maintenance(tier));
  }

  Counts EndpointCounts(int tier, int endpoint, const Tier& promised) const {
    const int source = static_cast<int>(promised.slo_source);
    return evaluation_.traffic.EndpointSum(tier, endpoint, source, evaluation_.end, window_) -
           evaluation_.traffic.EndpointSumInside(tier, endpoint, source, evaluation_.end, window_, Maintenance(tier));
  }

  void Add(int tier, int endpoint, Slo slo, const SloCounts& counts, int64_t tier_total) {
    if (counts.total == 0) return;
    const Decimal objective = ObjectiveFor(slo, evaluation_.config.tiers[static_cast<size_t>(tier)]);
    const double allowed = AllowedBad(tier_total, objective);
    found_.push_back({tier, std::string(evaluation_.traffic.endpoint_name(tier, endpoint)), slo, counts,
                      allowed > 0 ? static_cast<double>(counts.bad) / allowed : 0});
  }

  const Evaluation& evaluation_;
  const absl::Duration window_;
  std::vector<Offender> found_;
};

bool BurntMore(const Offender& a, const Offender& b) {
  if (a.burnt != b.burnt) return a.burnt > b.burnt;
  return a.counts.total > b.counts.total;
}

}  // namespace

std::vector<Offender> Offenders(const Evaluation& evaluation, absl::Duration window, size_t limit) {
  Gatherer gatherer(evaluation, window);
  for (int tier = 0; tier < evaluation.traffic.num_tiers(); ++tier) gatherer.AddTier(tier);
  std::vector<Offender> found = gatherer.Take();
  std::stable_sort(found.begin(), found.end(), BurntMore);
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace firebreak
