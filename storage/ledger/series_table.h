#ifndef FIREBREAK_STORAGE_LEDGER_SERIES_TABLE_H_
#define FIREBREAK_STORAGE_LEDGER_SERIES_TABLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/ledger/database.h"
#include "storage/ledger/records.h"
#include "storage/ledger/statement.h"

namespace firebreak {

// The numbers that stand for series in other tables. Keeps all of them in memory. Thread-compatible.
class SeriesTable {
 public:
  explicit SeriesTable(Database& database);

  // Forgets what is in memory and reads the table.
  absl::Status Load();
  // The number of a series, given now if it is new. REQUIRES: within a transaction.
  absl::StatusOr<int64_t> IdOf(std::string_view tier, std::string_view endpoint, int source);

  // Forgets a series. REQUIRES: within a transaction; nothing refers to it.
  absl::Status Remove(int64_t id);

  // How the transaction ended.
  void Committed();
  void RolledBack();

 private:
  struct Less {
    using is_transparent = void;
    using Parts = std::tuple<std::string_view, std::string_view, int>;
    static Parts PartsOf(const SeriesName& name) { return {name.tier, name.endpoint, name.source}; }
    static const Parts& PartsOf(const Parts& parts) { return parts; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return PartsOf(a) < PartsOf(b);
    }
  };

  Database& database_;
  Statement insert_;
  Statement delete_;
  std::map<SeriesName, int64_t, Less> ids_;
  int64_t next_id_ = 1;
  // By the transaction under way.
  std::vector<SeriesName> added_;
  std::vector<std::pair<SeriesName, int64_t>> removed_;
};

// Names of all series by number. Errors: DataLoss for one that cannot be.
absl::StatusOr<std::map<int64_t, SeriesName>> LoadSeriesNames(Database& database);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_SERIES_TABLE_H_
