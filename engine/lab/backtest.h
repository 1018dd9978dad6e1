#ifndef FIREBREAK_ENGINE_LAB_BACKTEST_H_
#define FIREBREAK_ENGINE_LAB_BACKTEST_H_

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/burn_rule.h"
#include "engine/lab/slo_history.h"
#include "engine/slo.h"
#include "rules/config.h"
#include "rules/decimal.h"
#include "storage/time_ranges.h"

namespace firebreak {

// Everything that one pair of windows goes by when it alerts for one SLO.
struct RuleVariant {
  absl::Duration short_window;
  absl::Duration long_window;
  Decimal burn;
  absl::Duration hold_for;
  absl::Duration keep_firing_for;
  Severity severity = Severity::kPage;
  BurnGuards guards;
};
bool operator==(const RuleVariant& a, const RuleVariant& b);
bool operator<(const RuleVariant& a, const RuleVariant& b);  // some order

// What a configuration says for one pair of one SLO of a tier.
RuleVariant VariantOf(const Config& config, int tier, Slo slo, size_t pair);

// One time that an alert fired.
struct AlertEpisode {
  absl::Time pending_since;
  absl::Time fired;
  std::optional<absl::Time> resolved;  // absent when it was still firing at the last tick
  Severity severity = Severity::kPage;
  std::string_view reason;  // why it ended, AlertChange::reason

  friend bool operator==(const AlertEpisode&, const AlertEpisode&) = default;
};

// What is backtested: one SLO over one history.
struct BacktestSubject {
  SloHistory counted;
  SloHistory excluded;     // under maintenance
  TimeRanges maintenance;  // of the tier
  Decimal objective;
  absl::Duration no_data_hold;
  absl::Duration evaluation_delay;
  TickRange ticks;
};

// Plays rule variants over one history: the episodes are those that a Pipeline would have made of the same traffic,
// ticked at the same times and with all of it counted in time, since it judges by the same JudgeBurn and moves the
// alert by the same Advance. The sums of a window are made once and shared by every variant that has it. With
// maintenance a window longer than an hour may exclude up to a slot more in a Pipeline (RingLadder::SumInside).
// Thread-compatible.
class Backtester {
 public:
  explicit Backtester(BacktestSubject subject) : subject_(std::move(subject)) {}

  // Episodes in the order they fired. REQUIRES: both windows are on the finest grid and within the history's ladder.
  std::vector<AlertEpisode> Run(const RuleVariant& variant);

  const BacktestSubject& subject() const { return subject_; }

 private:
  const WindowSums& Sums(absl::Duration window);
  // How much of the window was under maintenance; empty when there is none at all.
  const WindowSums& ExcludedSums(absl::Duration window);

  const BacktestSubject subject_;
  std::map<absl::Duration, WindowSums> sums_;
  std::map<absl::Duration, WindowSums> excluded_sums_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_BACKTEST_H_
