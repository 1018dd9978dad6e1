#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/event_files.h"
#include "api/cli/not_empty.h"
#include "api/cli/replay_run.h"
#include "api/cli/send_recording.h"
#include "api/record/recording_follower.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

absl::StatusOr<Recordings> OpenAll(const ReplayArguments& arguments) {
  Recordings recordings;
  for (const std::string& file : arguments.files) {
    absl::StatusOr<std::unique_ptr<Recording>> recording = Recording::Open(file, arguments.format);
    if (!recording.ok()) return recording.status();
    recordings.push_back(*std::move(recording));
  }
  return recordings;
}

// Whether these are recordings of `serve --record`, to be followed as they are. A file without a line goes with either.
// Errors: InvalidArgument when only some are.
absl::StatusOr<bool> AreRecordings(const ReplayArguments& arguments, const Recordings& recordings) {
  if (arguments.by_event_time || (arguments.format != "auto" && arguments.format != "events")) return false;
  std::string recording;
  std::string other;
  for (size_t i = 0; i < recordings.size(); ++i) {
    const std::string_view first = recordings[i]->FirstLine();
    if (!first.empty()) (BeginsRecording(first) ? recording : other) = arguments.files[i];
  }
  if (!recording.empty() && !other.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("{} is a recording of serve --record and {} is none: replay them apart, or both with "
                    "--by-event-time",
                    recording, other));
  }
  return !recording.empty();
}

// Options that only mean something together. Errors: InvalidArgument.
absl::Status CheckTogether(const ReplayArguments& arguments) {
  const int ways = static_cast<int>(!arguments.data_dir.empty()) + static_cast<int>(!arguments.into.empty()) +
                   static_cast<int>(!arguments.to.empty());
  if (ways > 1) return absl::InvalidArgumentError("--data-dir, --into and --to exclude each other");
  if (arguments.speed != 1 && arguments.to.empty()) return absl::InvalidArgumentError("--speed goes with --to");
  if (!arguments.since.empty() && arguments.data_dir.empty()) {
    return absl::InvalidArgumentError("--since goes with --data-dir");
  }
  if (!arguments.data_dir.empty() && !arguments.files.empty()) {
    return absl::InvalidArgumentError("--data-dir replays what a ledger holds: wanted no FILE");
  }
  if (!(arguments.into.empty() && arguments.to.empty()) && !(arguments.explain.empty() && arguments.html.empty())) {
    return absl::InvalidArgumentError("--explain and --html go with a replay, not with --into or --to");
  }
  if (arguments.data_dir.empty() && arguments.files.empty()) {
    return absl::InvalidArgumentError("FILE is required (unless --data-dir is given)");
  }
  if (arguments.to.empty() && arguments.config.empty()) {
    return absl::InvalidArgumentError("--config is required (unless --to is given)");
  }
  return absl::OkStatus();
}

int Send(const ReplayArguments& arguments, Recordings recordings) {
  const absl::Status sent = SendRecordings(recordings, {arguments.to, arguments.token_file, arguments.speed});
  return sent.ok() ? kExitOk : FailReplay(sent);
}

int Replay(ReplayArguments arguments) {
  const absl::Status together = CheckTogether(arguments);
  if (!together.ok()) return FailReplay(together);
  if (!arguments.data_dir.empty()) return ReplayLedger(arguments);
  absl::StatusOr<std::vector<std::string>> files = ExpandFolders(arguments.files);
  if (!files.ok()) return FailReplay(files.status());
  arguments.files = *std::move(files);
  absl::StatusOr<Recordings> recordings = OpenAll(arguments);
  if (!recordings.ok()) return FailReplay(recordings.status());
  if (!arguments.to.empty()) return Send(arguments, *std::move(recordings));
  if (!arguments.into.empty()) return BackfillLedger(arguments, *std::move(recordings));
  const absl::StatusOr<bool> recorded = AreRecordings(arguments, *recordings);
  if (!recorded.ok()) return FailReplay(recorded.status());
  return *recorded ? ReplayAsRecorded(arguments, *std::move(recordings))
                   : ReplayByEventTime(arguments, *std::move(recordings));
}

