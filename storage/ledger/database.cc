#include "storage/ledger/database.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

#include "fmt/format.h"
#include "storage/ledger/integer_rows.h"
#include "storage/ledger/statement.h"

namespace firebreak {
namespace {

constexpr absl::Duration kBusyWait = absl::Seconds(5);

int FlagsOf(Database::Access access) {
  constexpr int kCommon = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  switch (access) {
    case Database::Access::kRead:
      return kCommon | SQLITE_OPEN_READONLY;
    case Database::Access::kReadUnchanging:
      return kCommon | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    case Database::Access::kWrite:
      return kCommon | SQLITE_OPEN_READWRITE;
    case Database::Access::kCreate:
      return kCommon | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return kCommon;
}

// What to call the file: kReadUnchanging can only be said in a URI.
std::string NameFor(Database::Access access, const std::string& path) {
  if (access != Database::Access::kReadUnchanging) return path;
  std::string uri = "file:";
  for (const char c : path) {
    uri += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02X}", c) : std::string(1, c);
  }
  return uri + "?immutable=1";
}

// The errno behind the last I/O error, 0 if it is not known. SQLite forgets it when a commit fails; its files do not.
int SystemErrorOf(sqlite3* handle) {
  int error = sqlite3_system_errno(handle);
  sqlite3_file* journal = nullptr;  // or the WAL
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
  if (error == 0 && journal != nullptr && journal->pMethods != nullptr) {
    journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &error);
  }
  if (error == 0) sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
  return error;
}

bool MeansFull(int system_error) { return system_error == ENOSPC || system_error == EDQUOT; }

absl::Status DamagedError(const std::string& path, std::string_view what) {
  return absl::DataLossError(
      fmt::format("{}: damaged ({}): restore a backup, or move it aside to begin anew", path, what));
}

// `what` is SQLite's own words; `system_error` an errno that is only meaningful after an I/O error.
absl::Status StatusOf(int code, int system_error, const std::string& path, const std::string& what) {
  const bool io_error = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  if ((code & 0xff) == SQLITE_FULL || (io_error && MeansFull(system_error))) {
    return absl::ResourceExhaustedError(fmt::format("{}: the disk is full: make room", path));
  }
  const std::string reason =
      io_error && system_error != 0 ? fmt::format("{}: {}", what, std::strerror(system_error)) : what;
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
      return DamagedError(path, reason);
    case SQLITE_NOTADB:
      return absl::DataLossError(
          fmt::format("{}: not a ledger ({}): restore a backup, or move it aside", path, reason));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::FailedPreconditionError(
          fmt::format("{}: may not be written ({}): let this user write it and its directory", path, reason));
    case SQLITE_CANTOPEN:
      return absl::FailedPreconditionError(
          fmt::format("{}: cannot be opened ({}): let this user read and write it and its directory", path, reason));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(fmt::format("{}: busy ({}): end what else has it open", path, reason));
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_NOLFS:
      return absl::UnavailableError(fmt::format("{}: {}: check the disk", path, reason));
    default:
      return absl::InternalError(fmt::format("{}: {}", path, reason));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Access access,
                                                         const std::string& vfs) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(NameFor(access, path).c_str(), &handle, FlagsOf(access), vfs.empty() ? nullptr : vfs.c_str());
  if (handle == nullptr) return absl::ResourceExhaustedError(fmt::format("{}: no memory to open it", path));
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return database->ErrorOf(code);
  sqlite3_busy_timeout(handle, static_cast<int>(absl::ToInt64Milliseconds(kBusyWait)));
  // The file may be damaged, or made by somebody who wishes us ill: what its schema says must not run.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (const int added = AddGather(handle); added != SQLITE_OK) return database->ErrorOf(added);
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

absl::Status Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : ErrorOf(code);
}

absl::StatusOr<int64_t> Database::QueryInteger(const std::string& sql) {
  Statement statement(*this, sql);
  const absl::StatusOr<bool> row = statement.Next();
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError(fmt::format("{}: \"{}\" has no answer", path_, sql));
  return statement.Integer(0);
}

absl::StatusOr<std::string> Database::QueryText(const std::string& sql) {
  Statement statement(*this, sql);
  const absl::StatusOr<bool> row = statement.Next();
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError(fmt::format("{}: \"{}\" has no answer", path_, sql));
  return std::string(statement.Text(0));
}

absl::Status Database::ErrorOf(int code) const {
  return StatusOf(code, SystemErrorOf(handle_), path_, sqlite3_errmsg(handle_));
}

absl::Status Database::Damaged(std::string_view what) const { return DamagedError(path_, what); }

int64_t Database::changes() const { return sqlite3_changes64(handle_); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

ReadTransaction::ReadTransaction(Database& database) : database_(database), joined_(database.in_transaction()) {
  if (!joined_) status_ = database_.Execute("BEGIN");
}

ReadTransaction::~ReadTransaction() {
  // Nothing was written: there is nothing that could fail to be kept.
  if (!joined_ && status_.ok()) (void)database_.Execute("COMMIT");
}

}  // namespace firebreak
