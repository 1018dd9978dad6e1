#include "storage/ledger/cumulative_table.h"

#include <algorithm>
#include <cmath>

#include "storage/ledger/integers.h"

namespace firebreak {
namespace {

constexpr char kColumns[] =
    "series, newest_end_seconds, retries, by_status, latency_bounds, latency_buckets, latency_seconds";

CumulativeRow RowAt(const Statement& row) {
  CumulativeRow result;
  result.newest_end_seconds = row.Integer(1);
  result.counts.retries = row.Integer(2);
  const std::vector<int64_t> by_status = UnpackIntegers(row.Bytes(3));
  std::copy_n(by_status.begin(), std::min<size_t>(by_status.size(), kStatusKinds), result.counts.by_status.begin());
  result.latency_bounds = std::string(row.Text(4));
  result.counts.latency_buckets = UnpackIntegers(row.Bytes(5));
  result.counts.latency_seconds = row.Real(6);
  return result;
}

// Buckets of other bounds cannot be added up: those that came first are forgotten.
void ForgetOtherBuckets(const std::string& latency_bounds, CumulativeRow& row) {
  if (row.latency_bounds == latency_bounds) return;
  row.latency_bounds = latency_bounds;
  row.counts.latency_buckets.clear();
  row.counts.latency_seconds = 0;
}

void AddToBucket(size_t bucket, int64_t requests, std::vector<int64_t>& buckets) {
  if (bucket >= buckets.size()) buckets.resize(bucket + 1);
  buckets[bucket] += requests;
}

void AddTo(CumulativeRow& sum, const CumulativeRow& added) {
  ForgetOtherBuckets(added.latency_bounds, sum);
  for (int i = 0; i < kStatusKinds; ++i) sum.counts.by_status[i] += added.counts.by_status[i];
  const auto& buckets = added.counts.latency_buckets;
  for (size_t i = 0; i < buckets.size(); ++i) AddToBucket(i, buckets[i], sum.counts.latency_buckets);
  sum.counts.latency_seconds += added.counts.latency_seconds;
  sum.counts.retries += added.counts.retries;
  sum.newest_end_seconds = std::max(sum.newest_end_seconds, added.newest_end_seconds);
}

bool AreSound(const auto& counts) {
  return std::none_of(counts.begin(), counts.end(), [](int64_t count) { return count < 0; });
}

}  // namespace

bool IsSound(const CumulativeRow& row) {
  return row.counts.retries >= 0 && std::isfinite(row.counts.latency_seconds) && row.counts.latency_seconds >= 0 &&
         AreSound(row.counts.by_status) && AreSound(row.counts.latency_buckets);
}

CumulativeTable::CumulativeTable(Database& database)
    : select_(database, std::string("SELECT ") + kColumns + " FROM cumulative WHERE series = ?"),
      replace_(database, "INSERT OR REPLACE INTO cumulative VALUES (?, ?, ?, ?, ?, ?, ?)"),
      idle_(database, "SELECT series FROM cumulative WHERE newest_end_seconds <= ? LIMIT 1"),
      delete_(database, "DELETE FROM cumulative WHERE series = ?") {}

void CumulativeTable::Add(int64_t series, const Delta& delta, int64_t end_seconds, const std::string& latency_bounds) {
  CumulativeRow& row = waiting_[series];
  ForgetOtherBuckets(latency_bounds, row);
  for (int i = 0; i < kStatusKinds; ++i) row.counts.by_status[i] += delta.by_status[i];
  for (const auto& [bucket, requests] : delta.latency_buckets)
    AddToBucket(bucket, requests, row.counts.latency_buckets);
  row.counts.latency_seconds += delta.latency_seconds;
  row.counts.retries += delta.counts.retries;
  row.newest_end_seconds = std::max(row.newest_end_seconds, end_seconds);
}

absl::Status CumulativeTable::Write(int64_t series, const CumulativeRow& added) {
  select_.Bind(series);
  const absl::StatusOr<bool> found = select_.Next();
  if (!found.ok()) return found.status();
  CumulativeRow sum = *found ? RowAt(select_) : CumulativeRow();
  select_.Reset();
  AddTo(sum, added);
  return replace_.Run(series, sum.newest_end_seconds, sum.counts.retries, Blob{PackIntegers(sum.counts.by_status)},
                      sum.latency_bounds, Blob{PackIntegers(sum.counts.latency_buckets)}, sum.counts.latency_seconds);
}

absl::Status CumulativeTable::Flush() {
  for (const auto& [series, added] : waiting_) {
    if (absl::Status status = Write(series, added); !status.ok()) return status;
  }
  waiting_.clear();
  return absl::OkStatus();
}

absl::StatusOr<std::optional<int64_t>> CumulativeTable::RemoveIdle(int64_t border_seconds) {
  idle_.Bind(border_seconds);
  const absl::StatusOr<bool> found = idle_.Next();
  if (!found.ok()) return found.status();
  if (!*found) return std::nullopt;
  const int64_t series = idle_.Integer(0);
  idle_.Reset();
  if (absl::Status status = delete_.Run(series); !status.ok()) return status;
  return series;
}

absl::Status VisitCumulative(Database& database,
                             const std::function<void(int64_t series, const CumulativeRow&)>& visit) {
  Statement select(database, std::string("SELECT ") + kColumns + " FROM cumulative ORDER BY series");
  while (true) {
    const absl::StatusOr<bool> row = select.Next();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    visit(select.Integer(0), RowAt(select));
  }
}

}  // namespace firebreak
