#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/event_files.h"
#include "api/cli/progress.h"
#include "api/cli/replay_run.h"
#include "api/lab/diff_report.h"
#include "engine/lab/timeline_diff.h"
#include "engine/replay.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

struct DiffArguments {
  std::string old_config;
  std::string new_config;
  std::vector<std::string> files;
  std::string format = "auto";
  std::string step;
  std::string lateness;
  bool json = false;
  bool markdown = false;
  bool fail = false;
};

int FailDiff(const absl::Status& status) {
  fmt::print(stderr, "firebreak diff: {}\n", std::string(status.message()));
  return kExitUsage;
}

// One side of the comparison. Stays where it is: its driver points to its timeline.
struct Side {
  std::shared_ptr<const RuleSet> rules;
  AlertTimeline timeline;
  std::unique_ptr<ReplayDriver> driver;
};

absl::StatusOr<ReplayOptions> ReadOptions(const DiffArguments& arguments, const Config& config) {
  ReplayOptions options;
  const absl::StatusOr<absl::Duration> step = DurationOption("--step", arguments.step, config.evaluation_interval);
  if (!step.ok()) return step.status();
  const absl::StatusOr<absl::Duration> lateness = DurationOption("--lateness", arguments.lateness, options.lateness);
  if (!lateness.ok()) return lateness.status();
  options.step = *step;
  options.lateness = *lateness;
  const absl::Status valid = ReplayDriver::Validate(config, options);
  if (!valid.ok()) return valid;
  return options;
}

absl::Status Prepare(const std::string& path, const DiffArguments& arguments, ReplayDriver::RejectCallback on_reject,
                     Side& side) {
  absl::StatusOr<Config> config = LoadConfig(path);
  if (!config.ok()) return config.status();
  const absl::StatusOr<ReplayOptions> options = ReadOptions(arguments, *config);
  if (!options.ok()) {
    return absl::Status(options.status().code(), fmt::format("{}: {}", path, std::string(options.status().message())));
  }
  config->allowed_lateness = std::max(config->allowed_lateness, options->lateness);
  const absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(*std::move(config));
  if (!rules.ok()) return rules.status();
  side.rules = *rules;
  side.driver = std::make_unique<ReplayDriver>(*rules, PipelineOptions{(*rules)->config.external_url}, *options,
                                               side.timeline, std::move(on_reject));
  return absl::OkStatus();
}

std::string Rendered(const DiffArguments& arguments, const DiffReport& report) {
  if (arguments.json) return DiffJson(report) + "\n";
  return arguments.markdown ? DiffMarkdown(report) : DiffText(report);
}

int RunDiff(const DiffArguments& arguments) {
  absl::StatusOr<EventFiles> input = EventFiles::Open(arguments.files, arguments.format);
  if (!input.ok()) return FailDiff(input.status());
  Side before;
  Side after;
  // Both sides reject the same: it is told once.
  const absl::Status old_ready = Prepare(
      arguments.old_config, arguments, [](int64_t, std::string_view) {}, before);
  if (!old_ready.ok()) return FailDiff(old_ready);
  const absl::Status new_ready = Prepare(
      arguments.new_config, arguments, [&](int64_t line, std::string_view reason) { input->KeepReason(line, reason); },
      after);
  if (!new_ready.ok()) return FailDiff(new_ready);

  Progress progress("diff");
  const absl::Status read = input->Read(
      [&](const Event& event, int64_t line) {
        before.driver->Offer(event, line);
        after.driver->Offer(event, line);
      },
      progress);
  const ReplaySummary old_summary = before.driver->Finish();
  DiffReport report;
  report.summary = after.driver->Finish();
  // They differ when the two step differently: the worse is told.
  report.summary.behind = std::max(report.summary.behind, old_summary.behind);
  report.summary.late = std::max(report.summary.late, old_summary.late);
  progress.Clear();
  report.old_path = arguments.old_config;
  report.new_path = arguments.new_config;
  report.changes = CompareTimelines(before.timeline.alerts(), after.timeline.alerts());
  report.read = input->totals();
  if (report.summary.events == 0) {
    return FailDiff(read.ok() ? absl::InvalidArgumentError("not one event could be read: is --format right?") : read);
  }
  fmt::print("{}", Rendered(arguments, report));
  if (!read.ok()) return FailDiff(read);
  return arguments.fail && HasChanges(report) ? kExitNo : kExitOk;
}

}  // namespace

void AddDiffCommand(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<DiffArguments>();
  CLI::App* command =
      app.add_subcommand("diff", "Say which alerts a change of rules gains, loses or moves on recorded traffic");
  command->add_option("OLD", arguments->old_config, "The configuration as it is")->required();
  command->add_option("NEW", arguments->new_config, "The configuration as it is to be")->required();
  command
      ->add_option("FILE", arguments->files,
                   "Logs or recordings, as for replay; a recording of serve --record is taken by its timestamps")
      ->required();
  command->add_option("--format", arguments->format, "As for replay")->capture_default_str();
  command->add_option("--step", arguments->step, "Evaluate at multiples of this (default: each evaluation_interval)");
  command->add_option("--lateness", arguments->lateness, "As for replay [5m]");
  CLI::Option* markdown = command->add_flag("--markdown", arguments->markdown, "For a comment in a pull request");
  command->add_flag("--json", arguments->json, "Print one JSON object")->excludes(markdown);
  command->add_flag("--exit-code", arguments->fail, "Exit 1 when any alert changes");
  command->footer(
      "Exit: 0 when the input was read, 1 when --exit-code says so, 2 for bad usage or unreadable input.\n"
      "Example:\n  firebreak diff rules.yaml tighter.yaml --markdown access.log.*.gz");
  command->callback([arguments, &exit_code] { exit_code = RunDiff(*arguments); });
}

}  // namespace firebreak
