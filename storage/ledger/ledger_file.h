#ifndef FIREBREAK_STORAGE_LEDGER_LEDGER_FILE_H_
#define FIREBREAK_STORAGE_LEDGER_LEDGER_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/ledger/database.h"

namespace firebreak {

// What is to be seen of a ledger's file before SQLite opens it.
enum class LedgerFile { kAbsent, kPresent };

// Looks at `path`, without opening it: to close a file of SQLite's behind its back would take its locks away. An empty
// file, or a WAL without its file, is damage and never taken for a new ledger.
// Errors, naming the file and the way out: DataLoss, FailedPrecondition (not a file, or not to be seen).
absl::StatusOr<LedgerFile> InspectLedgerFile(const std::string& path);

// Makes an empty ledger of the present schema at `path`, on disk when this returns. It is built under another name and
// then renamed, so that a crash leaves a whole file or none. REQUIRES: nothing is there.
absl::Status CreateLedgerFile(const std::string& path, const std::string& vfs);

// Opens what is there for writing, if it is a ledger; an older one may be brought up to date.
// Errors, naming the file and the way out: NotFound; InspectLedgerFile's; CheckSchema's; DataLoss (cut off).
absl::StatusOr<std::unique_ptr<Database>> OpenLedgerFile(const std::string& path, const std::string& vfs);

// Opens what is there for looking only, while a server may write to it; also where nothing can be written, as on a
// read-only mount. Errors: as OpenLedgerFile; FailedPrecondition also for an older ledger, and for one whose WAL holds
// commits that SQLite cannot read without writing beside it.
absl::StatusOr<std::unique_ptr<Database>> OpenLedgerFileToRead(const std::string& path);

// Makes an empty file that its owner alone may read (0600): what SQLite makes beside a database has that one's mode.
// REQUIRES: nothing is there. Errors, naming the file and the way out: ResourceExhausted, FailedPrecondition.
absl::Status MakePrivateFile(const std::string& path);

// Makes durable that `path` has its name.
absl::Status SyncDirectoryOf(const std::string& path);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_LEDGER_FILE_H_