void AddInputOptions(CLI::App& command, ReplayArguments& arguments) {
  command.add_option("-c,--config", arguments.config, "The configuration to try");
  command.add_option("FILE", arguments.files,
                     "Logs or recordings in the order of time; a folder stands for all recordings of serve --record in "
                     "it; - is standard input; .gz and .zst are understood");
  command
      .add_option("--format", arguments.format,
                  "auto, events (JSON lines), combined (Apache common too), nginx (combined with $request_time), or an "
                  "RE2 with named groups: time, endpoint or request, status or outcome, latency_ms or latency_s")
      ->capture_default_str();
  command.add_flag("--by-event-time", arguments.by_event_time,
                   "Take a recording of serve --record as a log: by its timestamps, not as the engine went then");
  command
      .add_option("--data-dir", arguments.data_dir,
                  "Instead of FILE: replay the tiers' counts that a server keeps there, 30 s wide; it may be running")
      ->check(NotEmpty("a folder"));
  command.add_option("--since", arguments.since, "With --data-dir: only the last 7d, 12h … (default: all there is)");
}

void AddEvaluationOptions(CLI::App& command, ReplayArguments& arguments) {
  command.add_option("--step", arguments.step,
                     "Evaluate at multiples of this (default: evaluation_interval; with --data-dir at least 30s)");
  command.add_option("--lateness", arguments.lateness,
                     "How far evaluation lags the newest event, to repair the order of a log [5m]");
  command.add_flag("--json", arguments.json, "Print each transition, then the summary, as a line of JSON");
  command
      .add_option("--fail-on", arguments.fail_on,
                  "Exit 1 when an SLO's page (or also a ticket) fires; NoData does not count")
      ->check(CLI::IsMember({"page", "ticket"}));
}

void AddOutputOptions(CLI::App& command, ReplayArguments& arguments) {
  command
      .add_option(
          "--explain", arguments.explain,
          "ALERT@TIME: instead of the timeline, why that alert did or did not fire then, window by window, with "
          "the endpoints that did it. ALERT as the timeline prints it, TIME in RFC 3339 or +1h30m after the "
          "beginning; may be given again")
      ->allow_extra_args(false);
  command
      .add_option("--html", arguments.html,
                  "Write a page with the burn of all windows, budgets and alerts over time; it needs no network")
      ->check(NotEmpty("a file"));
  command
      .add_option("--into", arguments.into,
                  "Make a new data directory for serve out of logs of the past: its budgets begin full of history")
      ->check(NotEmpty("a folder"));
  command.add_option("--to", arguments.to, "Send the recording to a running server instead, its times shifted to now");
  command.add_option("--speed", arguments.speed, "With --to: this many times the recorded pace")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--token-file", arguments.token_file, "With --to: the file that holds the ingest token");
}

}  // namespace

void AddReplayCommand(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* command = app.add_subcommand("replay", "Say when a configuration would have alerted on recorded traffic");
  AddInputOptions(*command, *arguments);
  AddEvaluationOptions(*command, *arguments);
  AddOutputOptions(*command, *arguments);
  command->footer(
      "Exit: 0 when the input was read, 1 when --fail-on says so, 2 for bad usage or unreadable input.\n"
      "Examples:\n"
      "  firebreak replay --config rules/tiklive.yaml access.log.gz\n"
      "  firebreak replay --config rules.yaml --step 60s --json - < events.ndjson\n"
      "  firebreak replay --config tighter.yaml /var/log/firebreak        (recordings of serve --record)\n"
      "  firebreak replay --config tighter.yaml --data-dir /var/lib/firebreak --since 7d\n"
      "  firebreak replay --config rules.yaml --explain tier1_interactive/availability/fast@+2h30m access.log\n"
      "  firebreak replay --config rules.yaml --html replay.html access.log\n"
      "  firebreak replay --config rules.yaml --into /var/lib/firebreak access.log.*.gz\n"
      "  firebreak replay --to http://127.0.0.1:9710 --speed 10 events.ndjson");
  command->callback([arguments, &exit_code] { exit_code = Replay(*arguments); });
}

}  // namespace firebreak
