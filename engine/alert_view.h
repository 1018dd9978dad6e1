#ifndef FIREBREAK_ENGINE_ALERT_VIEW_H_
#define FIREBREAK_ENGINE_ALERT_VIEW_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "engine/labels.h"

namespace firebreak {

// The states an alert is shown in. `resolved` is inactive that was firing at most 15 minutes ago.
enum class AlertStatus { kInactive, kPending, kFiring, kResolved };
std::string_view AlertStatusName(AlertStatus status);  // "inactive", "pending", "firing", "resolved"

// One alert as people and destinations see it at one instant. Times are engine times (Clock::ToWall maps them).
// Immutable once shared; its identity is `labels`.
struct AlertView {
  Labels labels;
  Labels annotations;
  AlertStatus status = AlertStatus::kInactive;
  absl::Time active_since;                 // pending since; what Prometheus calls activeAt
  std::optional<absl::Time> firing_since;  // startsAt; set when firing or resolved
  std::optional<absl::Time> resolved_at;   // endsAt; set when resolved
  // Why it resolved: "recovered", "no_data", "maintenance", "escalated", "removed", "merged".
  std::string reason;
  std::optional<double> value;  // the short window's burn rate, where the alert has one
};

using AlertViewPtr = std::shared_ptr<const AlertView>;

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_ALERT_VIEW_H_
