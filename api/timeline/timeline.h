#ifndef FIREBREAK_API_TIMELINE_TIMELINE_H_
#define FIREBREAK_API_TIMELINE_TIMELINE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "engine/replay.h"
#include "engine/transition.h"
#include "rules/config.h"

namespace firebreak {

// Whose transition it is: "tier1_interactive/availability/fast", with " /endpoint" where there is one;
// "tier1_interactive/NoData"; "DeliveryParked oncall" for what is of no tier.
std::string TransitionSubject(const Transition& transition);

// One transition as a line of the timeline that people read, without a newline.
std::string TransitionText(const Transition& transition);

// One transition as a line of JSON: the format of docs/http-api.md, "Replay lines".
std::string TransitionJson(const Transition& transition);

// How many alerts began. NoData is apart: the end of a recording looks like a feed that was lost.
struct AlertTotals {
  int64_t pages = 0;    // of SLOs
  int64_t tickets = 0;  // of SLOs
  int64_t no_data = 0;
};
void CountAlert(const Transition& transition, AlertTotals& totals);

// What was read, besides what the replay knows.
struct ReadTotals {
  std::string what = "lines";
  int64_t lines = 0;
  int64_t rejected = 0;
  std::vector<std::string> reasons;  // the first rejected lines: "access.log:17: why"
  std::vector<std::string> notes;    // what else people should know of what was read
};

std::string SummaryText(const Config& config, const ReplaySummary& summary, const ReadTotals& read,
                        const AlertTotals& alerts);
// {"summary": {...}} on one line.
std::string SummaryJson(const Config& config, const ReplaySummary& summary, const ReadTotals& read,
                        const AlertTotals& alerts);

}  // namespace firebreak

#endif  // FIREBREAK_API_TIMELINE_TIMELINE_H_
