#ifndef FIREBREAK_ENGINE_ALERT_RECORD_H_
#define FIREBREAK_ENGINE_ALERT_RECORD_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/alert_state.h"
#include "engine/alert_view.h"
#include "engine/labels.h"
#include "engine/no_data_rule.h"

namespace firebreak {

// One alert as it must survive a restart: what the state machine knows, and how it looked last (its words are needed
// when a configuration no longer has it and it can only be resolved). A plain value.
struct AlertRecord {
  Labels identity;  // its labels with the severity of its policy (a NoData alert: without severity)
  // Exactly one is set, or neither: then the alert is inactive and only its view is still shown.
  std::optional<AlertState> burn;
  std::optional<NoDataState> no_data;
  std::vector<std::string> covered;   // NoData: endpoints whose held alerts it covers
  std::array<AlertViewPtr, 2> views;  // by Severity; resolved ones while they are shown
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_ALERT_RECORD_H_
