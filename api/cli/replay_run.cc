#include "api/cli/replay_run.h"

#include "api/cli/command.h"
#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
int FailReplay(const absl::Status& status) {
  fmt::print(stderr, "firebreak replay: {}\n", std::string(status.message()));
  return kExitUsage;
}

void PrintSummary(const ReplayArguments& arguments, const Config& config, const ReplaySummary& summary,
                  const ReadTotals& read, const AlertTotals& alerts) {
  fmt::print("{}", arguments.json ? SummaryJson(config, summary, read, alerts) + "\n"
                                  : SummaryText(config, summary, read, alerts));
}

int VerdictOf(const ReplayArguments& arguments, const AlertTotals& alerts) {
  const bool failed = (arguments.fail_on == "page" && alerts.pages > 0) ||
                      (arguments.fail_on == "ticket" && alerts.pages + alerts.tickets > 0);
  return failed ? kExitNo : kExitOk;
}

absl::StatusOr<absl::Duration> DurationOption(std::string_view name, const std::string& text,
                                              absl::Duration otherwise) {
  if (text.empty()) return otherwise;
  absl::StatusOr<absl::Duration> duration = ParseDuration(text);
  if (duration.ok()) return duration;
  return absl::InvalidArgumentError(fmt::format("{}: {}", name, std::string(duration.status().message())));
}

}  // namespace firebreak
