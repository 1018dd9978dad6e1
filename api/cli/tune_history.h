#ifndef FIREBREAK_API_CLI_TUNE_HISTORY_H_
#define FIREBREAK_API_CLI_TUNE_HISTORY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/timeline/timeline.h"
#include "engine/lab/history_book.h"
#include "rules/rule_set.h"
#include "storage/time_ranges.h"

namespace firebreak {

// What was gathered for a study of rules.
struct TuneHistory {
  std::unique_ptr<HistoryBook> book;
  TimeRange recording;
  TickRange ticks;
  ReadTotals read;
  absl::Status fault;  // a file that was used up to where it is cut off
};

// The traffic of recordings, each event by its own time.
// Errors: what cannot be opened; InvalidArgument for a bad step or when not one event could be read.
absl::StatusOr<TuneHistory> ReadTuneFiles(std::shared_ptr<const RuleSet> rules, const std::vector<std::string>& files,
                                          const std::string& format, absl::Duration step);

// The tier counts that a server keeps in `data_dir`, of the last `since` ("" = all there is), its maintenance windows
// taken out. Errors: what the ledger says; a bad step; counts that were classified otherwise.
// REQUIRES: the rules are LedgerReplay::OnRowGrid.
absl::StatusOr<TuneHistory> ReadTuneLedger(std::shared_ptr<const RuleSet> rules, const std::string& config_path,
                                           const std::string& data_dir, const std::string& since, absl::Duration step);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_TUNE_HISTORY_H_
