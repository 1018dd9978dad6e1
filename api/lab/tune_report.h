#ifndef FIREBREAK_API_LAB_TUNE_REPORT_H_
#define FIREBREAK_API_LAB_TUNE_REPORT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "api/timeline/timeline.h"
#include "engine/lab/tuning.h"
#include "engine/slo.h"
#include "rules/config.h"
#include "rules/incident_file.h"
#include "rules/rule_set.h"

namespace firebreak {

// Where the incidents come from that rules are measured by.
enum class IncidentSource { kLabelled, kDerived };

// What pasting one SLO's recommendation does to another, where that is worse off.
struct SideEffect {
  int tier = 0;
  Slo slo = Slo::kAvailability;
  std::vector<Incident> missed;  // that its present rules catch
  int64_t false_pages_now = 0;
  int64_t false_pages_then = 0;
};

// What was found for one SLO.
struct SloTuning {
  int tier = 0;
  Slo slo = Slo::kAvailability;
  std::vector<Incident> incidents;  // what the numbers in `answer` stand for
  std::vector<Incident> outside;    // labelled, but before or after the recording: left out
  int64_t swapped = 0;              // RuleGrid
  int64_t unreachable = 0;
  TuningAnswer answer;
  std::vector<SideEffect> side_effects;  // of what is recommended
};

// What `firebreak tune` has to say.
struct TuneReport {
  std::shared_ptr<const RuleSet> rules;
  std::string config_path;
  IncidentSource source = IncidentSource::kLabelled;
  std::string incidents_path;  // kLabelled
  std::string derived_share;   // kDerived, as it was asked for: "2%"
  Severity least = Severity::kPage;
  std::string sweep;
  absl::Duration step;
  TimeRange recording;
  std::vector<SloTuning> slos;
  ReadTotals read;

  const Config& config() const { return rules->config; }
};

// For people: a table for each SLO, the recommendation and the YAML to paste. At most `top` rules of each front, but
// every rule where all were asked for.
std::string TuneText(const TuneReport& report, size_t top);

// As one JSON object: docs/rule-lab.md, "Tune". Without `all`, the scores of every combination.
std::string TuneJson(const TuneReport& report);
// With `all`, in pieces and a combination a line: there may be 200,000.
void WriteTuneJson(const TuneReport& report, const std::function<void(std::string_view)>& write);

// "fast 5m/1h 14.4x for 2m".
std::string RuleText(const AlertPair& pair, const RuleVariant& variant);

// The settings in which a plan differs from what the configuration says, as YAML; "" when in none.
std::string PlanYaml(const Config& config, const SloTuning& tuning, const RulePlan& plan);

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_TUNE_REPORT_H_
