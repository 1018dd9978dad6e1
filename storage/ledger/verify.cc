#include "storage/ledger/verify.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "fmt/format.h"
#include "storage/ledger/cumulative_table.h"
#include "storage/ledger/database.h"
#include "storage/ledger/ledger_file.h"
#include "storage/ledger/schema.h"
#include "storage/ledger/statement.h"

namespace firebreak {
namespace {

constexpr int kMaxLinesOfSqlite = 20;

// What must not be found: `sql` selects how many rows break the rule and, as a text, one of them.
struct Rule {
  const char* broken;
  const char* sql;
};

// {} is a table of counts.
constexpr Rule kRowRules[] = {
    {"rows whose slots are not on the grid of their width",
     "SELECT count(*), max(width_seconds || ' s until ' || end_seconds) FROM {} "
     "WHERE width_seconds <= 0 OR end_seconds % width_seconds != 0"},
    {"rows of series that have no name",
     "SELECT count(*), max(series) FROM {} WHERE series NOT IN (SELECT id FROM series)"},
};
constexpr Rule kCountRules[] = {
    {"rows with a negative count, more bad than total, or more slow than timed than total",
     "SELECT count(*), max('series ' || series || ' until ' || end_seconds) FROM {} WHERE total < 0 OR bad < 0 OR "
     "client_errors < 0 OR timed < 0 OR slow < 0 OR retries < 0 OR bad > total OR timed > total OR slow > timed"},
};
constexpr Rule kRules[] = {
    {"rows of endpoints in tier_counts",
     "SELECT count(*), max(series) FROM tier_counts JOIN series ON id = series WHERE endpoint != ''"},
    {"rows of tiers in endpoint_counts",
     "SELECT count(*), max(series) FROM endpoint_counts JOIN series ON id = series WHERE endpoint = ''"},
    {"causes with a negative count",
     "SELECT count(*), max('code ' || code || ' until ' || end_seconds) FROM cause_counts WHERE bad < 0 OR code < 0"},
    {"series of unknown sources", "SELECT count(*), max(id) FROM series WHERE source NOT IN (0, 1) OR tier = ''"},
    {"batch keys that are not 16 bytes, or whose answer counts less than nothing",
     "SELECT count(*), max('number ' || number) FROM batch_keys WHERE length(key) != 16 OR length(body) != 16 OR "
     "accepted < 0 OR rejected < 0 OR late < 0"},
    {"batch keys missing between the oldest and the newest",
     "SELECT max(number) - min(number) + 1 - count(*), 'after number ' || min(number) FROM batch_keys"},
    {"empty texts",
     "SELECT count(*), max(name) FROM (SELECT name, body FROM states UNION ALL SELECT kind, body FROM documents "
     "UNION ALL SELECT destination, body FROM outbox) WHERE body = ''"},
    {"news beyond the last number given, or numbered below 1",
     "SELECT count(*), max('number ' || number) FROM news WHERE number < 1 OR number > max("
     "ifnull((SELECT value FROM meta WHERE name = 'last_news'), 0), ifnull((SELECT max(news_read) FROM destinations), "
     "0))"},
    {"news that every destination has read",
     "SELECT count(*), max('number ' || number) FROM news WHERE number <= (SELECT min(news_read) FROM destinations)"},
    {"destinations that have read less than nothing",
     "SELECT count(*), max(name) FROM destinations WHERE news_read < 0"},
    {"outbox entries of no destination",
     "SELECT count(*), max(destination) FROM outbox WHERE destination NOT IN (SELECT name FROM destinations)"},
    {"negative values in meta", "SELECT count(*), max(name) FROM meta WHERE value < 0"},
};

// In the widest slots that endpoints have: the tier's rows are the sum of its endpoints'. Endpoint rows are deleted
// first, from the oldest slot on; what follows that one is complete.
constexpr char kEndpointsOfTiers[] = R"sql(
WITH widest AS (SELECT max(width_seconds) AS w FROM endpoint_counts),
     endpoints AS (
       SELECT tier, source, (end_seconds + w - 1) / w * w AS slot, sum(total) AS total, sum(bad) AS bad,
              sum(client_errors) AS client_errors, sum(timed) AS timed, sum(slow) AS slow, sum(retries) AS retries
       FROM endpoint_counts JOIN series ON id = series, widest GROUP BY tier, source, slot),
     tiers AS (
       SELECT tier, source, (end_seconds + w - 1) / w * w AS slot, sum(total) AS total, sum(bad) AS bad,
              sum(client_errors) AS client_errors, sum(timed) AS timed, sum(slow) AS slow, sum(retries) AS retries
       FROM tier_counts JOIN series ON id = series, widest GROUP BY tier, source, slot),
     oldest AS (SELECT max((SELECT min(slot) FROM endpoints), (SELECT min(slot) FROM tiers)) AS slot),
     found AS (
       SELECT tier, slot FROM (SELECT * FROM tiers EXCEPT SELECT * FROM endpoints)
       UNION ALL SELECT tier, slot FROM (SELECT * FROM endpoints EXCEPT SELECT * FROM tiers))
SELECT count(*), max(found.tier || ' until ' || found.slot) FROM found, oldest WHERE found.slot > oldest.slot
)sql";

// The same of causes, of which there may be less than bad requests.
constexpr char kCausesOfTiers[] = R"sql(
WITH widest AS (SELECT max(width_seconds) AS w FROM cause_counts),
     causes AS (
       SELECT series, (end_seconds + w - 1) / w * w AS slot, sum(bad) AS bad
       FROM cause_counts, widest GROUP BY series, slot),
     tiers AS (
       SELECT series, (end_seconds + w - 1) / w * w AS slot, sum(bad) AS bad
       FROM tier_counts, widest GROUP BY series, slot)
SELECT count(*), max('series ' || causes.series || ' until ' || causes.slot)
FROM causes LEFT JOIN tiers USING (series, slot)
WHERE causes.bad > ifnull(tiers.bad, 0) AND causes.slot > (SELECT min(slot) FROM tiers)
)sql";

