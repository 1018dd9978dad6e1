#include "storage/ledger/invariants.h"

#include "fmt/format.h"
#include "storage/ledger/statement.h"

namespace firebreak {
namespace {

// Of a table of counts.
std::vector<Invariant> OfRows(const std::string& table) {
  return {{table + ": rows whose slots are not on the grid of their width",
           fmt::format("SELECT count(*), max(width_seconds || ' s until ' || end_seconds) FROM {} "
                       "WHERE width_seconds <= 0 OR end_seconds % width_seconds != 0",
                       table)},
          {table + ": rows of series that have no name",
           fmt::format("SELECT count(*), max(series) FROM {} WHERE series NOT IN (SELECT id FROM series)", table)}};
}

Invariant OfCounts(const std::string& table) {
  return {table + ": rows with a negative count, more bad than total, or more slow than timed than total",
          fmt::format("SELECT count(*), max('series ' || series || ' until ' || end_seconds) FROM {} "
                      "WHERE total < 0 OR bad < 0 OR client_errors < 0 OR timed < 0 OR slow < 0 OR retries < 0 "
                      "OR bad > total OR timed > total OR slow > timed",
                      table)};
}

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

// Rows of endpoints are folded and deleted after those of tiers, and their cumulative counts after both.
std::vector<Invariant> MakeQuick() {
  return {
      {"series: no tier, or an unknown source",
       "SELECT count(*), max(id) FROM series WHERE source NOT IN (0, 1) OR tier = ''"},
      {"tier_counts: empty, though endpoints counted something",
       "SELECT count(*), 'all of it' FROM (SELECT 1 FROM endpoint_counts LIMIT 1) "
       "WHERE NOT EXISTS (SELECT 1 FROM tier_counts)"},
      {"endpoint_counts: empty, though tiers counted something within the hour before they stopped",
       "SELECT count(*), 'all of it' FROM (SELECT min(width_seconds) AS narrowest FROM tier_counts) "
       "WHERE narrowest < 30 AND NOT EXISTS (SELECT 1 FROM endpoint_counts)"},
      {"cumulative: counts that are not whole numbers of eight bytes",
       "SELECT count(*), max(series) FROM cumulative WHERE length(by_status) != 64 OR length(latency_buckets) % 8 "
       "!= 0"},
      {"meta: negative values", "SELECT count(*), max(name) FROM meta WHERE value < 0"},
      {"meta: head_seconds is missing, though there are alert states",
       "SELECT count(*), max(name) FROM states WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'head_seconds')"},
      {"meta: last_news is missing, though there is news",
       "SELECT count(*), max('number ' || number) FROM news "
       "WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'last_news')"},
      {"states: empty names or texts", "SELECT count(*), max(name) FROM states WHERE name = '' OR body = ''"},
      {"documents: empty texts", "SELECT count(*), max(kind || ' ' || name) FROM documents WHERE body = ''"},
      {"outbox: empty texts", "SELECT count(*), max(destination || ' ' || alert) FROM outbox WHERE body = ''"},
      {"outbox: entries of no destination",
       "SELECT count(*), max(destination) FROM outbox WHERE destination NOT IN (SELECT name FROM destinations)"},
      {"destinations: they have read less than nothing",
       "SELECT count(*), max(name) FROM destinations WHERE news_read < 0"},
      {"news: beyond the last number given, or numbered below 1",
       "SELECT count(*), max('number ' || number) FROM news WHERE number < 1 OR number > max("
       "ifnull((SELECT value FROM meta WHERE name = 'last_news'), 0), "
       "ifnull((SELECT max(news_read) FROM destinations), 0))"},
      {"news: pieces that every destination has read",
       "SELECT count(*), max('number ' || number) FROM news WHERE number <= (SELECT min(news_read) FROM destinations)"},
      {"news: pieces missing that a destination has still to read",
       "SELECT count(*), max(name || ' after number ' || news_read) FROM destinations, "
       "(SELECT value AS last FROM meta WHERE name = 'last_news') "
       "WHERE news_read < last AND (SELECT count(*) FROM news WHERE number > news_read) < last - news_read"},
  };
}

std::vector<Invariant> MakeThorough() {
  std::vector<Invariant> all;
  for (const char* table : {"tier_counts", "endpoint_counts", "cause_counts"}) {
    for (Invariant& invariant : OfRows(table)) all.push_back(std::move(invariant));
  }
  for (const char* table : {"tier_counts", "endpoint_counts"}) all.push_back(OfCounts(table));
  const Invariant others[] = {
      {"tier_counts: rows of endpoints",
       "SELECT count(*), max(series) FROM tier_counts JOIN series ON id = series WHERE endpoint != ''"},
      {"endpoint_counts: rows of tiers",
       "SELECT count(*), max(series) FROM endpoint_counts JOIN series ON id = series WHERE endpoint = ''"},
      {"endpoint_counts: rows of endpoints without cumulative counts",
       "SELECT count(*), max(series) FROM (SELECT DISTINCT series FROM endpoint_counts) "
       "WHERE series NOT IN (SELECT series FROM cumulative)"},
      {"cause_counts: rows of endpoints",
       "SELECT count(*), max(series) FROM cause_counts JOIN series ON id = series WHERE endpoint != ''"},
      {"cause_counts: rows with a negative count or code",
       "SELECT count(*), max('code ' || code || ' until ' || end_seconds) FROM cause_counts WHERE bad < 0 OR code < 0"},
      {"cumulative: rows of series that have no name",
       "SELECT count(*), max(series) FROM cumulative WHERE series NOT IN (SELECT id FROM series)"},
      {"cumulative: rows of tiers",
       "SELECT count(*), max(series) FROM cumulative JOIN series ON id = series WHERE endpoint = ''"},
      {"tier_counts: slots in which a tier counts other than its endpoints together", kEndpointsOfTiers},
      {"cause_counts: slots in which causes count more than is bad", kCausesOfTiers},
      {"batch_keys: keys that are not 16 bytes, or whose answer counts less than nothing",
       "SELECT count(*), max('number ' || number) FROM batch_keys WHERE length(key) != 16 OR length(body) != 16 OR "
       "accepted < 0 OR rejected < 0 OR late < 0"},
      {"batch_keys: keys missing between the oldest and the newest",
       "SELECT max(number) - min(number) + 1 - count(*), 'after number ' || min(number) FROM batch_keys"},
  };
  all.insert(all.end(), std::begin(others), std::end(others));
  return all;
}

}  // namespace

const std::vector<Invariant>& QuickInvariants() {
  static const auto* invariants = new std::vector<Invariant>(MakeQuick());
  return *invariants;
}

const std::vector<Invariant>& ThoroughInvariants() {
  static const auto* invariants = new std::vector<Invariant>(MakeThorough());
  return *invariants;
}

absl::StatusOr<std::optional<std::string>> FindBroken(Database& database, const Invariant& invariant) {
  Statement select(database, invariant.sql);
  const absl::StatusOr<bool> row = select.Next();
  if (!row.ok()) return row.status();
  if (!*row || select.Integer(0) == 0) return std::nullopt;
  return fmt::format("{}: {} (one is {})", invariant.broken, select.Integer(0), select.Text(1));
}

absl::Status CheckQuickInvariants(Database& database) {
  for (const Invariant& invariant : QuickInvariants()) {
    const absl::StatusOr<std::optional<std::string>> broken = FindBroken(database, invariant);
    if (!broken.ok()) return broken.status();
    if (*broken) return database.Damaged(**broken);
  }
  return absl::OkStatus();
}

}  // namespace firebreak
