#ifndef FIREBREAK_STORAGE_LEDGER_DATABASE_H_
#define FIREBREAK_STORAGE_LEDGER_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;

namespace firebreak {

// A connection to one SQLite file. Every error names the file and the way out:
// DataLoss (damaged, or no database), ResourceExhausted (disk full), FailedPrecondition (may not be read or written),
// Unavailable (busy, or the disk fails), Internal (a statement of ours is wrong). Thread-compatible.
class Database {
 public:
  // kReadUnchanging: nobody will write to it meanwhile. Needs nothing beside the file, and looks at no WAL.
  enum class Access { kRead, kReadUnchanging, kWrite, kCreate };

  // `vfs` "" is the system's.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Access access, const std::string& vfs);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs statements, separated by semicolons, whose rows nobody wants.
  absl::Status Execute(const std::string& sql);
  // The first column of the first row. Errors: also DataLoss when there is no row.
  absl::StatusOr<int64_t> QueryInteger(const std::string& sql);
  absl::StatusOr<std::string> QueryText(const std::string& sql);

  // What SQLite's result `code` of the last call means.
  absl::Status ErrorOf(int code) const;
  // DataLoss: that `what` is wrong in this file, and the way out.
  absl::Status Damaged(std::string_view what) const;
  // Rows that the last INSERT, UPDATE or DELETE changed.
  int64_t changes() const;
  bool in_transaction() const;

  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_; }

 private:
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}

  const std::string path_;
  sqlite3* const handle_;
};

// All that is read while it lives is of one moment, whatever is written meanwhile. Joins a transaction under way.
class ReadTransaction {
 public:
  explicit ReadTransaction(Database& database);
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

  const absl::Status& status() const { return status_; }

 private:
  Database& database_;
  const bool joined_;
  absl::Status status_;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_DATABASE_H_
