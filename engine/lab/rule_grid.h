#ifndef FIREBREAK_ENGINE_LAB_RULE_GRID_H_
#define FIREBREAK_ENGINE_LAB_RULE_GRID_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/lab/backtest.h"
#include "rules/decimal.h"
#include "rules/sweep.h"

namespace firebreak {

// The rules of one SLO: what each pair of windows goes by, by Config::pairs.
using RulePlan = std::vector<RuleVariant>;

// What a configuration says now.
RulePlan PlanOf(const Config& config, int tier, Slo slo);

// All combinations of a sweep. Many plans share a pair's variant, which need be backtested once only.
struct RuleGrid {
  std::vector<std::vector<RuleVariant>> variants;  // by pair, each once
  std::vector<std::vector<uint32_t>> plans;  // for each pair an index into its variants; plan 0 is the present one
  int64_t swapped = 0;      // combinations left out because a short window was not shorter than its long one
  int64_t unreachable = 0;  // … because no error ratio could exceed a threshold

  RulePlan Plan(size_t index) const;
  int64_t num_variants() const;
  // Windows of different lengths: each is summed up at every evaluation.
  int64_t num_windows() const;
};

inline constexpr int64_t kMaxPlans = 200'000;

// The plans of a sweep around the present one, each once. Errors: InvalidArgument when there are more than kMaxPlans.
// REQUIRES: the axes were read under the configuration of `current`.
absl::StatusOr<RuleGrid> ExpandSweep(const RulePlan& current, const std::vector<SweepAxis>& axes,
                                     const Decimal& objective);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_RULE_GRID_H_
