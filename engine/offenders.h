#ifndef FIREBREAK_ENGINE_OFFENDERS_H_
#define FIREBREAK_ENGINE_OFFENDERS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/evaluation.h"
#include "engine/slo.h"

namespace firebreak {

// What one endpoint did to an error budget of its tier.
struct Offender {
  int tier = 0;
  std::string endpoint;
  Slo slo = Slo::kAvailability;
  SloCounts counts;  // of the window, without maintenance
  double burnt = 0;  // the share of the tier's whole budget of the period that its bad ones are
};

// Every endpoint that had requests in the window, by what it burnt, most first; at most `limit`. Costs two window sums
// for each endpoint (and one for each maintenance window), so a few hundred microseconds for a thousand.
// REQUIRES: window is at most the period; limit > 0.
std::vector<Offender> Offenders(const Evaluation& evaluation, absl::Duration window, size_t limit);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_OFFENDERS_H_
