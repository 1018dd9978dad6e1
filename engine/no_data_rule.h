#ifndef FIREBREAK_ENGINE_NO_DATA_RULE_H_
#define FIREBREAK_ENGINE_NO_DATA_RULE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_state.h"
#include "rules/config.h"

namespace firebreak {

// How the requests of a tier come in. docs/semantics.md, "No data".
enum class FeedState {
  kTraffic,  // requests in the short window
  kIdle,     // none, but a sign of life of their source within source_lost_after
  kLost,     // no sign of life either
};
std::string_view FeedStateName(FeedState feed);  // "traffic", "idle", "lost"

// The NoData alert of a tier: fires while the feed is lost (a ticket), and once an alert of the tier has been held
// without data for source_lost_after (with that alert's severity). Then it outlasts the held alert: it ends only when
// requests come again, so that a dead service whose callers have gone never looks recovered.
struct NoDataState {
  bool firing = false;
  bool until_requests = false;  // an alert was held while it fired
  Severity severity = Severity::kTicket;
  absl::Time firing_since;

  friend bool operator==(const NoDataState&, const NoDataState&) = default;
};

struct NoDataStep {
  NoDataState state;
  std::vector<AlertChange> changes;
};

// The series (a tier, or endpoints of it) whose held alerts NoData has covered: have they all got requests again?
enum class CoveredSeries { kSilent, kHaveRequests };

// Ends it, whatever the feed: nobody misses requests under maintenance. Pure.
NoDataStep EndForMaintenance(const NoDataState& state);

// Moves it one step. `held` is the highest severity among the alerts held that long, if any. A firing page is never
// demoted to a ticket; a ticket is escalated. Pure.
NoDataStep AdvanceNoData(const NoDataState& state, FeedState feed, std::optional<Severity> held, CoveredSeries covered,
                         absl::Time now);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_NO_DATA_RULE_H_
