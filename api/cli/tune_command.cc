#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/not_empty.h"
#include "api/cli/tune_arguments.h"
#include "api/cli/tune_history.h"
#include "api/cli/tune_study.h"
#include "api/lab/tune_page.h"
#include "api/lab/tune_report.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

int FailTune(const absl::Status& status) {
  fmt::print(stderr, "firebreak tune: {}\n", std::string(status.message()));
  return kExitUsage;
}

absl::StatusOr<TuneHistory> ReadHistory(const TuneArguments& arguments, const TunePlan& plan) {
  if (arguments.data_dir.empty()) return ReadTuneFiles(plan.rules, arguments.files, arguments.format, plan.step);
  return ReadTuneLedger(plan.rules, arguments.config, arguments.data_dir, arguments.since, plan.step);
}

absl::Status CannotWrite(const std::string& path) {
  return absl::InvalidArgumentError(fmt::format("--html: cannot write {}: {}", path, std::strerror(errno)));
}

// Long work should not end in finding that its page cannot be written.
absl::Status CheckWritable(const std::string& path) {
  if (path.empty() || std::ofstream(path, std::ios::app)) return absl::OkStatus();
  return CannotWrite(path);
}

absl::Status WritePage(const std::string& path, const TuneReport& report) {
  if (path.empty()) return absl::OkStatus();
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << TunePage(report);
  file.close();
  return file ? absl::OkStatus() : CannotWrite(path);
}

void Print(const TuneArguments& arguments, const TuneReport& report) {
  const auto print = [](std::string_view text) { fmt::print("{}", text); };
  if (!arguments.json) return print(TuneText(report, arguments.top));
  WriteTuneJson(report, print);
  print("\n");
}

int RunTune(const TuneArguments& arguments) {
  const absl::StatusOr<TunePlan> plan = ReadArguments(arguments);
  if (!plan.ok()) return FailTune(plan.status());
  const absl::Status writable = CheckWritable(arguments.html);
  if (!writable.ok()) return FailTune(writable);
  absl::StatusOr<TuneHistory> history = ReadHistory(arguments, *plan);
  if (!history.ok()) return FailTune(history.status());
  const absl::StatusOr<TuneReport> report = StudyRules(arguments, *plan, *history);
  if (!report.ok()) return FailTune(report.status());
  Print(arguments, *report);
  const absl::Status written = WritePage(arguments.html, *report);
  if (!written.ok()) return FailTune(written);
  if (!history->fault.ok()) return FailTune(history->fault);
  return kExitOk;
}

void AddOptions(CLI::App& command, TuneArguments& arguments) {
  command.add_option("-c,--config", arguments.config, "The configuration to tune")->required();
  command.add_option("FILE", arguments.files,
                     "Logs or recordings, as for replay; a recording of serve --record is taken by its timestamps");
  command
      .add_option("--data-dir", arguments.data_dir,
                  "Instead of FILE: the tiers' counts that a server keeps there, 30 s wide; it may be running")
      ->check(NotEmpty("a folder"));
  command.add_option("--since", arguments.since, "With --data-dir: only the last 7d, 12h … (default: all there is)");
  command.add_option("--format", arguments.format, "As for replay")->capture_default_str();
  command
      .add_option("--incidents", arguments.incidents,
                  "Labelled incidents: YAML, or CSV by its name: begin, end, tier, what")
      ->check(NotEmpty("a file"));
  command.add_option(
      "--derive", arguments.derive,
      "Without --incidents: what spends at least this share of the period's budget at once is an incident [2%]");
  command.add_option("--sweep", arguments.sweep,
                     "What to vary, such as \"fast.burn=6..20/0.4 fast.for=0s,1m,2m min_bad=0,5\" (default: around the "
                     "present settings)");
  command.add_option("--slo", arguments.slos, "Only TIER/availability or TIER/latency; may be given again")
      ->allow_extra_args(false);
  command.add_option("--severity", arguments.severity, "What counts as an alert: pages, or tickets too")
      ->check(CLI::IsMember({"page", "ticket"}))
      ->capture_default_str();
  command.add_option("--step", arguments.step, "Evaluate at multiples of this [1m]");
  command.add_option("--top", arguments.top, "Print so many rules of each Pareto front")->capture_default_str();
  command.add_flag("--all", arguments.all, "Report every combination with all its scores, not the front only");
  command.add_flag("--json", arguments.json, "Print everything as one JSON object");
  command.add_option("--html", arguments.html, "Write a page with charts, too; it loads nothing from anywhere")
      ->check(NotEmpty("a file"));
}

}  // namespace

void AddTuneCommand(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<TuneArguments>();
  CLI::App* command = app.add_subcommand("tune", "Try many rules on recorded traffic and score them by its incidents");
  AddOptions(*command, *arguments);
  command->footer(
      "Exit: 0 when the input was read, 2 for bad usage or unreadable input.\n"
      "Examples:\n"
      "  firebreak tune --config rules.yaml --incidents incidents.csv access.log.*.gz\n"
      "  firebreak tune --config rules.yaml --incidents incidents.yaml --data-dir /var/lib/firebreak\n"
      "  firebreak tune --config rules.yaml --sweep \"fast.burn=6..20/0.4 fast.for=0s,1m,2m\" events.ndjson");
  command->callback([arguments, &exit_code] { exit_code = RunTune(*arguments); });
}

}  // namespace firebreak
