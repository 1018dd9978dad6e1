#ifndef FIREBREAK_API_LAB_DIFF_REPORT_H_
#define FIREBREAK_API_LAB_DIFF_REPORT_H_

#include <string>
#include <vector>

#include "api/timeline/timeline.h"
#include "engine/lab/timeline_diff.h"
#include "engine/replay.h"

namespace firebreak {

// What `firebreak diff` has to say: what two configurations made of the same traffic.
struct DiffReport {
  std::string old_path;
  std::string new_path;
  std::vector<TimelineChange> changes;  // those that are none too
  ReplaySummary summary;                // of the reading, under the new rules
  ReadTotals read;
};

// Whether any alert is gained, lost, earlier, later, longer or shorter.
bool HasChanges(const DiffReport& report);

// For people: a line for each alert that changed, then totals.
std::string DiffText(const DiffReport& report);

// For a comment in a pull request: totals, and a table of what changed.
std::string DiffMarkdown(const DiffReport& report);

// Everything, as one JSON object: docs/rule-lab.md, "Diff".
std::string DiffJson(const DiffReport& report);

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_DIFF_REPORT_H_
