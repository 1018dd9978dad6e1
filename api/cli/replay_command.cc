#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/progress.h"
#include "api/cli/recording.h"
#include "api/cli/send_recording.h"
#include "api/timeline/timeline.h"
#include "engine/replay.h"
#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

constexpr size_t kReasonsShown = 20;

struct ReplayCommandOptions {
  std::string config;
  std::vector<std::string> files;
  std::string format = "auto";
  std::string step;
  std::string lateness = "5m";
  std::string fail_on;
  bool json = false;
  std::string to;
  std::string token_file;
  double speed = 1;
};

// Prints the timeline as it happens and counts alerts.
class TimelinePrinter : public TransitionSink {
 public:
  TimelinePrinter(bool json, Progress& progress) : json_(json), progress_(progress) {}

  void OnTransition(const Transition& transition) override {
    progress_.Clear();
    fmt::print("{}\n", json_ ? TransitionJson(transition) : TransitionText(transition));
    CountAlert(transition, totals_);
  }
  const AlertTotals& totals() const { return totals_; }

 private:
  const bool json_;
  Progress& progress_;
  AlertTotals totals_;
};

absl::StatusOr<absl::Duration> DurationOption(std::string_view name, const std::string& text) {
  absl::StatusOr<absl::Duration> duration = ParseDuration(text);
  if (duration.ok()) return duration;
  return absl::InvalidArgumentError(fmt::format("{}: {}", name, std::string(duration.status().message())));
}

absl::StatusOr<ReplayOptions> ReadOptions(const ReplayCommandOptions& options, const Config& config) {
  ReplayOptions replay;
  replay.step = config.evaluation_interval;
  if (!options.step.empty()) {
    absl::StatusOr<absl::Duration> step = DurationOption("--step", options.step);
    if (!step.ok()) return step.status();
    replay.step = *step;
  }
  absl::StatusOr<absl::Duration> lateness = DurationOption("--lateness", options.lateness);
  if (!lateness.ok()) return lateness.status();
  replay.lateness = *lateness;
  const absl::Status valid = ReplayDriver::Validate(config, replay);
  if (!valid.ok()) return valid;
  return replay;
}

// Reads every file into `driver`. A file that is cut off is used up to the cut; the first such fault is returned.
absl::Status ReadFiles(std::vector<std::unique_ptr<Recording>>& recordings, const std::vector<std::string>& files,
                       ReplayDriver& driver, std::vector<int64_t>& lines_before, ReadTotals& totals,
                       Progress& progress) {
  absl::Status fault;
  for (size_t i = 0; i < files.size(); ++i) {
    lines_before.push_back(totals.lines);
    Recording::Callbacks callbacks;
    callbacks.on_event = [&](const Event& event, int64_t line) { driver.Offer(event, totals.lines + line); };
    callbacks.on_reject = [&](int64_t line, std::string_view reason) {
      ++totals.rejected;
      if (totals.reasons.size() < kReasonsShown)
        totals.reasons.push_back(fmt::format("{}:{}: {}", files[i], line, reason));
    };
    callbacks.on_progress = [&](int64_t done, int64_t total) { progress.Update(done, total); };
    fault.Update(recordings[i]->Read(callbacks));
    totals.lines += recordings[i]->lines();
  }
  return fault;
}

int Fail(const absl::Status& status) {
  fmt::print(stderr, "firebreak replay: {}\n", std::string(status.message()));
  return kExitUsage;
}

bool FailsOn(const std::string& what, const AlertTotals& totals) {
  if (what == "page") return totals.pages > 0;
  if (what == "ticket") return totals.pages + totals.tickets > 0;
  return false;
}

