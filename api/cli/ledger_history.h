#ifndef FIREBREAK_API_CLI_LEDGER_HISTORY_H_
#define FIREBREAK_API_CLI_LEDGER_HISTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/ledger_replay.h"
#include "engine/maintenance.h"
#include "rules/config.h"
#include "storage/ledger/ledger.h"

namespace firebreak {

// What replay and tune share when they read the counts that a server keeps.

// Where the ledger of a data directory is.
std::string LedgerPath(const std::string& data_dir);

// Which part of a ledger's time is looked at.
struct LedgerSpan {
  absl::Time oldest;  // begin of the first slot that holds something
  absl::Time newest;  // the last evaluation, or the last slot's end
  absl::Time since;   // evaluation begins
  absl::Time loaded;  // counts are read from here on: windows reach back
};

// `since` is the text of --since, "" = all there is. Errors: InvalidArgument for a ledger without counts or a --since
// that is none; what the ledger says.
absl::StatusOr<LedgerSpan> ReadLedgerSpan(const Ledger& ledger, const std::string& since, const Config& config);

// Notes of which part was looked at.
void NoteSpan(const LedgerSpan& span, std::vector<std::string>& notes);

// Refuses counts that mean something else under `config`, naming every setting that differs.
absl::Status CheckFingerprints(const Ledger& ledger, const LedgerSpan& span, const Config& config,
                               const std::string& config_path, std::vector<std::string>& notes);

// The maintenance windows there are now: they hold for all of the past, as they do on the server.
absl::StatusOr<MaintenanceList> LoadMaintenance(const Ledger& ledger);

// A configuration as LedgerReplay wants it. Errors name the file.
absl::StatusOr<Config> LoadConfigOnRowGrid(const std::string& path);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_LEDGER_HISTORY_H_
