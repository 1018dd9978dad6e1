#include "storage/ledger/schema.h"

#include <map>

#include "fmt/format.h"
#include "storage/ledger/statement.h"

namespace firebreak {
namespace {

// Rows of counts are keyed by time before series: what is written at one moment lies together, and what has grown old
// is the beginning of its width.
constexpr char kVersion1[] = R"sql(
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  tier TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  source INTEGER NOT NULL,
  UNIQUE (tier, endpoint, source)
) STRICT;

CREATE TABLE tier_counts (
  width_seconds INTEGER NOT NULL,
  end_seconds INTEGER NOT NULL,
  series INTEGER NOT NULL,
  total INTEGER NOT NULL,
  bad INTEGER NOT NULL,
  client_errors INTEGER NOT NULL,
  timed INTEGER NOT NULL,
  slow INTEGER NOT NULL,
  retries INTEGER NOT NULL,
  PRIMARY KEY (width_seconds, end_seconds, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE endpoint_counts (
  width_seconds INTEGER NOT NULL,
  end_seconds INTEGER NOT NULL,
  series INTEGER NOT NULL,
  total INTEGER NOT NULL,
  bad INTEGER NOT NULL,
  client_errors INTEGER NOT NULL,
  timed INTEGER NOT NULL,
  slow INTEGER NOT NULL,
  retries INTEGER NOT NULL,
  PRIMARY KEY (width_seconds, end_seconds, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE cause_counts (
  width_seconds INTEGER NOT NULL,
  end_seconds INTEGER NOT NULL,
  series INTEGER NOT NULL,
  code INTEGER NOT NULL,
  bad INTEGER NOT NULL,
  PRIMARY KEY (width_seconds, end_seconds, series, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE cumulative (
  series INTEGER PRIMARY KEY,
  newest_end_seconds INTEGER NOT NULL,
  retries INTEGER NOT NULL,
  by_status BLOB NOT NULL,
  latency_bounds TEXT NOT NULL,
  latency_buckets BLOB NOT NULL,
  latency_seconds REAL NOT NULL
) STRICT;

CREATE TABLE batch_keys (
  number INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  body BLOB NOT NULL,
  accepted INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  late INTEGER NOT NULL,
  at_seconds INTEGER NOT NULL
) STRICT;

CREATE TABLE states (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE news (number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE destinations (name TEXT PRIMARY KEY, news_read INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
  destination TEXT NOT NULL,
  alert TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (destination, alert)
) STRICT, WITHOUT ROWID;
CREATE TABLE documents (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
)sql";

absl::Status NewerError(const Database& database, int64_t version, int last) {
  return absl::FailedPreconditionError(
      fmt::format("{}: made by a newer firebreak (schema version {}, this one knows up to {}): run that version, or "
                  "restore a backup made by this one",
                  database.path(), version, last));
}

absl::Status Apply(Database& database, const Migration& migration) {
  const absl::Status status = database.Execute(
      fmt::format("BEGIN IMMEDIATE;{};PRAGMA user_version = {};COMMIT", migration.sql, migration.version));
  if (!status.ok() && database.in_transaction()) (void)database.Execute("ROLLBACK");
  return status;
}

// What makes each table, index, trigger and view, by its name.
using Definitions = std::map<std::string, std::string>;

absl::StatusOr<Definitions> DefinitionsIn(Database& database) {
  Statement select(database,
                   "SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL AND name NOT LIKE 'sqlite\\_%' "
                   "ESCAPE '\\'");
  Definitions definitions;
  while (true) {
    const absl::StatusOr<bool> row = select.Next();
    if (!row.ok()) return row.status();
    if (!*row) return definitions;
    definitions[std::string(select.Text(0))] = std::string(select.Text(1));
  }
}

absl::StatusOr<Definitions> DefinitionsOf(const std::vector<Migration>& migrations) {
  auto pattern = Database::Open(":memory:", Database::Access::kCreate, "");
  if (!pattern.ok()) return pattern.status();
  if (absl::Status status = Migrate(**pattern, migrations); !status.ok()) return status;
  return DefinitionsIn(**pattern);
}

}  // namespace

const std::vector<Migration>& LedgerMigrations() {
  static const auto* migrations = new std::vector<Migration>{{1, kVersion1}};
  return *migrations;
}

absl::Status Migrate(Database& database, const std::vector<Migration>& migrations) {
  const absl::StatusOr<int64_t> version = database.QueryInteger("PRAGMA user_version");
  if (!version.ok()) return version.status();
  if (*version > migrations.back().version) return NewerError(database, *version, migrations.back().version);
  for (const Migration& migration : migrations) {
    if (migration.version <= *version) continue;
    if (absl::Status status = Apply(database, migration); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckSchema(Database& database, const std::vector<Migration>& migrations, Older older) {
  const absl::StatusOr<int64_t> application = database.QueryInteger("PRAGMA application_id");
  if (!application.ok()) return application.status();
  if (*application != kLedgerApplicationId) {
    return absl::DataLossError(fmt::format(
        "{}: an SQLite file, but no ledger of firebreak: move it aside, or name another directory", database.path()));
  }
  const absl::StatusOr<int64_t> version = database.QueryInteger("PRAGMA user_version");
  if (!version.ok()) return version.status();
  const int last = migrations.back().version;
  if (*version > last) return NewerError(database, *version, last);
  if (*version < 1) {
    return database.Damaged(fmt::format("its user_version is {}, and there never was such a schema", *version));
  }
  if (*version < last && older == Older::kRefused) {
    return absl::FailedPreconditionError(
        fmt::format("{}: made by an older firebreak (schema version {}, wanted {}): start the server on it once to "
                    "bring it up to date",
                    database.path(), *version, last));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> SchemaFaults(Database& database, const std::vector<Migration>& migrations) {
  const absl::StatusOr<Definitions> wanted = DefinitionsOf(migrations);
  if (!wanted.ok()) return wanted.status();
  const absl::StatusOr<Definitions> found = DefinitionsIn(database);
  if (!found.ok()) return found.status();
  std::vector<std::string> faults;
  for (const auto& [name, sql] : *wanted) {
    const auto table = found->find(name);
    if (table == found->end()) {
      faults.push_back(fmt::format("table {} is missing", name));
    } else if (table->second != sql) {
      faults.push_back(fmt::format("table {} is not as the schema says", name));
    }
  }
  for (const auto& [name, sql] : *found) {
    if (wanted->count(name) == 0) faults.push_back(fmt::format("table {} is not of the schema", name));
  }
  return faults;
}

}  // namespace firebreak