int RunReplay(const ReplayCommandOptions& options, std::vector<std::unique_ptr<Recording>> recordings) {
  absl::StatusOr<Config> config = LoadConfig(options.config);
  if (!config.ok()) return Fail(config.status());
  const absl::StatusOr<ReplayOptions> replay = ReadOptions(options, *config);
  if (!replay.ok()) return Fail(replay.status());
  config->allowed_lateness = std::max(config->allowed_lateness, replay->lateness);
  absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(*std::move(config));
  if (!rules.ok()) return Fail(rules.status());

  Progress progress("replay");
  TimelinePrinter printer(options.json, progress);
  ReadTotals totals;
  std::vector<int64_t> lines_before;  // of each file, those of the files before it
  const auto on_reject = [&](int64_t line, std::string_view reason) {
    if (totals.reasons.size() >= kReasonsShown) return;
    size_t file = lines_before.size() - 1;
    while (file > 0 && lines_before[file] >= line) --file;
    totals.reasons.push_back(fmt::format("{}:{}: {}", options.files[file], line - lines_before[file], reason));
  };
  ReplayDriver driver(*rules, {(*rules)->config.external_url}, *replay, printer, on_reject);
  const absl::Status read = ReadFiles(recordings, options.files, driver, lines_before, totals, progress);
  const ReplaySummary summary = driver.Finish();
  progress.Clear();
  const Config& used = (*rules)->config;
  fmt::print("{}", options.json ? SummaryJson(used, summary, totals, printer.totals()) + "\n"
                                : SummaryText(used, summary, totals, printer.totals()));
  if (!read.ok()) return Fail(read);
  const bool all_rejected = summary.events == 0 && totals.rejected + summary.rejected > 0;
  if (all_rejected || (summary.events == 0 && !options.fail_on.empty())) {
    return Fail(absl::InvalidArgumentError("not one event could be read: is --format right?"));
  }
  return FailsOn(options.fail_on, printer.totals()) ? kExitNo : kExitOk;
}

int Replay(const ReplayCommandOptions& options) {
  std::vector<std::unique_ptr<Recording>> recordings;
  for (const std::string& file : options.files) {
    absl::StatusOr<std::unique_ptr<Recording>> recording = Recording::Open(file, options.format);
    if (!recording.ok()) return Fail(recording.status());
    recordings.push_back(*std::move(recording));
  }
  if (!options.to.empty()) {
    const absl::Status sent = SendRecordings(recordings, {options.to, options.token_file, options.speed});
    return sent.ok() ? kExitOk : Fail(sent);
  }
  if (options.speed != 1) return Fail(absl::InvalidArgumentError("--speed goes with --to"));
  if (options.config.empty()) return Fail(absl::InvalidArgumentError("--config is required (unless --to is given)"));
  return RunReplay(options, std::move(recordings));
}

}  // namespace

void AddReplayCommand(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ReplayCommandOptions>();
  CLI::App* command = app.add_subcommand("replay", "Say when a configuration would have alerted on recorded traffic");
  command->add_option("-c,--config", options->config, "The configuration to try");
  command->add_option("FILE", options->files, "Recordings in the order of time; - is standard input, .gz is understood")
      ->required();
  command
      ->add_option(
          "--format", options->format,
          "auto, events (JSON lines), combined (Apache common too), nginx (combined with $request_time), or an "
          "RE2 with named groups: time, endpoint or request, status or outcome, latency_ms or latency_s")
      ->capture_default_str();
  command->add_option("--step", options->step, "Evaluate at multiples of this (default: evaluation_interval)");
  command->add_option("--lateness", options->lateness, "How far evaluation lags the newest event, to repair its order")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print each transition, then the summary, as a line of JSON");
  command
      ->add_option("--fail-on", options->fail_on,
                   "Exit 1 when an SLO's page (or also a ticket) fires; NoData does not count")
      ->check(CLI::IsMember({"page", "ticket"}));
  command->add_option("--to", options->to, "Send the recording to a running server instead, its times shifted to now");
  command->add_option("--speed", options->speed, "With --to: this many times the recorded pace")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--token-file", options->token_file, "With --to: the file that holds the ingest token");
  command->footer(
      "Exit: 0 when the input was read, 1 when --fail-on says so, 2 for bad usage or unreadable input.\n"
      "Examples:\n"
      "  firebreak replay --config rules/tiklive.yaml access.log.gz\n"
      "  firebreak replay --config rules.yaml --step 60s --json - < events.ndjson\n"
      "  firebreak replay --to http://127.0.0.1:9710 --speed 10 events.ndjson");
  command->callback([options, &exit_code] { exit_code = Replay(*options); });
}

}  // namespace firebreak
