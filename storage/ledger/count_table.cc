#include "storage/ledger/count_table.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr size_t kBatchRows = 256;

// A condition that hands over the columns after the width; of causes only `bad` is kept.
std::string_view GatherRow(CountTableKind kind) {
  return kind == CountTableKind::kCauses
             ? "gather(?1, end_seconds, series, code, bad)"
             : "gather(?1, end_seconds, series, total, bad, client_errors, timed, slow, retries)";
}

// The order of the primary key within one width.
std::string_view KeyOrder(CountTableKind kind) {
  return kind == CountTableKind::kCauses ? "end_seconds, series, code" : "end_seconds, series";
}

CountKey KeyOf(CountTableKind kind, const IntegerRow& row) {
  return {row[0], row[1], kind == CountTableKind::kCauses ? row[2] : 0};
}

Counts CountsOf(CountTableKind kind, const IntegerRow& row) {
  if (kind == CountTableKind::kCauses) return {.total = row[3], .bad = row[3]};
  return {.total = row[2], .bad = row[3], .client_errors = row[4], .timed = row[5], .slow = row[6], .retries = row[7]};
}

bool CanBe(const Counts& counts) {
  return 0 <= counts.bad && counts.bad <= counts.total && counts.client_errors >= 0 && 0 <= counts.slow &&
         counts.slow <= counts.timed && counts.timed <= counts.total && counts.retries >= 0;
}

std::string UpsertSql(CountTableKind kind) {
  if (kind == CountTableKind::kCauses) {
    return "INSERT INTO cause_counts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET bad = bad + excluded.bad";
  }
  return fmt::format(
      "INSERT INTO {} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
      "total = total + excluded.total, bad = bad + excluded.bad, "
      "client_errors = client_errors + excluded.client_errors, timed = timed + excluded.timed, "
      "slow = slow + excluded.slow, retries = retries + excluded.retries",
      TableName(kind));
}

std::string OldestSql(CountTableKind kind) {
  return fmt::format("SELECT 1 FROM {} WHERE width_seconds = ?2 AND end_seconds <= ?3 AND {} ORDER BY {}",
                     TableName(kind), GatherRow(kind), KeyOrder(kind));
}

// Whose end comes too late is for the reader to see: SQLite would compare whole keys, row by row.
std::string ReadSql(CountTableKind kind) {
  return fmt::format("SELECT 1 FROM {} WHERE width_seconds = ?2 AND end_seconds > ?3 AND {} ORDER BY {}",
                     TableName(kind), GatherRow(kind), KeyOrder(kind));
}

// Deletes one row: the last argument counts only where rows have a code.
std::string DeleteSql(CountTableKind kind) {
  return fmt::format("DELETE FROM {} WHERE width_seconds = ?1 AND end_seconds = ?2 AND series = ?3 AND {} = ?4",
                     TableName(kind), kind == CountTableKind::kCauses ? "code" : "0");
}

std::string NextWidthSql(CountTableKind kind) {
  return fmt::format("SELECT width_seconds FROM {} WHERE width_seconds > ? ORDER BY width_seconds LIMIT 1",
                     TableName(kind));
}

// Seconds since the epoch; the infinities are far enough away.
int64_t Seconds(absl::Time time) { return absl::ToUnixSeconds(time); }

}  // namespace

std::string_view TableName(CountTableKind kind) {
  switch (kind) {
    case CountTableKind::kTiers:
      return "tier_counts";
    case CountTableKind::kEndpoints:
      return "endpoint_counts";
    case CountTableKind::kCauses:
      return "cause_counts";
  }
  return "";
}

int64_t RoundUpToSlotEnd(int64_t seconds, int64_t width_seconds) {
  const int64_t past_border = seconds % width_seconds;
  const int64_t border = seconds - past_border;
  if (past_border <= 0) return border;
  // A damaged file may hold anything.
  constexpr int64_t kLatest = std::numeric_limits<int64_t>::max();
  return border > kLatest - width_seconds ? kLatest : border + width_seconds;
}

absl::StatusOr<std::vector<int64_t>> WidthsOf(Database& database, CountTableKind kind) {
  Statement next(database, NextWidthSql(kind));
  std::vector<int64_t> widths;
  for (int64_t last = INT64_MIN;; last = widths.back()) {  // also those that cannot be, for CheckRow
    next.Bind(last);
    const absl::StatusOr<bool> row = next.Next();
    if (!row.ok()) return row.status();
    if (!*row) return widths;
    widths.push_back(next.Integer(0));
  }
}

CountTable::CountTable(Database& database, CountTableKind kind)
    : kind_(kind),
      upsert_(database, UpsertSql(kind)),
      oldest_(database, OldestSql(kind)),
      delete_(database, DeleteSql(kind)),
      next_width_(database, NextWidthSql(kind)) {}

