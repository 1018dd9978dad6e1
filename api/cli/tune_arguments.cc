#include "api/cli/tune_arguments.h"

#include <algorithm>
#include <utility>

#include "api/cli/config_file.h"
#include "api/cli/ledger_history.h"
#include "api/cli/replay_run.h"
#include "fmt/format.h"
#include "rules/decimal.h"

namespace firebreak {
namespace {

absl::Status AllFindings(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) text += (text.empty() ? "" : "\n") + finding.ToString();
  return absl::InvalidArgumentError(text);
}

absl::StatusOr<std::vector<Incident>> LoadIncidents(const std::string& path, const Config& config) {
  const absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  ParsedIncidents parsed = ParseIncidents(*text, path, config);
  if (!parsed.incidents) return AllFindings(parsed.findings);
  if (parsed.incidents->empty()) return absl::InvalidArgumentError(path + ": no incidents in it, wanted at least one");
  return *std::move(parsed.incidents);
}

// What alerts of the sweep never count: its numbers would all be the same.
absl::Status CheckSweepCounts(const Config& config, const std::vector<SweepAxis>& axes, Severity least) {
  for (const SweepAxis& axis : axes) {
    if (!axis.pair || config.pairs[*axis.pair].severity >= least) continue;
    const std::string& pair = config.pairs[*axis.pair].name;
    return absl::InvalidArgumentError(fmt::format(
        "--sweep: {}: its alerts are tickets, and only pages count: wanted --severity ticket, or pairs that page",
        pair));
  }
  return absl::OkStatus();
}

absl::Status ReadSweep(const TuneArguments& arguments, TunePlan& plan) {
  const Config& config = plan.rules->config;
  plan.least = arguments.severity == "page" ? Severity::kPage : Severity::kTicket;
  plan.sweep = arguments.sweep.empty() ? DefaultSweep(config, plan.least) : arguments.sweep;
  ParsedSweep parsed = ParseSweep(plan.sweep, config);
  if (!parsed.axes) return AllFindings(parsed.findings);
  plan.axes = *std::move(parsed.axes);
  return CheckSweepCounts(config, plan.axes, plan.least);
}

// What spends a share of the budget is an incident: 2 is more likely to mean 2 % than 200 %.
absl::Status ReadDerive(const std::string& text, TunePlan& plan) {
  plan.derive = text.empty() ? "2%" : text;
  const absl::StatusOr<Decimal> share = Decimal::Parse(plan.derive);
  if (share.ok()) plan.derive_share = share->ToDouble();
  if (!share.ok() || plan.derive_share <= 0 || plan.derive_share > 1) {
    return absl::InvalidArgumentError(
        fmt::format("--derive {}: wanted a share of the budget such as 2% or 0.02, at most 100%", plan.derive));
  }
  return absl::OkStatus();
}

absl::Status CheckTogether(const TuneArguments& arguments) {
  if (arguments.data_dir.empty() && arguments.files.empty()) {
    return absl::InvalidArgumentError("FILE is required (unless --data-dir is given)");
  }
  if (!arguments.data_dir.empty() && !arguments.files.empty()) {
    return absl::InvalidArgumentError("--data-dir reads what a ledger holds: wanted no FILE");
  }
  if (!arguments.since.empty() && arguments.data_dir.empty()) {
    return absl::InvalidArgumentError("--since goes with --data-dir");
  }
  if (!arguments.derive.empty() && !arguments.incidents.empty()) {
    return absl::InvalidArgumentError("--derive is for want of labels: wanted no --incidents with it");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TunePlan> ReadArguments(const TuneArguments& arguments) {
  const absl::Status together = CheckTogether(arguments);
  if (!together.ok()) return together;
  TunePlan plan;
  absl::StatusOr<Config> config =
      arguments.data_dir.empty() ? LoadConfig(arguments.config) : LoadConfigOnRowGrid(arguments.config);
  if (!config.ok()) return config.status();
  const absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(*std::move(config));
  if (!rules.ok()) return rules.status();
  plan.rules = *rules;
  if (!arguments.incidents.empty()) {
    absl::StatusOr<std::vector<Incident>> incidents = LoadIncidents(arguments.incidents, plan.rules->config);
    if (!incidents.ok()) return incidents.status();
    plan.incidents = *std::move(incidents);
  }
  const absl::Status sweep = ReadSweep(arguments, plan);
  if (!sweep.ok()) return sweep;
  const absl::Status derive = ReadDerive(arguments.derive, plan);
  if (!derive.ok()) return derive;
  const absl::Duration usual = std::max(absl::Minutes(1), plan.rules->config.evaluation_interval);
  const absl::StatusOr<absl::Duration> step = DurationOption("--step", arguments.step, usual);
  if (!step.ok()) return step.status();
  plan.step = *step;
  plan.reported = arguments.all ? Reported::kAll : Reported::kFront;
  return plan;
}

}  // namespace firebreak
