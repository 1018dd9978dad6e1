#include <utility>

#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/read_notes.h"
#include "api/cli/replay_run.h"
#include "engine/alert_text.h"
#include "engine/backfill.h"
#include "engine/clock.h"
#include "engine/ledger_options.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "storage/ledger/data_directory.h"

namespace firebreak {
namespace {

absl::Status CheckOptions(const ReplayArguments& arguments) {
  for (const auto& [name, value] : {std::pair("--step", &arguments.step), std::pair("--lateness", &arguments.lateness),
                                    std::pair("--fail-on", &arguments.fail_on)}) {
    if (!value->empty()) {
      return absl::InvalidArgumentError(fmt::format("{}: --into counts and evaluates nothing", name));
    }
  }
  return absl::OkStatus();
}

// Reads every file into `backfill`; stops when the ledger cannot be written. What is cut off or damaged is used up to
// there; the first such fault is `read`.
absl::Status ReadFiles(Recordings& recordings, const std::vector<std::string>& files, Backfill& backfill,
                       ReadTotals& totals, absl::Status& read) {
  Progress progress("backfill");
  absl::Status written;
  for (size_t i = 0; i < recordings.size() && written.ok(); ++i) {
    Recording::Callbacks callbacks;
    callbacks.on_event = [&](const Event& event, int64_t) {
      if (written.ok()) written = backfill.Add(event);
    };
    callbacks.on_reject = [&](int64_t line, std::string_view reason) {
      Reject(totals, fmt::format("{}:{}: {}", files[i], line, reason));
    };
    callbacks.on_progress = [&](int64_t done, int64_t total) { progress.Update(done, total); };
    read.Update(TakeEnd(*recordings[i], files[i], recordings[i]->Read(callbacks), totals));
    totals.lines += recordings[i]->lines();
  }
  return written;
}

std::string TotalsText(const std::string& folder, const ReadTotals& read, const Backfill::Totals& totals) {
  std::string text = fmt::format("Read {} lines: {} events counted into {}, {} to {}; {} rejected", read.lines,
                                 totals.accepted, folder, TimeText(*totals.first_event), TimeText(*totals.last_event),
                                 read.rejected + totals.ahead + totals.overflow);
  if (totals.ahead > 0) text += fmt::format(" ({} of them dated ahead of now)", totals.ahead);
  text += fmt::format(", {} older than a ledger keeps.\n", totals.late);
  for (const std::string& note : read.notes) text += fmt::format("  note: {}\n", note);
  for (const std::string& reason : read.reasons) text += fmt::format("  rejected: {}\n", reason);
  return text + fmt::format("Now: firebreak serve --data-dir {} --config …\n", folder);
}

std::string TotalsJson(const ReadTotals& read, const Backfill::Totals& totals) {
  const nlohmann::ordered_json json = {{"lines", read.lines},
                                       {"accepted", totals.accepted},
                                       {"rejected", read.rejected + totals.ahead + totals.overflow},
                                       {"rejections", read.reasons},
                                       {"notes", read.notes},
                                       {"ahead", totals.ahead},
                                       {"late", totals.late},
                                       {"first_event", TimeText(*totals.first_event)},
                                       {"last_event", TimeText(*totals.last_event)}};
  const nlohmann::ordered_json line = {{"backfill", json}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

absl::Status Fill(const ReplayArguments& arguments, Recordings& recordings, const DataDirectory& directory,
                  const std::shared_ptr<const RuleSet>& rules, absl::Status& read) {
  absl::StatusOr<std::unique_ptr<Backfill>> backfill =
      Backfill::Begin(directory, LedgerOptionsFor(rules->config), rules, RealClock().Now());
  if (!backfill.ok()) return backfill.status();
  ReadTotals totals;
  const absl::Status written = ReadFiles(recordings, arguments.files, **backfill, totals, read);
  if (!written.ok()) return written;
  const absl::StatusOr<Backfill::Totals> counted = (*backfill)->Finish();
  if (!counted.ok()) return counted.status();
  fmt::print("{}", arguments.json ? TotalsJson(totals, *counted) : TotalsText(arguments.into, totals, *counted));
  return absl::OkStatus();
}

}  // namespace

int BackfillLedger(const ReplayArguments& arguments, Recordings recordings) {
  const absl::Status options = CheckOptions(arguments);
  if (!options.ok()) return FailReplay(options);
  absl::StatusOr<Config> config = LoadConfig(arguments.config);
  if (!config.ok()) return FailReplay(config.status());
  const absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(*std::move(config));
  if (!rules.ok()) return FailReplay(rules.status());
  const absl::StatusOr<std::unique_ptr<DataDirectory>> directory = DataDirectory::Open(arguments.into);
  if (!directory.ok()) return FailReplay(directory.status());
  absl::Status read;
  const absl::Status filled = Fill(arguments, recordings, **directory, *rules, read);
  if (!filled.ok()) {
    (*directory)->Discard();
    return FailReplay(filled);
  }
  return read.ok() ? kExitOk : FailReplay(read);
}

}  // namespace firebreak
