#ifndef FIREBREAK_ENGINE_TRANSITION_H_
#define FIREBREAK_ENGINE_TRANSITION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "engine/alert_view.h"

namespace firebreak {

// What one window holds at one instant.
struct WindowReading {
  absl::Duration window;
  int64_t bad = 0;  // of the SLO read: bad of total, or slow of timed
  int64_t total = 0;
  std::optional<double> burn;  // absent without data
  double coverage = 0;         // the share of the window that lies after the first event, 0..1
  int64_t excluded_bad = 0;    // under maintenance: in none of the numbers above
  int64_t excluded_total = 0;
};

// One step of one alert, as it happened.
struct Transition {
  absl::Time at;
  std::string tier;
  std::string slo;       // "availability", "latency"; "" for alerts that read no SLO (NoData)
  std::string pair;      // "fast", "slow", …; "" likewise
  std::string endpoint;  // "" unless alert_by: endpoint
  AlertStatus from = AlertStatus::kInactive;
  AlertStatus to = AlertStatus::kInactive;
  std::string reason;  // AlertView::reason, or "no_data"/"recovered" for pending -> inactive
  WindowReading short_window;
  WindowReading long_window;
  std::optional<double> budget_left;  // share of the error budget, of the data held; may be negative
  AlertViewPtr alert;                 // how it looks after the step
};

// Where transitions go: the dispatcher of a server, the timeline of a replay, a test's list.
// Called on the engine thread, in order; must not block.
class TransitionSink {
 public:
  virtual ~TransitionSink() = default;
  virtual void OnTransition(const Transition& transition) = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_TRANSITION_H_
