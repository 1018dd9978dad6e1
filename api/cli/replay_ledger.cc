#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/command.h"
#include "api/cli/ledger_history.h"
#include "api/cli/replay_report.h"
#include "api/cli/replay_run.h"
#include "engine/ledger_replay.h"
#include "fmt/format.h"
#include "storage/ledger/ledger.h"

namespace firebreak {
namespace {

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

}  // namespace

int ReplayLedger(const ReplayArguments& arguments) {
  absl::StatusOr<Config> config = LoadConfigOnRowGrid(arguments.config);
  if (!config.ok()) return FailReplay(config.status());
  const absl::StatusOr<absl::Duration> step = ReadStep(arguments, *config);
  if (!step.ok()) return FailReplay(step.status());
  const absl::StatusOr<std::unique_ptr<Ledger>> ledger = Ledger::OpenToRead(LedgerPath(arguments.data_dir));
  if (!ledger.ok()) return FailReplay(ledger.status());
  const absl::StatusOr<LedgerSpan> span = ReadLedgerSpan(**ledger, arguments.since, *config);
  if (!span.ok()) return FailReplay(span.status());
  ReadTotals totals;
  totals.what = "counts";
  const absl::Status alike = CheckFingerprints(**ledger, *span, *config, arguments.config, totals.notes);
  if (!alike.ok()) return FailReplay(alike);
  const absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(*std::move(config));
  if (!rules.ok()) return FailReplay(rules.status());

  Progress progress("replay");
  const auto report = ReplayReport::Create(arguments, *rules, *step, CausesKnown::kNo, progress);
  if (!report.ok()) return FailReplay(report.status());
  LedgerReplay replay(*rules, {(*rules)->config.external_url}, span->since, *step, **report);
  (*report)->Observe(replay);
  absl::StatusOr<MaintenanceList> maintenance = LoadMaintenance(**ledger);
  if (!maintenance.ok()) return FailReplay(maintenance.status());
  replay.SetMaintenance(std::make_shared<const MaintenanceList>(*std::move(maintenance)));
  const absl::Status read =
      (*ledger)->VisitTierHistory(span->loaded, span->newest, [&](const SeriesName& series, const CountRow& row) {
        ++totals.lines;
        replay.Take(series, row);
      });
  const ReplaySummary summary = replay.Finish(span->newest);
  NoteSpan(*span, totals.notes);
  NoteLimits(replay, totals.notes);
  return (*report)->Conclude(summary, totals, read);
}

}  // namespace firebreak