class Verifier {
 public:
  explicit Verifier(Database& database) : database_(database) {}

  VerifyReport Run() {
    AskSqlite();
    CompareTables();
    CountRows();
    for (const char* table : {"tier_counts", "endpoint_counts", "cause_counts"}) {
      for (const Rule& rule : kRowRules)
        Check(fmt::format("{}: {}", table, rule.broken), fmt::format(fmt::runtime(rule.sql), table));
    }
    for (const char* table : {"tier_counts", "endpoint_counts"}) {
      for (const Rule& rule : kCountRules)
        Check(fmt::format("{}: {}", table, rule.broken), fmt::format(fmt::runtime(rule.sql), table));
    }
    for (const Rule& rule : kRules) Check(rule.broken, rule.sql);
    Check("slots in which a tier counts other than its endpoints together", kEndpointsOfTiers);
    Check("slots in which causes count more than is bad", kCausesOfTiers);
    CheckCumulative();
    return std::move(report_);
  }

 private:
  void Find(std::string finding) { report_.findings.push_back(std::move(finding)); }
  // Whether something could be read; what could not be is a finding.
  bool Read(const absl::Status& status) {
    if (!status.ok()) Find(std::string(status.message()));
    return status.ok();
  }

  void AskSqlite() {
    Statement check(database_, fmt::format("PRAGMA integrity_check({})", kMaxLinesOfSqlite));
    while (true) {
      const absl::StatusOr<bool> row = check.Next();
      if (!Read(row.status()) || !*row) return;
      if (check.Text(0) != "ok") Find(fmt::format("SQLite: {}", check.Text(0)));
    }
  }

  using Tables = std::map<std::string, std::string>;

  static absl::StatusOr<Tables> TablesOf(Database& database) {
    Statement select(database, "SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL");
    Tables tables;
    while (true) {
      const absl::StatusOr<bool> row = select.Next();
      if (!row.ok()) return row.status();
      if (!*row) return tables;
      tables[std::string(select.Text(0))] = std::string(select.Text(1));
    }
  }

  void CompareTables() {
    auto pattern = Database::Open(":memory:", Database::Access::kCreate, "");
    if (!Read(pattern.status()) || !Read(Migrate(**pattern, LedgerMigrations()))) return;
    const auto wanted = TablesOf(**pattern);
    const auto found = TablesOf(database_);
    if (!Read(wanted.status()) || !Read(found.status())) return;
    for (const auto& [name, sql] : *wanted) {
      const auto table = found->find(name);
      if (table == found->end()) {
        Find(fmt::format("table {} is missing", name));
      } else if (table->second != sql) {
        Find(fmt::format("table {} is not as the schema says", name));
      }
    }
    for (const auto& [name, sql] : *found) {
      if (wanted->count(name) == 0) Find(fmt::format("table {} is not of the schema", name));
    }
  }

  void CountRows() {
    for (const char* table : {"series", "tier_counts", "endpoint_counts", "cause_counts", "cumulative", "batch_keys",
                              "states", "news", "destinations", "outbox", "documents"}) {
      const auto rows = database_.QueryInteger(fmt::format("SELECT count(*) FROM {}", table));
      if (Read(rows.status())) report_.looked_at.emplace_back(table, *rows);
    }
  }

  void Check(const std::string& broken, const std::string& sql) {
    Statement select(database_, sql);
    const absl::StatusOr<bool> row = select.Next();
    if (!Read(row.status()) || !*row) return;
    if (select.Integer(0) != 0) Find(fmt::format("{}: {} (one is {})", broken, select.Integer(0), select.Text(1)));
  }

  static bool IsSound(const CumulativeRow& row) {
    const auto negative = [](int64_t count) { return count < 0; };
    return row.counts.retries >= 0 && std::isfinite(row.counts.latency_seconds) && row.counts.latency_seconds >= 0 &&
           std::none_of(row.counts.by_status.begin(), row.counts.by_status.end(), negative) &&
           std::none_of(row.counts.latency_buckets.begin(), row.counts.latency_buckets.end(), negative);
  }

  void CheckCumulative() {
    const absl::Status status = VisitCumulative(database_, [this](int64_t series, const CumulativeRow& row) {
      if (!IsSound(row)) Find(fmt::format("cumulative: series {} has counts below zero", series));
    });
    Read(status);
    Check("cumulative: rows of series that have no name",
          "SELECT count(*), max(series) FROM cumulative WHERE series NOT IN (SELECT id FROM series)");
    Check("cumulative: counts that are not whole numbers of eight bytes",
          "SELECT count(*), max(series) FROM cumulative WHERE length(by_status) != 64 OR length(latency_buckets) % 8 "
          "!= 0");
  }

  Database& database_;
  VerifyReport report_;
};

}  // namespace

absl::StatusOr<VerifyReport> VerifyLedger(const std::string& path) {
  auto database = OpenLedgerFile(path, Database::Access::kRead, "");
  if (!database.ok()) return database.status();
  if (absl::Status status = (*database)->Execute("PRAGMA temp_store = MEMORY"); !status.ok()) return status;
  const ReadTransaction snapshot(**database);
  if (!snapshot.status().ok()) return snapshot.status();
  return Verifier(**database).Run();
}

}  // namespace firebreak
