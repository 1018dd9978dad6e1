#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "api/cli/command.h"
#include "api/cli/not_empty.h"
#include "api/cli/progress.h"
#include "api/cli/verify_report.h"
#include "api/service/persistence.h"
#include "fmt/core.h"
#include "storage/ledger/backup.h"

namespace firebreak {
namespace {

struct BackupOptions {
  std::string data_dir;
  std::string to;
  bool overwrite = false;
  bool json = false;
};

// Whether the file lies, or would lie, in the folder, whatever that is called in the two paths. A copy put in the place
// of one of a server's own files would take its data away from under it.
bool LiesIn(const std::string& folder, const std::string& file) {
  std::error_code unknown;
  return std::filesystem::equivalent(folder, std::filesystem::absolute(file).parent_path(), unknown);
}

// InvalidArgument when the copy cannot have that name.
absl::Status CheckName(const BackupOptions& options) {
  std::error_code unknown;
  if (options.to.ends_with('/') || std::filesystem::is_directory(options.to, unknown)) {
    return absl::InvalidArgumentError(fmt::format("--to {}: is a folder: name a file in it", options.to));
  }
  if (LiesIn(options.data_dir, options.to)) {
    return absl::InvalidArgumentError(
        fmt::format("--to {}: lies in the data directory itself: name a file elsewhere", options.to));
  }
  return absl::OkStatus();
}

int Fail(const absl::Status& status) {
  fmt::print(stderr, "firebreak backup: {}\n", std::string(status.message()));
  return kExitUsage;
}

int BackUp(const BackupOptions& options) {
  if (const absl::Status name = CheckName(options); !name.ok()) return Fail(name);
  Progress progress("backup");
  absl::StatusOr<VerifyReport> report = BackUpLedger(
      LedgerIn(options.data_dir), options.to, options.overwrite ? ExistingFile::kReplaced : ExistingFile::kRefused,
      [&](int64_t copied, int64_t total) { progress.Update(copied, total); });
  progress.Clear();
  if (!report.ok()) return Fail(report.status());
  // Texts are the ledger's; what they mean is ours. A copy with one that a start refuses is better than none.
  const absl::StatusOr<std::vector<std::string>> texts = FindingsInTexts(options.to);
  if (!texts.ok()) return Fail(texts.status());
  report->findings.insert(report->findings.end(), texts->begin(), texts->end());
  fmt::print("{}", options.json ? ReportJson(options.to, *report) : ReportText(options.to, *report));
  return report->sound() ? kExitOk : kExitNo;
}

}  // namespace

void AddBackupCommand(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<BackupOptions>();
  CLI::App* command = app.add_subcommand("backup", "Copy a ledger to one file, also while a server writes to it");
  command->add_option("--data-dir", options->data_dir, "The data directory of the server")
      ->required()
      ->check(NotEmpty("a folder"));
  command->add_option("--to", options->to, "The file to make; it must not be there yet")
      ->required()
      ->check(NotEmpty("a file"));
  command->add_flag("--overwrite", options->overwrite, "Let it take the place of a file that is there");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "The copy is verified before it gets its name. To restore it, stop the server, move ledger.db, ledger.db-wal "
      "and\n"
      "ledger.db-shm aside, and put the copy there as ledger.db.\n"
      "Exit: 0 when there is a sound copy, 1 when there is one with something that a start would refuse (the server "
      "has "
      "it\n"
      "too), 2 when there is none.\n"
      "Example:\n  firebreak backup --data-dir /var/lib/firebreak --to /backup/firebreak-monday.db");
  command->callback([options, &exit_code] { exit_code = BackUp(*options); });
}

}  // namespace firebreak
