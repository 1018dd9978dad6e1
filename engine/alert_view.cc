#include "engine/alert_view.h"

namespace firebreak {

std::string_view AlertStatusName(AlertStatus status) {
  switch (status) {
    case AlertStatus::kInactive:
      return "inactive";
    case AlertStatus::kPending:
      return "pending";
    case AlertStatus::kFiring:
      return "firing";
    case AlertStatus::kResolved:
      return "resolved";
  }
  return "";
}

}  // namespace firebreak
