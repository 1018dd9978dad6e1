#ifndef FIREBREAK_ENGINE_ALERT_RECORD_H_
#define FIREBREAK_ENGINE_ALERT_RECORD_H_

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_state.h"
#include "engine/alert_view.h"
#include "engine/labels.h"
#include "engine/no_data_rule.h"
#include "engine/transition.h"

namespace firebreak {

// How an alert looks, by the Severity it may have: a guarded rule has two identities. nullptr where nothing is shown.
using AlertViews = std::array<AlertViewPtr, 2>;

// The place among the views of the one that has these labels.
size_t ViewIndex(const Labels& labels);

// One alert as it must survive a restart: what the state machine knows, and how it looked last (its words are needed
// when a configuration no longer has it and it can only be resolved). A plain value.
struct AlertRecord {
  Labels identity;  // its labels with the severity of its policy (a NoData alert: without severity)
  // Exactly one is set, or neither: then the alert is inactive and only its view is still shown.
  std::optional<AlertState> burn;  // also of the alerts about Firebreak itself (service_watch.h)
  std::optional<NoDataState> no_data;
  std::vector<std::string> covered;  // NoData: endpoints whose held alerts it covers
  AlertViews views;                  // resolved ones while they are shown
};

// Whether there is nothing to keep: neither a state nor a view.
bool IsEmpty(const AlertRecord& record);

// Records by identity.
using AlertRecords = std::map<Labels, AlertRecord>;

// What must be written down since it was last asked for.
struct AlertChanges {
  std::vector<AlertRecord> changed;
  std::vector<Labels> ended;  // identities of alerts that are not kept any more

  // An alert that changed: ended when its record is empty. Of several changes of one alert the last counts.
  void Add(AlertRecord record);
};

// Which states are shown, by Severity; kInactive where none is.
using ShownStatuses = std::array<AlertStatus, 2>;
ShownStatuses StatusesOf(const AlertViews& views);

// The view of the alert that is pending or firing, made from the state and the identity where the record has none;
// nullptr when it is inactive.
AlertViewPtr ActiveView(const AlertRecord& record);

// The record's views with the active one among them.
AlertViews ViewsOf(const AlertRecord& record);

// A state after the process was down for `downtime`: the time that counts towards `for`, keep_firing_for and
// no_data_hold stood still meanwhile. When the alert began to fire does not move. Pure.
AlertState AfterDowntime(AlertState state, absl::Duration downtime);

// The end of an alert that is taken away: firing ones resolve, pending ones go back to inactive. It looks as it did
// last, but for a summary that says why it ended. `reason` is "removed" or "merged". REQUIRES: it is pending or firing.
Transition RemovalOf(const AlertView& last, std::string_view reason, absl::Time now);

// Forgets a resolved alert that was shown long enough.
void DropIfOld(AlertViewPtr& view, absl::Time now);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_ALERT_RECORD_H_
