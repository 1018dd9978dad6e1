#include "storage/ledger/series_table.h"

#include <algorithm>

#include "fmt/format.h"
#include "storage/delta.h"

namespace firebreak {

SeriesTable::SeriesTable(Database& database)
    : database_(database),
      insert_(database, "INSERT INTO series VALUES (?, ?, ?, ?)"),
      delete_(database, "DELETE FROM series WHERE id = ?") {}

absl::Status SeriesTable::Load() {
  const auto names = LoadSeriesNames(database_);
  if (!names.ok()) return names.status();
  ids_.clear();
  next_id_ = 1;
  for (const auto& [id, name] : *names) {
    ids_[name] = id;
    next_id_ = std::max(next_id_, id + 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> SeriesTable::IdOf(std::string_view tier, std::string_view endpoint, int source) {
  const auto known = ids_.find(Less::Parts(tier, endpoint, source));
  if (known != ids_.end()) return known->second;
  if (absl::Status status = insert_.Run(next_id_, tier, endpoint, source); !status.ok()) return status;
  added_.push_back({std::string(tier), std::string(endpoint), source});
  return ids_[added_.back()] = next_id_++;
}

absl::Status SeriesTable::Remove(int64_t id) {
  const auto series = std::find_if(ids_.begin(), ids_.end(), [=](const auto& entry) { return entry.second == id; });
  if (series != ids_.end()) {
    removed_.push_back(*series);
    ids_.erase(series);
  }
  return delete_.Run(id);
}

void SeriesTable::Committed() {
  added_.clear();
  removed_.clear();
}

void SeriesTable::RolledBack() {
  for (const SeriesName& name : added_) ids_.erase(name);
  for (const auto& [name, id] : removed_) ids_[name] = id;
  Committed();
}

absl::StatusOr<std::map<int64_t, SeriesName>> LoadSeriesNames(Database& database) {
  Statement select(database, "SELECT id, tier, endpoint, source FROM series");
  std::map<int64_t, SeriesName> names;
  while (true) {
    const absl::StatusOr<bool> row = select.Next();
    if (!row.ok()) return row.status();
    if (!*row) return names;
    const int64_t source = select.Integer(3);
    if (select.Text(1).empty() || source < 0 || source >= kSourceKinds) {
      return database.Damaged(fmt::format("series: number {} has no tier, or an unknown source", select.Integer(0)));
    }
    names[select.Integer(0)] = {std::string(select.Text(1)), std::string(select.Text(2)), static_cast<int>(source)};
  }
}

}  // namespace firebreak
