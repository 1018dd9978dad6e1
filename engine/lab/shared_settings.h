#ifndef FIREBREAK_ENGINE_LAB_SHARED_SETTINGS_H_
#define FIREBREAK_ENGINE_LAB_SHARED_SETTINGS_H_

#include <string>
#include <vector>

#include "engine/lab/rule_grid.h"
#include "engine/slo.h"
#include "rules/config.h"

namespace firebreak {

// Rules are tuned SLO by SLO, but not every setting is one SLO's own: windows, `for` and keep_firing_for of a pair are
// those of every tier, min_total and min_bad those of both SLOs of a tier. Pure.

// A plan, and whose it is.
struct SloPlan {
  int tier = 0;
  Slo slo = Slo::kAvailability;
  RulePlan plan;
};

std::string SloPath(const Config& config, int tier, Slo slo);  // "checkout/availability"

// What becomes of the rules of another SLO, which are `present`, when those of `changed` are pasted.
RulePlan AfterChange(const SloPlan& present, const SloPlan& changed);

// Where plans cannot all be had, since they want different values of a setting that they share; a text for each:
// "alerts.fast.for: 0s for checkout/availability, 2m for browse/availability".
std::vector<std::string> Disagreements(const Config& config, const std::vector<SloPlan>& plans);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_SHARED_SETTINGS_H_
