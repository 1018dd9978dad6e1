#ifndef FIREBREAK_STORAGE_LEDGER_INVARIANTS_H_
#define FIREBREAK_STORAGE_LEDGER_INVARIANTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/ledger/database.h"

namespace firebreak {

// What must not be found in a ledger: `sql` selects how many rows break the rule and, as a text, one of them.
struct Invariant {
  std::string broken;  // names the table
  std::string sql;
};

// Of what a start needs, and can be asked in no time: the small tables, and whether the large ones are there at all.
const std::vector<Invariant>& QuickInvariants();
// Of counts and batch keys: reads all of them. A start checks counts row by row while it loads them.
const std::vector<Invariant>& ThoroughInvariants();

// The sentence that says how an invariant is broken; nothing when it holds.
absl::StatusOr<std::optional<std::string>> FindBroken(Database& database, const Invariant& invariant);

// DataLoss, naming what is broken, when one of QuickInvariants is.
absl::Status CheckQuickInvariants(Database& database);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_INVARIANTS_H_
