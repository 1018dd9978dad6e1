#include <utility>

#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/read_notes.h"
#include "api/cli/replay_report.h"
#include "api/cli/replay_run.h"
#include "api/record/recording_follower.h"
#include "engine/recorded_replay.h"
#include "engine/replay.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

absl::StatusOr<absl::Duration> ReadStep(const ReplayArguments& arguments, const Config& config) {
  if (!arguments.lateness.empty()) {
    return absl::InvalidArgumentError("--lateness: a recording has an order of its own; it goes with --by-event-time");
  }
  ReplayOptions options;
  const absl::StatusOr<absl::Duration> step = DurationOption("--step", arguments.step, config.evaluation_interval);
  if (!step.ok()) return step.status();
  options.step = *step;
  const absl::Status valid = ReplayDriver::Validate(config, options);
  if (!valid.ok()) return valid;
  return *step;
}

}  // namespace

absl::Status FollowFile(Recording& recording, const std::string& file, RecordingFollower& follower, ReadTotals& totals,
                        Progress& progress) {
  follower.BeginFile(file);
  absl::Status fault;
  Recording::LineCallbacks callbacks;
  callbacks.on_line = [&](std::string_view line, bool truncated) {
    if (!fault.ok()) return;
    const absl::Status taken =
        truncated ? absl::InvalidArgumentError(fmt::format("{}:{}: longer than 1 MiB", file, recording.lines()))
                  : follower.Take(recording.lines(), line);
    if (absl::IsInvalidArgument(taken)) {
      Reject(totals, std::string(taken.message()));
    } else {
      fault = taken;
    }
  };
  callbacks.on_progress = [&](int64_t done, int64_t total) { progress.Update(done, total); };
  const absl::Status read = recording.ReadLines(callbacks);
  totals.lines += recording.lines();
  if (!fault.ok()) return fault;
  follower.EndFile(recording.cut_off() ? RecordingFollower::FileEnd::kCutOff : RecordingFollower::FileEnd::kWhole);
  return recording.cut_off() ? absl::OkStatus() : read;
}

int ReplayAsRecorded(const ReplayArguments& arguments, Recordings recordings) {
  absl::StatusOr<Config> config = LoadConfig(arguments.config);
  if (!config.ok()) return FailReplay(config.status());
  const absl::StatusOr<absl::Duration> step = ReadStep(arguments, *config);
  if (!step.ok()) return FailReplay(step.status());
  const absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(*std::move(config));
  if (!rules.ok()) return FailReplay(rules.status());

  Progress progress("replay");
  const auto report = ReplayReport::Create(arguments, *rules, *step, CausesKnown::kYes, progress);
  if (!report.ok()) return FailReplay(report.status());
  ReadTotals totals;
  RecordedReplay replay(*rules, {(*rules)->config.external_url}, *step, **report);
  (*report)->Observe(replay);
  RecordingFollower follower((*rules)->config, replay);
  absl::Status fault;
  for (size_t i = 0; i < recordings.size() && fault.ok(); ++i) {
    fault = FollowFile(*recordings[i], arguments.files[i], follower, totals, progress);
  }
  follower.Finish();
  const ReplaySummary summary = replay.Finish();
  totals.notes = follower.notes();
  return (*report)->Conclude(summary, totals, fault);
}

}  // namespace firebreak
