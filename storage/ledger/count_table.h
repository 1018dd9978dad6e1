#ifndef FIREBREAK_STORAGE_LEDGER_COUNT_TABLE_H_
#define FIREBREAK_STORAGE_LEDGER_COUNT_TABLE_H_

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/counts.h"
#include "storage/ledger/database.h"
#include "storage/ledger/integer_rows.h"
#include "storage/ledger/retention.h"
#include "storage/ledger/statement.h"

namespace firebreak {

// The three tables of count rows. In kCauses a series has a row for each code, of which only `bad` is kept.
enum class CountTableKind { kTiers, kEndpoints, kCauses };

// A row but for its width, in the order rows of one width are kept in.
struct CountKey {
  int64_t end_seconds = 0;  // of the slot, which belongs to it
  int64_t series = 0;
  int64_t code = 0;  // kCauses

  friend auto operator<=>(const CountKey&, const CountKey&) = default;
};

// Writes one table. Thread-compatible.
class CountTable {
 public:
  CountTable(Database& database, CountTableKind kind);

  // Counts what Flush is to add. What concerns one row is added up here, so that a row is written once.
  void Add(const CountKey& key, const Counts& counts) { waiting_[key] += counts; }
  // Adds what waits to the rows of `width`.
  absl::Status Flush(absl::Duration width);
  void Forget() { waiting_.clear(); }

  // Folds or deletes up to about `rows` rows whose time has come, of one width; returns whether there were any.
  // REQUIRES: within a transaction, nothing waits.
  absl::StatusOr<bool> Compact(const Retention& retention, absl::Time now, int64_t rows);

 private:
  using Rows = std::map<CountKey, Counts>;

  absl::Status Upsert(int64_t width_seconds, const Rows& rows);
  absl::Status Delete(int64_t width_seconds, const Rows& rows);
  absl::Status Fold(const Rows& rows, int64_t wider_seconds);
  absl::StatusOr<Rows> Oldest(int64_t width_seconds, absl::Time border, int64_t limit);

  const CountTableKind kind_;
  Statement upsert_;
  Statement oldest_;
  Statement delete_;
  Statement next_width_;
  Rows waiting_;
};

// Reads the rows of one table, of all widths, in ascending order of their slots' ends. Rows of one end come by width,
// then by series. The database, which must outlive it, should be in a ReadTransaction.
class CountReader {
 public:
  // Rows whose slots end in (after, until].
  static absl::StatusOr<CountReader> Open(Database& database, CountTableKind kind,
                                          absl::Time after = absl::InfinitePast(),
                                          absl::Time until = absl::InfiniteFuture());

  // Moves to the next row; false after the last. Errors: also DataLoss, naming the row, when it cannot be: off the grid
  // of its width, or with counts that contradict each other.
  absl::StatusOr<bool> Next();
  const CountKey& key() const { return streams_[current_].key; }
  int64_t width_seconds() const { return streams_[current_].width_seconds; }
  const Counts& counts() const { return counts_; }

 private:
  struct Stream {
    int64_t width_seconds;
    Statement select;
    std::unique_ptr<IntegerRows> batch;  // where `select` finds it
    size_t current = 0;                  // in the batch
    bool more = true;                    // batches
    CountKey key;
  };

  CountReader(const Database& database, CountTableKind kind, int64_t until_seconds)
      : database_(&database), kind_(kind), until_seconds_(until_seconds) {}
  absl::StatusOr<bool> Advance(Stream& stream) const;
  absl::Status CheckRow() const;

  const Database* database_;
  CountTableKind kind_;
  int64_t until_seconds_;
  std::vector<Stream> streams_;  // each at a row; empty ones are gone
  size_t current_ = 0;
  Counts counts_;  // of the present row
  bool started_ = false;
};

// A table's name in the schema.
std::string_view TableName(CountTableKind kind);

// The end of the slot of `width_seconds` that holds the instant `seconds`.
int64_t RoundUpToSlotEnd(int64_t seconds, int64_t width_seconds);

// The widths that `kind` has rows of, ascending.
absl::StatusOr<std::vector<int64_t>> WidthsOf(Database& database, CountTableKind kind);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_COUNT_TABLE_H_
