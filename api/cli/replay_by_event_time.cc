#include <algorithm>
#include <utility>

#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/replay_report.h"
#include "api/cli/replay_run.h"
#include "engine/replay.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

absl::StatusOr<ReplayOptions> ReadOptions(const ReplayArguments& arguments, const Config& config) {
  ReplayOptions replay;
  const absl::StatusOr<absl::Duration> step = DurationOption("--step", arguments.step, config.evaluation_interval);
  if (!step.ok()) return step.status();
  const absl::StatusOr<absl::Duration> lateness = DurationOption("--lateness", arguments.lateness, replay.lateness);
  if (!lateness.ok()) return lateness.status();
  replay.step = *step;
  replay.lateness = *lateness;
  const absl::Status valid = ReplayDriver::Validate(config, replay);
  if (!valid.ok()) return valid;
  return replay;
}

// Reads every file into `driver`. What is cut off or damaged is used up to there; the first such fault is returned.
absl::Status ReadFiles(Recordings& recordings, const std::vector<std::string>& files, ReplayDriver& driver,
                       std::vector<int64_t>& lines_before, ReadTotals& totals, Progress& progress) {
  absl::Status fault;
  for (size_t i = 0; i < files.size(); ++i) {
    lines_before.push_back(totals.lines);
    Recording::Callbacks callbacks;
    callbacks.on_event = [&](const Event& event, int64_t line) { driver.Offer(event, totals.lines + line); };
    callbacks.on_reject = [&](int64_t line, std::string_view reason) {
      Reject(totals, fmt::format("{}:{}: {}", files[i], line, reason));
    };
    callbacks.on_progress = [&](int64_t done, int64_t total) { progress.Update(done, total); };
    fault.Update(TakeEnd(*recordings[i], files[i], recordings[i]->Read(callbacks), totals));
    totals.lines += recordings[i]->lines();
  }
  return fault;
}

}  // namespace

int ReplayByEventTime(const ReplayArguments& arguments, Recordings recordings) {
  absl::StatusOr<Config> config = LoadConfig(arguments.config);
  if (!config.ok()) return FailReplay(config.status());
  const absl::StatusOr<ReplayOptions> replay = ReadOptions(arguments, *config);
  if (!replay.ok()) return FailReplay(replay.status());
  config->allowed_lateness = std::max(config->allowed_lateness, replay->lateness);
  absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(*std::move(config));
  if (!rules.ok()) return FailReplay(rules.status());

  Progress progress("replay");
  const auto report = ReplayReport::Create(arguments, *rules, replay->step, CausesKnown::kYes, progress);
  if (!report.ok()) return FailReplay(report.status());
  ReadTotals totals;
  std::vector<int64_t> lines_before;  // of each file, those of the files before it
  const auto on_reject = [&](int64_t line, std::string_view reason) {
    size_t file = lines_before.size() - 1;
    while (file > 0 && lines_before[file] >= line) --file;
    // The driver counts it.
    KeepReason(totals, fmt::format("{}:{}: {}", arguments.files[file], line - lines_before[file], reason));
  };
  ReplayDriver driver(*rules, {(*rules)->config.external_url}, *replay, **report, on_reject);
  (*report)->Observe(driver);
  absl::Status fault = ReadFiles(recordings, arguments.files, driver, lines_before, totals, progress);
  const ReplaySummary summary = driver.Finish();
  const bool all_rejected = summary.events == 0 && totals.rejected + summary.rejected > 0;
  if (all_rejected || (summary.events == 0 && !arguments.fail_on.empty())) {
    fault.Update(absl::InvalidArgumentError("not one event could be read: is --format right?"));
  }
  return (*report)->Conclude(summary, totals, fault);
}

}  // namespace firebreak
