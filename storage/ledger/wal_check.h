#ifndef FIREBREAK_STORAGE_LEDGER_WAL_CHECK_H_
#define FIREBREAK_STORAGE_LEDGER_WAL_CHECK_H_

#include <optional>
#include <string>

namespace firebreak {

// What SQLite leaves out of the WAL of the ledger at `path` without a word, though it may have been acknowledged: a
// sentence that names the file, or nothing. SQLite reads a WAL up to the first frame whose checksum does not fit. This
// says so when the header is damaged, or when whole commits lie behind such a frame, more than the one that may have
// been under way when the power went. A torn tail is no fault, nor are frames left over from before the WAL was begun
// anew. Damage in the last commit, or at the end of the one before, looks like a torn tail and goes unseen.
// Reads all of it. REQUIRES: nobody has it open for writing.
std::optional<std::string> FaultOfWal(const std::string& path);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_WAL_CHECK_H_
