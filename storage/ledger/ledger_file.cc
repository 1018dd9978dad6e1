#include "storage/ledger/ledger_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "fmt/format.h"
#include "storage/ledger/data_directory.h"
#include "storage/ledger/database.h"
#include "storage/ledger/schema.h"

namespace firebreak {
namespace {

// What is at `path`, if anything.
absl::StatusOr<std::optional<struct stat>> Look(const std::string& path) {
  struct stat found;
  if (stat(path.c_str(), &found) == 0) return found;
  if (errno == ENOENT) return std::nullopt;
  return absl::FailedPreconditionError(
      fmt::format("{}: {}: let this user enter its directory", path, std::strerror(errno)));
}

constexpr off_t kPageBytes = 4096;

// SQLite reads what was cut off of the last page as zeros. A checkpoint that was cut short may leave half a page too,
// but then the WAL that it comes from is there.
absl::Status CheckWholePages(const std::string& path) {
  const auto file = Look(path);
  const auto wal = Look(path + "-wal");
  if (!file.ok() || !*file || !wal.ok()) return absl::OkStatus();  // it has been opened: somebody is at work there
  if ((**file).st_size % kPageBytes == 0 || (*wal && (**wal).st_size > 0)) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("{}: damaged (cut off within a page): restore a backup, or move it aside to begin anew", path));
}

absl::Status Build(const std::string& path, const std::string& vfs) {
  auto database = Database::Open(path, Database::Access::kCreate, vfs);
  if (!database.ok()) return database.status();
  const absl::Status status = (*database)->Execute(fmt::format(
      "PRAGMA auto_vacuum = NONE; PRAGMA synchronous = FULL; PRAGMA application_id = {}", kLedgerApplicationId));
  return status.ok() ? Migrate(**database, LedgerMigrations()) : status;
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

bool IsThere(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// SQLite keeps an index of the WAL beside it (-shm), which all that have the ledger open share. Where it cannot be
// made, a ledger can be read without it if there is no WAL to be read, and nobody is about to write one.
absl::StatusOr<Database::Access> HowToRead(const std::string& path) {
  const std::string directory = DirectoryOf(path);
  if (access(directory.c_str(), W_OK) == 0 || IsThere(path + "-shm")) return Database::Access::kRead;
  const auto wal = Look(path + "-wal");
  if (!wal.ok()) return wal.status();
  if (*wal && (**wal).st_size > 0) {
    return absl::FailedPreconditionError(fmt::format(
        "{}-wal: holds commits that ledger.db does not have yet, and cannot be read where nothing may be written: copy "
        "ledger.db and ledger.db-wal to a folder that you may write to",
        path));
  }
  if (IsHeldByServer(directory)) {
    return absl::FailedPreconditionError(
        fmt::format("{}: in use by a server, and {} may not be written by this user: run it as the server's user", path,
                    directory));
  }
  return Database::Access::kReadUnchanging;
}

absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Database::Access access,
                                               const std::string& vfs) {
  const absl::StatusOr<LedgerFile> file = InspectLedgerFile(path);
  if (!file.ok()) return file.status();
  if (*file == LedgerFile::kAbsent) {
    return absl::NotFoundError(fmt::format("{}: no ledger here: wanted a server's data directory", path));
  }
  auto database = Database::Open(path, access, vfs);
  if (!database.ok()) return database;
  const Older older = access == Database::Access::kWrite ? Older::kAccepted : Older::kRefused;
  if (absl::Status status = CheckSchema(**database, LedgerMigrations(), older); !status.ok()) return status;
  if (absl::Status status = CheckWholePages(path); !status.ok()) return status;
  return database;
}

}  // namespace

absl::StatusOr<LedgerFile> InspectLedgerFile(const std::string& path) {
  const auto file = Look(path);
  if (!file.ok()) return file.status();
  const auto wal = Look(path + "-wal");
  if (!wal.ok()) return wal.status();
  if (!*file && *wal && (**wal).st_size > 0) {
    return absl::DataLossError(
        fmt::format("{}: gone, though its -wal is there: put it back, or move the -wal aside too", path));
  }
  if (!*file) return LedgerFile::kAbsent;
  if (!S_ISREG((**file).st_mode)) {
    return absl::FailedPreconditionError(fmt::format("{}: not a file: move it aside", path));
  }
  if ((**file).st_size == 0) {
    return absl::DataLossError(fmt::format("{}: empty: restore a backup, or move it aside to begin anew", path));
  }
  return LedgerFile::kPresent;
}

absl::Status CreateLedgerFile(const std::string& path, const std::string& vfs) {
  const std::string unfinished = path + ".new";
  for (const char* suffix : {"", "-journal", "-wal"}) std::remove((unfinished + suffix).c_str());
  if (absl::Status status = MakePrivateFile(unfinished); !status.ok()) return status;
  if (absl::Status status = Build(unfinished, vfs); !status.ok()) {
    std::remove(unfinished.c_str());
    return status;
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError(fmt::format("{}: cannot be made: {}", path, std::strerror(errno)));
  }
  return SyncDirectoryOf(path);
}

absl::StatusOr<std::unique_ptr<Database>> OpenLedgerFile(const std::string& path, const std::string& vfs) {
  return Open(path, Database::Access::kWrite, vfs);
}

absl::StatusOr<std::unique_ptr<Database>> OpenLedgerFileToRead(const std::string& path) {
  const absl::StatusOr<Database::Access> access = HowToRead(path);
  if (!access.ok()) return access.status();
  return Open(path, *access, "");
}

absl::Status MakePrivateFile(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    close(fd);
    return absl::OkStatus();
  }
  if (errno == ENOSPC || errno == EDQUOT) {
    return absl::ResourceExhaustedError(fmt::format("{}: the disk is full: make room", path));
  }
  return absl::FailedPreconditionError(
      fmt::format("{}: cannot be made: {}: let this user write there", path, std::strerror(errno)));
}

absl::Status SyncDirectoryOf(const std::string& path) {
  const std::string directory = DirectoryOf(path);
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  if (synced) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("{}: cannot be made durable: {}", directory, std::strerror(error)));
}

}  // namespace firebreak
