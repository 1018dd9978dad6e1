#include <algorithm>
#include <utility>

#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/event_files.h"
#include "api/cli/replay_report.h"
#include "api/cli/replay_run.h"
#include "engine/replay.h"

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
  EventFiles input(arguments.files, std::move(recordings));
  ReplayDriver driver(*rules, {(*rules)->config.external_url}, *replay, **report,
                      [&](int64_t line, std::string_view reason) { input.KeepReason(line, reason); });
  (*report)->Observe(driver);
  absl::Status fault = input.Read([&](const Event& event, int64_t line) { driver.Offer(event, line); }, progress);
  const ReplaySummary summary = driver.Finish();
  const bool all_rejected = summary.events == 0 && input.totals().rejected + summary.rejected > 0;
  if (all_rejected || (summary.events == 0 && !arguments.fail_on.empty())) {
    fault.Update(absl::InvalidArgumentError("not one event could be read: is --format right?"));
  }
  return (*report)->Conclude(summary, input.totals(), fault);
}

}  // namespace firebreak
