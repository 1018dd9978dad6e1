#include "storage/ledger/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "fmt/format.h"
#include "storage/ledger/database.h"
#include "storage/ledger/ledger_file.h"

namespace firebreak {
namespace {

constexpr int kPagesAtOnce = 1024;

absl::Status ExistsError(const std::string& path) {
  return absl::AlreadyExistsError(fmt::format("{}: is there already: name another file, or move it aside", path));
}

absl::Status CopyPages(Database& from, Database& to, const std::function<void(int64_t, int64_t)>& progress) {
  const auto page_bytes = from.QueryInteger("PRAGMA page_size");
  if (!page_bytes.ok()) return page_bytes.status();
  sqlite3_backup* backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) return to.ErrorOf(sqlite3_extended_errcode(to.handle()));
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    code = sqlite3_backup_step(backup, kPagesAtOnce);
    const int64_t pages = sqlite3_backup_pagecount(backup);
    if (progress) progress((pages - sqlite3_backup_remaining(backup)) * *page_bytes, pages * *page_bytes);
  }
  sqlite3_backup_finish(backup);
  if (code == SQLITE_DONE) return absl::OkStatus();
  // SQLite does not say which of the two failed; damage can only be in the one that is read.
  return (code & 0xff) == SQLITE_CORRUPT ? from.ErrorOf(code) : to.ErrorOf(code);
}

absl::Status Copy(Database& from, const std::string& to, const std::function<void(int64_t, int64_t)>& progress) {
  if (absl::Status status = MakePrivateFile(to); !status.ok()) return status;
  auto copy = Database::Open(to, Database::Access::kCreate, "");
  if (!copy.ok()) return copy.status();
  if (absl::Status status = (*copy)->Execute("PRAGMA synchronous = FULL"); !status.ok()) return status;
  if (absl::Status status = CopyPages(from, **copy, progress); !status.ok()) return status;
  // One file, without a WAL beside it.
  return (*copy)->Execute("PRAGMA journal_mode = DELETE");
}

absl::Status Sync(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  if (synced) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("{}: cannot be made durable: {}", path, std::strerror(error)));
}

absl::Status Rename(const std::string& from, const std::string& to, ExistingFile existing) {
  const unsigned flags = existing == ExistingFile::kRefused ? RENAME_NOREPLACE : 0;
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) return SyncDirectoryOf(to);
  if (errno == EEXIST) return ExistsError(to);
  return absl::UnavailableError(fmt::format("{}: cannot be made: {}", to, std::strerror(errno)));
}

}  // namespace

absl::StatusOr<VerifyReport> BackUpLedger(const std::string& from, const std::string& to, ExistingFile existing,
                                          const std::function<void(int64_t copied_bytes, int64_t bytes)>& progress) {
  // Early, though the last word is Rename's.
  if (existing == ExistingFile::kRefused && access(to.c_str(), F_OK) == 0) return ExistsError(to);
  auto source = OpenLedgerFileToRead(from);
  if (!source.ok()) return source.status();
  // The first thing read fixes the moment: what is written meanwhile makes no copy begin anew.
  const ReadTransaction snapshot(**source);
  if (!snapshot.status().ok()) return snapshot.status();
  if (absl::Status status = (*source)->QueryInteger("SELECT count(*) FROM meta").status(); !status.ok()) return status;

  const std::string unfinished = to + ".part";
  const auto remove = [&] {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) unlink((unfinished + suffix).c_str());
  };
  remove();
  const absl::Cleanup clean_up = remove;
  if (absl::Status status = Copy(**source, unfinished, progress); !status.ok()) return status;
  absl::StatusOr<VerifyReport> report = VerifyLedger(unfinished);
  if (!report.ok() || !report->sound()) {
    const std::string why = report.ok() ? report->findings[0] : std::string(report.status().message());
    return absl::DataLossError(fmt::format("{}: not sound, so there is no backup of it: {}", from, why));
  }
  if (absl::Status status = Sync(unfinished); !status.ok()) return status;
  if (absl::Status status = Rename(unfinished, to, existing); !status.ok()) return status;
  return report;
}

}  // namespace firebreak
