#ifndef FIREBREAK_STORAGE_LEDGER_CUMULATIVE_TABLE_H_
#define FIREBREAK_STORAGE_LEDGER_CUMULATIVE_TABLE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/delta.h"
#include "storage/ledger/database.h"
#include "storage/ledger/statement.h"
#include "storage/traffic_store.h"

namespace firebreak {

// What was counted of one endpoint × source since it was first seen. The buckets are those that `latency_bounds` names.
struct CumulativeRow {
  CumulativeCounts counts;
  std::string latency_bounds;
  int64_t newest_end_seconds = 0;  // of the newest slot counted
};

// Whether no count is below zero.
bool IsSound(const CumulativeRow& row);

// Writes the cumulative counts. Thread-compatible.
class CumulativeTable {
 public:
  explicit CumulativeTable(Database& database);

  // Counts what Flush is to add.
  void Add(int64_t series, const Delta& delta, int64_t end_seconds, const std::string& latency_bounds);
  absl::Status Flush();
  void Forget() { waiting_.clear(); }

  // A series that counted nothing after `border_seconds`, if there is one; it is removed here.
  absl::StatusOr<std::optional<int64_t>> RemoveIdle(int64_t border_seconds);

 private:
  absl::Status Write(int64_t series, const CumulativeRow& added);

  Statement select_;
  Statement replace_;
  Statement idle_;
  Statement delete_;
  std::map<int64_t, CumulativeRow> waiting_;
};

// Visits all rows by series.
absl::Status VisitCumulative(Database& database,
                             const std::function<void(int64_t series, const CumulativeRow&)>& visit);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_CUMULATIVE_TABLE_H_
