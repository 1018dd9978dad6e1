#ifndef FIREBREAK_STORAGE_LEDGER_VERIFY_H_
#define FIREBREAK_STORAGE_LEDGER_VERIFY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace firebreak {

// What a look at a ledger found.
struct VerifyReport {
  std::vector<std::pair<std::string, int64_t>> looked_at;  // what, and how many: "tier_counts", 126720
  std::vector<std::string> findings;                       // each a sentence; none: the ledger is sound

  bool sound() const { return findings.empty(); }
};

// Checks the ledger at `path`, also while a server writes to it: SQLite's own integrity check, that the tables are
// those of the schema, and what must hold in them. Reads everything of one moment and changes nothing; takes seconds
// for a ledger of 100 MB. docs/ledger-format.md, "What verify checks". Errors: as Ledger::OpenToRead, when it cannot
// even be opened.
absl::StatusOr<VerifyReport> VerifyLedger(const std::string& path);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_VERIFY_H_
