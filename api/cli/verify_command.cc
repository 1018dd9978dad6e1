#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/not_empty.h"
#include "api/cli/verify_report.h"
#include "api/service/persistence.h"
#include "fmt/core.h"

namespace firebreak {
namespace {

struct VerifyOptions {
  std::string data_dir;
  bool json = false;
};

int Verify(const VerifyOptions& options) {
  const std::string file = LedgerIn(options.data_dir);
  absl::StatusOr<VerifyReport> report = VerifyLedger(file);
  // Texts are the ledger's; what they mean is ours.
  absl::StatusOr<std::vector<std::string>> texts = std::vector<std::string>();
  if (report.ok()) texts = FindingsInTexts(file);
  for (const absl::Status& status : {report.status(), texts.status()}) {
    if (status.ok()) continue;
    fmt::print(stderr, "firebreak verify: {}\n", std::string(status.message()));
    return kExitUsage;
  }
  report->findings.insert(report->findings.end(), texts->begin(), texts->end());
  fmt::print("{}", options.json ? ReportJson(file, *report) : ReportText(file, *report));
  return report->sound() ? kExitOk : kExitNo;
}

}  // namespace

void AddVerifyCommand(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = app.add_subcommand("verify", "Check a ledger's integrity and what must hold in it");
  command->add_option("--data-dir", options->data_dir, "The data directory of a server, which may be running")
      ->required()
      ->check(NotEmpty("a folder"));
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Reads only. Exit: 0 when it is sound, 1 when something is wrong, 2 when it cannot be read at all.\n"
      "Example:\n  firebreak verify --data-dir /var/lib/firebreak");
  command->callback([options, &exit_code] { exit_code = Verify(*options); });
}

}  // namespace firebreak
