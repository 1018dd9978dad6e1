#ifndef FIREBREAK_API_LAB_REPLAY_PAGE_H_
#define FIREBREAK_API_LAB_REPLAY_PAGE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/timeline/timeline.h"
#include "engine/lab/burn_recorder.h"
#include "engine/replay.h"

namespace firebreak {

// What a page of a replay tells, besides what was recorded of it.
struct ReplayPageFacts {
  std::string config;               // the configuration's name
  std::vector<std::string> inputs;  // what was replayed
  absl::Duration step;
  ReplaySummary summary;
  ReadTotals read;
  AlertTotals alerts;
};

// A self-contained page (page.h): alert bars over time, burn of both windows of each alert with its threshold, budgets.
std::string RenderReplayPage(const BurnRecorder& recorder, const ReplayPageFacts& facts);

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_REPLAY_PAGE_H_
