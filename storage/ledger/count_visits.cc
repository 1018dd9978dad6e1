#include "storage/ledger/count_visits.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "fmt/format.h"
#include "storage/ledger/count_table.h"
#include "storage/ledger/cumulative_table.h"
#include "storage/ledger/packed_rows.h"
#include "storage/ledger/retention.h"
#include "storage/ledger/series_table.h"

namespace firebreak {
namespace {

using SeriesNames = std::map<int64_t, SeriesName>;

constexpr char kCumulative[] = "cumulative";
const int64_t kHistorySeconds = absl::ToInt64Seconds(kHistoryWidth);

CountRow MakeRow(int64_t width_seconds, int64_t end_seconds, const Counts& counts) {
  const int64_t border = end_seconds / width_seconds;
  return {width_seconds, end_seconds % width_seconds > 0 ? border : border - 1, counts};
}

// Errors: DataLoss when a row's series has no name, or is none that `table` has rows of.
absl::StatusOr<const SeriesName*> NameOf(const SeriesNames& names, int64_t series, std::string_view table,
                                         const Database& database) {
  const auto name = names.find(series);
  if (name == names.end()) {
    return database.Damaged(fmt::format("{}: counts of series {}, which has no name", table, series));
  }
  const bool of_endpoints = table == TableName(CountTableKind::kEndpoints) || table == kCumulative;
  if (name->second.endpoint.empty() != of_endpoints) return &name->second;
  return database.Damaged(
      fmt::format("{}: counts of series {}, which is {}", table, series, of_endpoints ? "a tier" : "an endpoint"));
}

SeriesNames TiersAmong(const SeriesNames& names) {
  SeriesNames tiers;
  for (const auto& [series, name] : names) {
    if (name.endpoint.empty()) tiers.emplace_hint(tiers.end(), series, name);
  }
  return tiers;
}

// The rows of one table by series and code, each series in ascending time.
absl::StatusOr<std::map<std::pair<int64_t, int64_t>, PackedRows>> Gather(Database& database, CountTableKind kind) {
  absl::StatusOr<CountReader> reader = CountReader::Open(database, kind);
  if (!reader.ok()) return reader.status();
  std::map<std::pair<int64_t, int64_t>, PackedRows> rows;
  while (true) {
    const absl::StatusOr<bool> row = reader->Next();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    const CountKey& key = reader->key();
    rows[{key.series, key.code}].Add(MakeRow(reader->width_seconds(), key.end_seconds, reader->counts()));
  }
}

// Of endpoints whose rows were visited, those whose cumulative counts were not.
using Unaccounted = std::set<int64_t>;

template <typename Visit>
absl::Status VisitTable(Database& database, CountTableKind kind, const SeriesNames& names, Unaccounted& unaccounted,
                        Visit visit) {
  auto gathered = Gather(database, kind);
  if (!gathered.ok()) return gathered.status();
  for (auto series = gathered->begin(); series != gathered->end(); series = gathered->erase(series)) {
    const auto name = NameOf(names, series->first.first, TableName(kind), database);
    if (!name.ok()) return name.status();
    if (kind == CountTableKind::kEndpoints) unaccounted.insert(series->first.first);
    const int code = static_cast<int>(series->first.second);
    series->second.ForEach([&](const CountRow& row) { visit(**name, code, row); });
  }
  return absl::OkStatus();
}

absl::Status VisitCumulativeCounts(Database& database, const SeriesNames& names, Unaccounted& unaccounted,
                                   const Ledger::Visitor& visitor) {
  absl::Status status;
  const absl::Status read = VisitCumulative(database, [&](int64_t series, const CumulativeRow& row) {
    const auto name = NameOf(names, series, kCumulative, database);
    unaccounted.erase(series);
    if (!name.ok()) {
      status.Update(name.status());
    } else if (!IsSound(row)) {
      status.Update(database.Damaged(fmt::format("{}: series {} has counts below zero", kCumulative, series)));
    } else {
      visitor.cumulative(**name, row.counts, row.latency_bounds);
    }
  });
  if (!read.ok()) return read;
  if (!status.ok() || unaccounted.empty()) return status;
  return database.Damaged(
      fmt::format("endpoint_counts: counts of series {}, which has no cumulative counts", *unaccounted.begin()));
}

// Adds up the rows of each 30 s and hands them on.
class HistoryMerger {
 public:
  explicit HistoryMerger(const std::function<void(const SeriesName&, const CountRow&)>& visit) : visit_(visit) {}

