#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/replay_run.h"
#include "api/codec/maintenance_json.h"
#include "engine/alert_text.h"
#include "engine/fingerprint_history.h"
#include "engine/ledger_replay.h"
#include "fmt/format.h"
#include "rules/duration.h"
#include "storage/ledger/ledger.h"

namespace firebreak {
namespace {

// Which part of a ledger's time is looked at.
struct Span {
  absl::Time oldest;  // begin of the first slot that holds something
  absl::Time newest;  // the last evaluation, or the last slot's end
  absl::Time since;   // evaluation begins
  absl::Time loaded;  // counts are read from here on: windows reach back
};

absl::StatusOr<Span> ReadSpan(const Ledger& ledger, const ReplayArguments& arguments, const Config& config) {
  const absl::StatusOr<std::optional<std::pair<absl::Time, absl::Time>>> held = ledger.HistorySpan();
  if (!held.ok()) return held.status();
  if (!*held) return absl::InvalidArgumentError(ledger.path() + ": holds no counts yet");
  const absl::StatusOr<LedgerState> state = ledger.LoadState();
  if (!state.ok()) return state.status();
  Span span;
  span.oldest = (*held)->first - LedgerReplay::kRowWidth;
  span.newest = std::max((*held)->second, state->head.value_or((*held)->second));
  const absl::StatusOr<absl::Duration> since = DurationOption("--since", arguments.since, span.newest - span.oldest);
  if (!since.ok()) return since.status();
  if (*since <= absl::ZeroDuration()) return absl::InvalidArgumentError("--since: wanted more than 0s");
  span.since = std::max(span.oldest, span.newest - *since);
  // A window's left edge is rounded down to a slot, an hour wide at most.
  span.loaded = std::max(span.oldest, span.since - config.LongestWindow() - config.evaluation_delay - absl::Hours(1));
  return span;
}

// Refuses counts that mean something else under `config`, naming every setting that differs.
absl::Status CheckFingerprints(const Ledger& ledger, const Span& span, const Config& config,
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

// The maintenance windows there are now hold for all of the past, as they do on the server.
absl::Status SetMaintenance(const Ledger& ledger, LedgerReplay& replay) {
  const absl::StatusOr<std::vector<Document>> documents = ledger.LoadDocuments(std::string(kMaintenanceKind));
  if (!documents.ok()) return documents.status();
  absl::StatusOr<MaintenanceList> list = MaintenanceFromDocuments(*documents);
  if (!list.ok()) return list.status();
  replay.SetMaintenance(std::make_shared<const MaintenanceList>(*std::move(list)));
  return absl::OkStatus();
}

void NoteSpan(const Span& span, std::vector<std::string>& notes) {
  notes.push_back(fmt::format("the ledger holds {} to {}", TimeText(span.oldest), TimeText(span.newest)));
  notes.push_back(fmt::format("evaluated {} to {}", TimeText(span.since), TimeText(span.newest)));
  if (span.since > span.oldest) {
    notes.push_back(fmt::format("not evaluated {} to {}", TimeText(span.oldest), TimeText(span.since)));
  }
}

void NoteLimits(const LedgerReplay& replay, std::vector<std::string>& notes) {
  for (const std::string& tier : replay.NotJudged()) {
    notes.push_back(
        fmt::format("slo_tiers.{}: alert_by: endpoint cannot be judged from the counts of a tier; of its "
                    "alerts only NoData is shown",
                    tier));
  }
  if (replay.wide_rows() > 0) {
    notes.push_back(
        fmt::format("{} counts are wider than a slot: windows that cut them are not exact", replay.wide_rows()));
  }
}

absl::StatusOr<absl::Duration> ReadStep(const ReplayArguments& arguments, const Config& config) {
  if (!arguments.lateness.empty()) return absl::InvalidArgumentError("--lateness: counts of a ledger have no order");
  ReplayOptions options;
  const absl::StatusOr<absl::Duration> step = DurationOption("--step", arguments.step, config.evaluation_interval);
  if (!step.ok()) return step.status();
  options.step = *step;
  const absl::Status valid = ReplayDriver::Validate(config, options);
  if (!valid.ok()) return valid;
  return *step;
}

absl::StatusOr<Config> LoadOnRowGrid(const std::string& path) {
  absl::StatusOr<Config> config = LoadConfig(path);
  if (!config.ok()) return config.status();
  absl::StatusOr<Config> on_grid = LedgerReplay::OnRowGrid(*std::move(config));
  if (on_grid.ok()) return on_grid;
  return absl::Status(on_grid.status().code(), fmt::format("{}: {}", path, std::string(on_grid.status().message())));
}

}  // namespace

int ReplayLedger(const ReplayArguments& arguments) {
  absl::StatusOr<Config> config = LoadOnRowGrid(arguments.config);
  if (!config.ok()) return FailReplay(config.status());
  const absl::StatusOr<absl::Duration> step = ReadStep(arguments, *config);
  if (!step.ok()) return FailReplay(step.status());
  const absl::StatusOr<std::unique_ptr<Ledger>> ledger = Ledger::OpenToRead(arguments.data_dir + "/ledger.db");
  if (!ledger.ok()) return FailReplay(ledger.status());
  const absl::StatusOr<Span> span = ReadSpan(**ledger, arguments, *config);
  if (!span.ok()) return FailReplay(span.status());
  ReadTotals totals;
  totals.what = "counts";
  const absl::Status alike = CheckFingerprints(**ledger, *span, *config, arguments.config, totals.notes);
  if (!alike.ok()) return FailReplay(alike);
  const absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(*std::move(config));
  if (!rules.ok()) return FailReplay(rules.status());

  Progress progress("replay");
  TimelinePrinter printer(arguments, progress);
  LedgerReplay replay(*rules, {(*rules)->config.external_url}, span->since, *step, printer);
  const absl::Status maintenance = SetMaintenance(**ledger, replay);
  if (!maintenance.ok()) return FailReplay(maintenance);
  const absl::Status read =
      (*ledger)->VisitTierHistory(span->loaded, span->newest, [&](const SeriesName& series, const CountRow& row) {
        ++totals.lines;
        replay.Take(series, row);
      });
  const ReplaySummary summary = replay.Finish(span->newest);
  NoteSpan(*span, totals.notes);
  NoteLimits(replay, totals.notes);
  progress.Clear();
  PrintSummary(arguments, (*rules)->config, summary, totals, printer.totals());
  return read.ok() ? VerdictOf(arguments, printer.totals()) : FailReplay(read);
}

}  // namespace firebreak
