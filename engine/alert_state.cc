#include "engine/alert_state.h"

#include <algorithm>

namespace firebreak {
namespace {

constexpr std::string_view kRecovered = "recovered";
constexpr std::string_view kNoData = "no_data";
constexpr std::string_view kEscalated = "escalated";
constexpr std::string_view kMaintenance = "maintenance";

Severity SeverityUnder(BurnSignal::Guard guard, Severity policy_severity) {
  return guard == BurnSignal::Guard::kMet ? policy_severity : Severity::kTicket;
}

AlertStep Stay(const AlertState& state) { return {state, {}}; }

// Ends the episode: pending goes back to inactive, firing is resolved.
AlertStep End(const AlertPolicy& policy, const AlertState& state, std::string_view reason) {
  if (state.phase == AlertPhase::kPending) {
    return {{}, {{AlertStatus::kPending, AlertStatus::kInactive, policy.severity, reason}}};
  }
  return {{}, {{AlertStatus::kFiring, AlertStatus::kResolved, state.severity, reason}}};
}

AlertStep Fire(const AlertPolicy& policy, AlertState state, BurnSignal::Guard guard, AlertStatus from, absl::Time now) {
  state.phase = AlertPhase::kFiring;
  state.firing_since = now;
  state.severity = SeverityUnder(guard, policy.severity);
  return {state, {{from, AlertStatus::kFiring, state.severity, ""}}};
}

// A firing ticket whose guard is met now ends, and the page it held back fires. Never the other way.
AlertStep Escalate(const AlertPolicy& policy, AlertState state, absl::Time now) {
  const AlertChange ended = {AlertStatus::kFiring, AlertStatus::kResolved, state.severity, kEscalated};
  AlertStep step = Fire(policy, state, BurnSignal::Guard::kMet, AlertStatus::kInactive, now);
  step.changes.insert(step.changes.begin(), ended);
  return step;
}

AlertStep StillAbove(const AlertPolicy& policy, AlertState state, BurnSignal::Guard guard, absl::Time now) {
  state.below_since.reset();
  state.no_data_since.reset();
  const bool escalates = SeverityUnder(guard, policy.severity) > state.severity;
  return escalates ? Escalate(policy, state, now) : Stay(state);
}

AlertStep OnAbove(const AlertPolicy& policy, AlertState state, BurnSignal::Guard guard, absl::Time now) {
  if (state.phase == AlertPhase::kFiring) return StillAbove(policy, state, guard, now);
  const bool begins = state.phase == AlertPhase::kInactive;
  if (begins) state.pending_since = now;
  if (now - state.pending_since >= policy.hold_for) {
    return Fire(policy, state, guard, begins ? AlertStatus::kInactive : AlertStatus::kPending, now);
  }
  state.phase = AlertPhase::kPending;
  if (!begins) return Stay(state);
  return {state, {{AlertStatus::kInactive, AlertStatus::kPending, policy.severity, ""}}};
}

AlertStep OnBelow(const AlertPolicy& policy, AlertState state, absl::Time now) {
  if (state.phase == AlertPhase::kPending) return End(policy, state, kRecovered);
  state.no_data_since.reset();
  if (!state.below_since) state.below_since = now;
  if (now - *state.below_since < policy.keep_firing_for) return Stay(state);
  return End(policy, state, kRecovered);
}

AlertStep OnNoData(const AlertPolicy& policy, AlertState state, absl::Time now) {
  if (state.phase == AlertPhase::kPending) return End(policy, state, kNoData);
  if (!state.below_since) state.below_since = now;
  if (!state.no_data_since) state.no_data_since = now;
  if (now < EndWithoutData(policy, state)) return Stay(state);
  return End(policy, state, kNoData);
}

}  // namespace

absl::Time EndWithoutData(const AlertPolicy& policy, const AlertState& state) {
  return std::max(*state.no_data_since + policy.no_data_hold, *state.below_since + policy.keep_firing_for);
}

AlertStep Advance(const AlertPolicy& policy, const AlertState& state, const BurnSignal& signal, absl::Time now) {
  if (signal.kind == BurnSignal::Kind::kAbove) return OnAbove(policy, state, signal.guard, now);
  if (signal.kind == BurnSignal::Kind::kFailed || state.phase == AlertPhase::kInactive) return Stay(state);
  if (signal.kind == BurnSignal::Kind::kMaintenance) return End(policy, state, kMaintenance);
  return signal.kind == BurnSignal::Kind::kBelow ? OnBelow(policy, state, now) : OnNoData(policy, state, now);
}

}  // namespace firebreak