  // REQUIRES: rows come in ascending order of their slots' ends; `name` is that of key.series and stays where it is.
  void Add(int64_t width_seconds, const CountKey& key, const SeriesName& name, const Counts& counts) {
    if (waiting_.empty() || key.end_seconds > end_seconds_) {
      HandOn();
      end_seconds_ = RoundUpToSlotEnd(key.end_seconds, kHistorySeconds);
    }
    Merge({key.series, std::max(width_seconds, kHistorySeconds), &name, counts});
  }

  void HandOn() {
    for (const Waiting& row : waiting_) visit_(*row.name, MakeRow(row.width_seconds, end_seconds_, row.counts));
    waiting_.clear();
  }

 private:
  struct Waiting {
    int64_t series;
    int64_t width_seconds;
    const SeriesName* name;
    Counts counts;

    bool operator<(const Waiting& other) const {
      return std::tie(series, width_seconds) < std::tie(other.series, other.width_seconds);
    }
  };

  // Rows of one width come by series: in most cases the row comes after all others.
  void Merge(const Waiting& row) {
    if (waiting_.empty() || waiting_.back() < row) {
      waiting_.push_back(row);
      return;
    }
    const auto place = std::lower_bound(waiting_.begin(), waiting_.end(), row);
    if (row < *place) {
      waiting_.insert(place, row);
    } else {
      place->counts += row.counts;
    }
  }

  const std::function<void(const SeriesName&, const CountRow&)>& visit_;
  int64_t end_seconds_ = 0;
  std::vector<Waiting> waiting_;  // ascending
};

}  // namespace

absl::Status VisitAllCounts(Database& database, const Ledger::Visitor& visitor) {
  const auto names = LoadSeriesNames(database);
  if (!names.ok()) return names.status();
  Unaccounted unaccounted;
  if (visitor.counts) {
    const auto visit = [&](const SeriesName& name, int, const CountRow& row) { visitor.counts(name, row); };
    for (const auto kind : {CountTableKind::kTiers, CountTableKind::kEndpoints}) {
      if (absl::Status status = VisitTable(database, kind, *names, unaccounted, visit); !status.ok()) return status;
    }
  }
  if (visitor.causes) {
    const absl::Status status = VisitTable(database, CountTableKind::kCauses, *names, unaccounted, visitor.causes);
    if (!status.ok()) return status;
  }
  return visitor.cumulative ? VisitCumulativeCounts(database, *names, unaccounted, visitor) : absl::OkStatus();
}

absl::Status VisitTierRows(Database& database, absl::Time from, absl::Time to,
                           const std::function<void(const SeriesName&, const CountRow&)>& visit) {
  const auto names = LoadSeriesNames(database);
  if (!names.ok()) return names.status();
  absl::StatusOr<CountReader> reader = CountReader::Open(database, CountTableKind::kTiers, from, to);
  if (!reader.ok()) return reader.status();
  const SeriesNames tiers = TiersAmong(*names);
  HistoryMerger merger(visit);
  while (true) {
    const absl::StatusOr<bool> row = reader->Next();
    if (!row.ok()) return row.status();
    if (!*row) break;
    const int64_t series = reader->key().series;
    const auto tier = tiers.find(series);
    if (tier == tiers.end()) return NameOf(*names, series, TableName(CountTableKind::kTiers), database).status();
    merger.Add(reader->width_seconds(), reader->key(), tier->second, reader->counts());
  }
  merger.HandOn();
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::pair<absl::Time, absl::Time>>> SpanOfTierRows(Database& database) {
  const auto widths = WidthsOf(database, CountTableKind::kTiers);
  if (!widths.ok()) return widths.status();
  // Each by itself is a look at one end of the index; both in one SELECT would read every row.
  Statement span(database,
                 "SELECT (SELECT min(end_seconds) FROM tier_counts WHERE width_seconds = ?1), "
                 "(SELECT max(end_seconds) FROM tier_counts WHERE width_seconds = ?1)");
  std::optional<std::pair<absl::Time, absl::Time>> total;
  for (const int64_t width : *widths) {
    span.Bind(width);
    const absl::StatusOr<bool> row = span.Next();
    if (!row.ok()) return row.status();
    const absl::Time first = absl::FromUnixSeconds(span.Integer(0));
    const absl::Time last = absl::FromUnixSeconds(span.Integer(1));
    total = total ? std::make_pair(std::min(total->first, first), std::max(total->second, last))
                  : std::make_pair(first, last);
  }
  return total;
}

}  // namespace firebreak
