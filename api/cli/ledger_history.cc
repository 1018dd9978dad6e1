#include "api/cli/ledger_history.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/cli/config_file.h"
#include "api/cli/replay_run.h"
#include "api/codec/maintenance_json.h"
#include "engine/alert_text.h"
#include "engine/fingerprint_history.h"
#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {

std::string LedgerPath(const std::string& data_dir) { return data_dir + "/ledger.db"; }

absl::StatusOr<LedgerSpan> ReadLedgerSpan(const Ledger& ledger, const std::string& since_text, const Config& config) {
  const absl::StatusOr<std::optional<std::pair<absl::Time, absl::Time>>> held = ledger.HistorySpan();
  if (!held.ok()) return held.status();
  if (!*held) return absl::InvalidArgumentError(ledger.path() + ": holds no counts yet");
  const absl::StatusOr<LedgerState> state = ledger.LoadState();
  if (!state.ok()) return state.status();
  LedgerSpan span;
  span.oldest = (*held)->first - LedgerReplay::kRowWidth;
  span.newest = std::max((*held)->second, state->head.value_or((*held)->second));
  const absl::StatusOr<absl::Duration> since = DurationOption("--since", since_text, span.newest - span.oldest);
  if (!since.ok()) return since.status();
  if (*since <= absl::ZeroDuration()) return absl::InvalidArgumentError("--since: wanted more than 0s");
  span.since = std::max(span.oldest, span.newest - *since);
  // A window's left edge is rounded down to a slot, an hour wide at most.
  span.loaded = std::max(span.oldest, span.since - config.LongestWindow() - config.evaluation_delay - absl::Hours(1));
  return span;
}

void NoteSpan(const LedgerSpan& span, std::vector<std::string>& notes) {
  notes.push_back(fmt::format("the ledger holds {} to {}", TimeText(span.oldest), TimeText(span.newest)));
  notes.push_back(fmt::format("evaluated {} to {}", TimeText(span.since), TimeText(span.newest)));
  if (span.since > span.oldest) {
    notes.push_back(fmt::format("not evaluated {} to {}", TimeText(span.oldest), TimeText(span.since)));
  }
}

absl::Status CheckFingerprints(const Ledger& ledger, const LedgerSpan& span, const Config& config,
                               const std::string& config_path, std::vector<std::string>& notes) {
  const absl::StatusOr<std::vector<Document>> documents = ledger.LoadDocuments(std::string(kFingerprintKind));
  if (!documents.ok()) return documents.status();
  const auto held = FingerprintsBetween(*documents, span.loaded, span.newest);
  if (!held.ok()) return held.status();
  if (held->empty()) notes.push_back("the ledger does not say how its counts were classified");
  const Fingerprint wanted = FingerprintOf(config);
  std::string differences;
  const DatedFingerprint* last_other = nullptr;
  for (const DatedFingerprint& dated : *held) {
    const std::vector<ChangedSetting> changed = ChangedSettings(dated.fingerprint, wanted);
    if (!changed.empty()) last_other = &dated;
    for (const ChangedSetting& setting : changed) {
      differences += fmt::format("\n  {}: {} from {} on, {} in {}", setting.path,
                                 setting.before.empty() ? "not there" : setting.before, TimeText(dated.since),
                                 setting.after.empty() ? "not there" : setting.after, config_path);
    }
  }
  if (last_other == nullptr) return absl::OkStatus();
  std::string hint = "thresholds, windows and objectives may differ, but counts cannot be classified anew";
  if (last_other != &held->back()) {
    const absl::Time alike = (last_other + 1)->since + config.LongestWindow() + absl::Hours(2);
    const absl::Duration since = absl::Floor(span.newest - alike, absl::Hours(1));
    if (since > absl::ZeroDuration()) hint += fmt::format("; with --since {} they are alike", DurationText(since));
  }
  return absl::FailedPreconditionError(fmt::format("{}: counted under another classification than {} ({}):{}",
                                                   ledger.path(), config_path, hint, differences));
}

absl::StatusOr<MaintenanceList> LoadMaintenance(const Ledger& ledger) {
  const absl::StatusOr<std::vector<Document>> documents = ledger.LoadDocuments(std::string(kMaintenanceKind));
  if (!documents.ok()) return documents.status();
  return MaintenanceFromDocuments(*documents);
}

absl::StatusOr<Config> LoadConfigOnRowGrid(const std::string& path) {
  absl::StatusOr<Config> config = LoadConfig(path);
  if (!config.ok()) return config.status();
  absl::StatusOr<Config> on_grid = LedgerReplay::OnRowGrid(*std::move(config));
  if (on_grid.ok()) return on_grid;
  return absl::Status(on_grid.status().code(), fmt::format("{}: {}", path, std::string(on_grid.status().message())));
}

}  // namespace firebreak
