#ifndef FIREBREAK_STORAGE_LEDGER_SCHEMA_H_
#define FIREBREAK_STORAGE_LEDGER_SCHEMA_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/ledger/database.h"

namespace firebreak {

// How a ledger's tables came to be: each migration leads from the version before to the next, the first from nothing.
// What the tables hold: docs/ledger-format.md. The version is the file's `user_version`.
struct Migration {
  int version;
  std::string sql;
};
const std::vector<Migration>& LedgerMigrations();

// `application_id` of a ledger: "FbLg". Another SQLite file has another one.
inline constexpr int kLedgerApplicationId = 0x46624c67;

// Brings `database` to the last version, one transaction for each step.
// Errors: FailedPrecondition when it is newer than the last; else Database's. What was done before an error stays.
absl::Status Migrate(Database& database, const std::vector<Migration>& migrations);

// Whether `database` is a ledger of the last version, or of an older one that may be brought up to date.
// Errors: DataLoss when it is none, or of a version that never was; FailedPrecondition when it is newer, or older and
// that is refused.
enum class Older { kAccepted, kRefused };
absl::Status CheckSchema(Database& database, const std::vector<Migration>& migrations, Older older);

// What is missing of the tables of the last version, other than it says, or not of it: a sentence each. A trigger is a
// table too many, for instance. What SQLite makes by itself (statistics) is not looked at.
absl::StatusOr<std::vector<std::string>> SchemaFaults(Database& database, const std::vector<Migration>& migrations);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_SCHEMA_H_