absl::Status CountTable::Upsert(int64_t width_seconds, const Rows& rows) {
  for (const auto& [key, counts] : rows) {
    const absl::Status status = kind_ == CountTableKind::kCauses
                                    ? upsert_.Run(width_seconds, key.end_seconds, key.series, key.code, counts.bad)
                                    : upsert_.Run(width_seconds, key.end_seconds, key.series, counts.total, counts.bad,
                                                  counts.client_errors, counts.timed, counts.slow, counts.retries);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CountTable::Flush(absl::Duration width) {
  const absl::Status status = Upsert(absl::ToInt64Seconds(width), waiting_);
  if (status.ok()) waiting_.clear();
  return status;
}

absl::StatusOr<CountTable::Rows> CountTable::Oldest(int64_t width_seconds, absl::Time border, int64_t limit) {
  IntegerRows oldest(static_cast<size_t>(limit));
  oldest_.Bind(&oldest, width_seconds, Seconds(border));
  const absl::StatusOr<bool> more = oldest_.Next();
  oldest_.Reset();
  if (!more.ok()) return more.status();
  Rows rows;
  for (const IntegerRow& row : oldest.rows) rows.emplace_hint(rows.end(), KeyOf(kind_, row), CountsOf(kind_, row));
  return rows;
}

absl::StatusOr<bool> CountTable::Compact(const Retention& retention, absl::Time now, int64_t limit) {
  for (int64_t width = 0;;) {
    next_width_.Bind(width);
    const absl::StatusOr<bool> row = next_width_.Next();
    if (!row.ok() || !*row) return row;
    width = next_width_.Integer(0);
    next_width_.Reset();
    const Retention::Fate fate = retention.FateOf(absl::Seconds(width), now);
    const absl::StatusOr<Rows> old = Oldest(width, fate.border, limit);
    if (!old.ok()) return old.status();
    if (old->empty()) continue;
    if (absl::Status status = Delete(width, *old); !status.ok()) return status;
    if (fate.wider) {
      if (absl::Status status = Fold(*old, absl::ToInt64Seconds(*fate.wider)); !status.ok()) return status;
    }
    return true;
  }
}

absl::Status CountTable::Delete(int64_t width_seconds, const Rows& rows) {
  for (const auto& [key, counts] : rows) {
    const absl::Status status = delete_.Run(width_seconds, key.end_seconds, key.series, key.code);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CountTable::Fold(const Rows& rows, int64_t wider_seconds) {
  Rows folded;
  for (const auto& [key, counts] : rows) {
    folded[{RoundUpToSlotEnd(key.end_seconds, wider_seconds), key.series, key.code}] += counts;
  }
  return Upsert(wider_seconds, folded);
}

absl::StatusOr<CountReader> CountReader::Open(Database& database, CountTableKind kind, absl::Time after,
                                              absl::Time until) {
  const absl::StatusOr<std::vector<int64_t>> widths = WidthsOf(database, kind);
  if (!widths.ok()) return widths.status();
  CountReader reader(database, kind, Seconds(until));
  for (const int64_t width : *widths) {
    Stream stream{width, Statement(database, ReadSql(kind)), std::make_unique<IntegerRows>(kBatchRows)};
    stream.select.Bind(stream.batch.get(), width, Seconds(after));
    const absl::StatusOr<bool> row = reader.Advance(stream);
    if (!row.ok()) return row.status();
    if (*row) reader.streams_.push_back(std::move(stream));
  }
  return reader;
}

absl::StatusOr<bool> CountReader::Advance(Stream& stream) const {
  std::vector<IntegerRow>& rows = stream.batch->rows;
  if (++stream.current >= rows.size()) {
    rows.clear();
    stream.current = 0;
    if (!stream.more) return false;
    const absl::StatusOr<bool> more = stream.select.Next();
    if (!more.ok()) return more;
    stream.more = *more;
    if (rows.empty()) return false;
  }
  stream.key = KeyOf(kind_, rows[stream.current]);
  return stream.key.end_seconds <= until_seconds_;
}

absl::StatusOr<bool> CountReader::Next() {
  if (started_) {
    const absl::StatusOr<bool> row = Advance(streams_[current_]);
    if (!row.ok()) return row;
    if (!*row) streams_.erase(streams_.begin() + current_);
  }
  started_ = true;
  if (streams_.empty()) return false;
  const auto earliest = std::min_element(streams_.begin(), streams_.end(), [](const Stream& a, const Stream& b) {
    return a.key.end_seconds < b.key.end_seconds;
  });
  current_ = earliest - streams_.begin();
  const Stream& stream = streams_[current_];
  counts_ = CountsOf(kind_, stream.batch->rows[stream.current]);
  if (absl::Status status = CheckRow(); !status.ok()) return status;
  return true;
}

absl::Status CountReader::CheckRow() const {
  const int64_t width = width_seconds();
  if (width > 0 && key().end_seconds % width == 0 && key().code >= 0 && CanBe(counts_)) return absl::OkStatus();
  return database_->Damaged(
      fmt::format("{}: the row of series {}, {} s until {}, is not on the grid of its width, or "
                  "its counts contradict each other",
                  TableName(kind_), key().series, width, key().end_seconds));
}

}  // namespace firebreak
