#ifndef FIREBREAK_ENGINE_BURN_RULE_H_
#define FIREBREAK_ENGINE_BURN_RULE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "engine/alert_state.h"
#include "engine/labels.h"
#include "engine/slo.h"
#include "engine/transition.h"
#include "rules/config.h"
#include "rules/threshold.h"
#include "storage/time_ranges.h"
#include "storage/traffic_store.h"

namespace firebreak {

// What a rule watches: one SLO of a tier, or of one endpoint of it, through one pair of windows. Numbers are indexes in
// the configuration and, for the endpoint, in the TrafficStore.
struct BurnSubject {
  int tier = 0;
  Slo slo = Slo::kAvailability;
  int pair = 0;
  std::optional<int> endpoint;  // alert_by: endpoint
  std::string endpoint_name;
};

// How much traffic a rule needs, in its long window, to be trusted: under that it fires as a ticket.
struct BurnGuards {
  int64_t min_total = 0;
  int64_t min_bad = 0;
};

// What the counts of both windows mean. The one place where a rule is judged, live, in replay and in backtests. Pure.
BurnSignal JudgeBurn(const Threshold& threshold, const BurnGuards& guards, const SloCounts& in_short,
                     const SloCounts& in_long);

// The counts of both windows at one instant, and those under maintenance that were taken out of them.
struct BurnReading {
  absl::Time end;
  Counts short_window;
  Counts long_window;
  Counts short_excluded;
  Counts long_excluded;
};

// One burn-rate rule: fires when both windows of its pair are above burn * (1 - objective). Holds no state of an alert;
// immutable. Points into the configuration, which must outlive it. Thread-safe.
class BurnRule {
 public:
  BurnRule(const Config& config, BurnSubject subject);

  const BurnSubject& subject() const { return subject_; }
  const Tier& tier() const { return tier_; }
  const AlertPair& pair() const { return pair_; }
  const Threshold& threshold() const { return threshold_; }
  const AlertPolicy& policy() const { return policy_; }
  Decimal objective() const { return ObjectiveFor(subject_.slo, tier_); }
  Decimal burn() const { return BurnFor(subject_.slo, tier_, static_cast<size_t>(subject_.pair)); }
  int source() const { return static_cast<int>(tier_.slo_source); }

  // The labels of its alert: {alertname, service, tier, slo, pair, severity} and endpoint where it has one.
  Labels LabelsAs(Severity severity) const;

  // Counts of one window that ends at `end`: all of them, and those inside of `ranges`.
  Counts Sum(const TrafficStore& traffic, absl::Time end, absl::Duration window) const;
  Counts SumInside(const TrafficStore& traffic, absl::Time end, absl::Duration window, const TimeRanges& ranges) const;
  // Both windows without what lies in `maintenance`.
  BurnReading Read(const TrafficStore& traffic, absl::Time end, const TimeRanges& maintenance) const;
  BurnSignal Judge(const BurnReading& reading) const;
  // Whether the long window alone is above: what a firing alert that is held still shows of what it fired for.
  bool LongIsAbove(const BurnReading& reading) const;
  // The short window alone: unless it is above, nothing that Read returns can be judged so.
  Counts ReadShort(const TrafficStore& traffic, absl::Time end, const TimeRanges& maintenance) const;
  bool ShortIsAbove(const Counts& short_window) const;

  // "held by min_bad=5" and the like while the guard is not met, else "".
  std::string GuardText(const BurnReading& reading) const;

  // The windows of a reading as they are shown.
  WindowReading ShowShort(const TrafficStore& traffic, const BurnReading& reading) const;
  WindowReading ShowLong(const TrafficStore& traffic, const BurnReading& reading) const;

 private:
  WindowReading Show(const TrafficStore& traffic, absl::Time end, absl::Duration window, const Counts& counts,
                     const Counts& excluded) const;

  const Config& config_;
  const BurnSubject subject_;
  const Tier& tier_;
  const AlertPair& pair_;
  const Threshold threshold_;
  const AlertPolicy policy_;
};

// How much of (end - window, end] lies after the first event of a tier × source …
absl::Duration HeldPart(const TrafficStore& traffic, int tier, int source, absl::Time end, absl::Duration window,
                        absl::Duration finest_slot);
// … and as a share, 0..1.
double Coverage(const TrafficStore& traffic, int tier, int source, absl::Time end, absl::Duration window,
                absl::Duration finest_slot);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_BURN_RULE_H_
