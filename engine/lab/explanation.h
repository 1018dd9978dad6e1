#ifndef FIREBREAK_ENGINE_LAB_EXPLANATION_H_
#define FIREBREAK_ENGINE_LAB_EXPLANATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/alert_state.h"
#include "engine/lab/alert_name.h"
#include "engine/no_data_rule.h"
#include "engine/pipeline.h"
#include "engine/transition.h"
#include "rules/decimal.h"

namespace firebreak {

// What a part of a window's requests did: those to one endpoint, or with one answer.
struct Contribution {
  std::string name;   // the endpoint, or the cause ("503", "timeout")
  int64_t bad = 0;    // > 0
  int64_t total = 0;  // of an endpoint; 0 of a cause, which has only bad ones
};

// One window of a rule at one instant.
struct ExplainedWindow {
  WindowReading reading;
  bool above = false;
  // How many of these very requests would have had to be good (if it is above) or bad (if it is not) for the other
  // answer. Absent when no number of them would do.
  std::optional<int64_t> flip;
  std::vector<Contribution> endpoints;  // most bad ones first
  std::vector<Contribution> causes;     // likewise; of availability only, and always of the whole tier
};

// Why a burn alert was where it was after one evaluation.
struct ExplainedBurn {
  Decimal burn;
  Decimal objective;
  std::string threshold_percent;  // of requests, exactly: "1.44"
  ExplainedWindow short_window;
  ExplainedWindow long_window;
  BurnSignal signal;  // what the windows and maintenance said
  // How many requests of the short window, good instead of bad or bad instead of good, would have turned the answer of
  // both windows together. Absent when no number would do, or there is no data.
  std::optional<int64_t> flip;
  AlertPolicy policy;
  AlertState state;
  std::string guard;  // BurnRule::GuardText
  std::optional<absl::Time> ends_without_data;
  std::optional<double> budget_left;
};

// Why NoData was where it was.
struct ExplainedNoData {
  NoDataState state;
  // Of the last requests up to the evaluation, the end of their slot.
  std::optional<absl::Time> last_event;
  std::optional<absl::Time> last_life;  // of the tier's source: an event's slot, or a heartbeat
  absl::Duration lost_after;
};

struct Explanation {
  AlertName alert;
  absl::Time at;  // the evaluation
  FeedState feed = FeedState::kTraffic;
  std::optional<absl::Time> maintenance_until;
  bool ingest_refused = false;             // what was missing may only not have been taken
  std::vector<Transition> changes;         // what this evaluation did to the alert; Explainer fills it in
  std::optional<ExplainedBurn> burn;       // of a burn alert …
  std::optional<ExplainedNoData> no_data;  // … or of NoData
};

// Explains the last evaluation of `pipeline`; reads it only. Absent for an endpoint that has no alert (yet).
std::optional<Explanation> Explain(const Pipeline& pipeline, const AlertName& alert);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_EXPLANATION_H_
