#ifndef FIREBREAK_STORAGE_LEDGER_BACKUP_H_
#define FIREBREAK_STORAGE_LEDGER_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/ledger/verify.h"

namespace firebreak {

// Whether a backup may take the place of a file that is there.
enum class ExistingFile { kRefused, kReplaced };

// Copies the ledger at `from` into the one file `to`, as it is at this moment, also while a server writes to it; the
// server is not kept waiting. The copy is made beside `to`, verified and synced, and only then gets its name; it is a
// ledger itself, to be put into an empty data directory as ledger.db. `progress` is told how many of how many bytes are
// copied; it may be empty. Returns what was found in the copy, which is sound.
// Errors: those of Ledger::OpenToRead; AlreadyExists; ResourceExhausted (no room for the copy); DataLoss when the copy
// is not sound, and then there is none. Each names the file.
absl::StatusOr<VerifyReport> BackUpLedger(const std::string& from, const std::string& to, ExistingFile existing,
                                          const std::function<void(int64_t copied_bytes, int64_t bytes)>& progress);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_BACKUP_H_
