#ifndef FIREBREAK_ENGINE_EVALUATION_H_
#define FIREBREAK_ENGINE_EVALUATION_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_text.h"
#include "engine/budget.h"
#include "engine/burn_rule.h"
#include "engine/engine_observer.h"
#include "engine/maintenance.h"
#include "engine/transition.h"
#include "rules/config.h"
#include "storage/traffic_store.h"

namespace firebreak {

struct PipelineOptions {
  std::string external_url;                               // where runbooks are served unless the rules say otherwise
  absl::Duration refresh_annotations = absl::Minutes(1);  // how old a firing alert's words may grow in a snapshot
};

// What one evaluation looks at: everything is read at `end` (now - evaluation_delay, on the grid) and dated `now`.
struct Evaluation {
  const Config& config;
  const PipelineOptions& options;
  const TrafficStore& traffic;
  const std::vector<TierMaintenance>& maintenance;  // by tier
  absl::Time end;
  absl::Time now;
  // While events are refused, windows that are not above say nothing: what is missing was not taken.
  EngineObserver::Ingest ingest = EngineObserver::Ingest::kOpen;
};

// The shortest short window of any pair: what "requests now" means where no pair is meant.
absl::Duration ShortestWindow(const Config& config);

// What a rule's windows hold outside of maintenance.
BurnReading ReadBurn(const Evaluation& evaluation, const BurnRule& rule);

// The error budget of what the rule watches.
BudgetView ReadBudget(const Evaluation& evaluation, const BurnRule& rule);

// What the words of a burn alert need to know: windows, budget, causes. Costs a look at every endpoint of the tier, so
// it is for transitions and resends, not for every tick.
BurnFacts GatherFacts(const Evaluation& evaluation, const BurnRule& rule, const BurnReading& reading);

// The configuration's runbook, else the one this server serves.
std::string RunbookUrl(const Evaluation& evaluation, std::string_view alertname);
// The tier's runbook, else the same.
std::string RunbookUrl(const Evaluation& evaluation, const Tier& tier, std::string_view alertname);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_EVALUATION_H_
