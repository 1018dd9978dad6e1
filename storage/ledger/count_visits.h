#ifndef FIREBREAK_STORAGE_LEDGER_COUNT_VISITS_H_
#define FIREBREAK_STORAGE_LEDGER_COUNT_VISITS_H_

#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/ledger/database.h"
#include "storage/ledger/ledger.h"

namespace firebreak {

// What Ledger promises under these names, on a database in a ReadTransaction.
absl::Status VisitAllCounts(Database& database, const Ledger::Visitor& visitor);
absl::Status VisitTierRows(Database& database, absl::Time from, absl::Time to,
                           const std::function<void(const SeriesName&, const CountRow&)>& visit);
absl::StatusOr<std::optional<std::pair<absl::Time, absl::Time>>> SpanOfTierRows(Database& database);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_COUNT_VISITS_H_
