#ifndef FIREBREAK_ENGINE_ALERT_STATE_H_
#define FIREBREAK_ENGINE_ALERT_STATE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_view.h"
#include "rules/config.h"

namespace firebreak {

// The alert state machine: Prometheus' own rules (pending, `for`, keep_firing_for), and four of ours for what
// Prometheus leaves to luck: data that stops while an alert fires, guards for little traffic, maintenance, and
// evaluations that fail. docs/semantics.md, "Alert state machine".

struct AlertPolicy {
  absl::Duration hold_for;         // `for`: true this long before it fires; 0 fires at once
  absl::Duration keep_firing_for;  // goes on firing this long after the first evaluation that is no longer true
  absl::Duration no_data_hold;     // goes on firing this long without data; 0 treats no data as false
  Severity severity = Severity::kPage;
};

// What one evaluation found.
struct BurnSignal {
  enum class Kind {
    kBelow,        // at least one window is not above its threshold
    kAbove,        // both are
    kNoData,       // the short window holds no event
    kFailed,       // nothing is known: the state is kept
    kMaintenance,  // nothing may be held against the tier: what there is ends at once
  };
  // Whether the traffic is enough to trust the rule (min_total, min_bad). Under the guard it fires as a ticket.
  enum class Guard { kMet, kUnder };
  Kind kind = Kind::kBelow;
  Guard guard = Guard::kMet;
};

enum class AlertPhase { kInactive, kPending, kFiring };

struct AlertState {
  AlertPhase phase = AlertPhase::kInactive;
  Severity severity = Severity::kPage;      // what it fires as; meaningful while firing
  absl::Time pending_since;                 // first true evaluation of this episode; unless inactive
  absl::Time firing_since;                  // while firing
  std::optional<absl::Time> below_since;    // firing though the last evaluations were not above; no data is not above
  std::optional<absl::Time> no_data_since;  // firing only thanks to no_data_hold

  friend bool operator==(const AlertState&, const AlertState&) = default;
};

// One visible change. `severity` tells which of the two alerts of a guarded rule it is about.
struct AlertChange {
  AlertStatus from;
  AlertStatus to;
  Severity severity;
  std::string_view reason;  // "" for a step up; else "recovered", "no_data", "maintenance", "escalated"; static storage
};

struct AlertStep {
  AlertState state;
  std::vector<AlertChange> changes;  // usually empty; two when a ticket is escalated to a page
};

// When a firing alert ends if no data comes: both no_data_hold and keep_firing_for must be over.
// REQUIRES: state.no_data_since and state.below_since.
absl::Time EndWithoutData(const AlertPolicy& policy, const AlertState& state);

// Moves one alert one step: equal inputs give equal outputs, live or in replay. Pure. REQUIRES: now does not go back.
AlertStep Advance(const AlertPolicy& policy, const AlertState& state, const BurnSignal& signal, absl::Time now);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_ALERT_STATE_H_
