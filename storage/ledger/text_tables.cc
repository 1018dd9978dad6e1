#include "storage/ledger/text_tables.h"

#include <algorithm>
#include <set>

#include "storage/ledger/ledger.h"

namespace firebreak {
namespace {

// Names of rows in `meta`, whose values only grow.
constexpr char kHead[] = "head_seconds";   // the last evaluation
constexpr char kLastNews[] = "last_news";  // the highest number given
constexpr char kBatches[] = "batches";     // counted, ever

absl::StatusOr<std::vector<Document>> ReadTexts(Statement& select) {
  std::vector<Document> documents;
  while (true) {
    const absl::StatusOr<bool> row = select.Next();
    if (!row.ok()) return row.status();
    if (!*row) return documents;
    documents.push_back({std::string(select.Text(0)), std::string(select.Text(1))});
  }
}

absl::StatusOr<std::vector<News>> ReadNews(Database& database) {
  Statement select(database, "SELECT number, body FROM news ORDER BY number");
  std::vector<News> news;
  while (true) {
    const absl::StatusOr<bool> row = select.Next();
    if (!row.ok()) return row.status();
    if (!*row) return news;
    news.push_back({select.Integer(0), std::string(select.Text(1))});
  }
}

absl::StatusOr<std::vector<OutboxRecord>> ReadOutboxes(Database& database) {
  Statement select(database, "SELECT name, news_read FROM destinations ORDER BY name");
  Statement entries(database, "SELECT alert, body FROM outbox WHERE destination = ? ORDER BY alert");
  std::vector<OutboxRecord> outboxes;
  while (true) {
    const absl::StatusOr<bool> row = select.Next();
    if (!row.ok()) return row.status();
    if (!*row) return outboxes;
    OutboxRecord outbox{std::string(select.Text(0)), select.Integer(1), {}};
    entries.Bind(outbox.destination);
    absl::StatusOr<std::vector<Document>> read = ReadTexts(entries);
    if (!read.ok()) return read.status();
    outbox.entries = *std::move(read);
    outboxes.push_back(std::move(outbox));
  }
}

absl::StatusOr<std::optional<int64_t>> ReadMeta(Database& database, const char* name) {
  Statement select(database, "SELECT value FROM meta WHERE name = ?");
  select.Bind(name);
  const absl::StatusOr<bool> row = select.Next();
  if (!row.ok()) return row.status();
  if (!*row) return std::nullopt;
  return select.Integer(0);
}

}  // namespace

TextTables::TextTables(Database& database)
    : meta_(database, "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)"),
      batches_(database, "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value"),
      touch_(database, "INSERT INTO meta VALUES ('touched', 1) ON CONFLICT DO UPDATE SET value = value + 1"),
      state_(database, "INSERT OR REPLACE INTO states VALUES (?, ?)"),
      state_gone_(database, "DELETE FROM states WHERE name = ?"),
      news_(database, "INSERT OR REPLACE INTO news VALUES (?, ?)"),
      destination_(database,
                   "INSERT INTO destinations VALUES (?, ?) "
                   "ON CONFLICT DO UPDATE SET news_read = max(news_read, excluded.news_read)"),
      destination_new_(database,
                       "INSERT INTO destinations VALUES (?, ifnull((SELECT value FROM meta WHERE name = 'last_news'), "
                       "0)) ON CONFLICT DO NOTHING"),
      destination_gone_(database, "DELETE FROM destinations WHERE name = ?"),
      outbox_gone_(database, "DELETE FROM outbox WHERE destination = ?"),
      entry_(database, "INSERT OR REPLACE INTO outbox VALUES (?, ?, ?)"),
      entry_gone_(database, "DELETE FROM outbox WHERE destination = ? AND alert = ?"),
      document_(database, "INSERT OR REPLACE INTO documents VALUES (?, ?, ?)"),
      document_gone_(database, "DELETE FROM documents WHERE kind = ? AND name = ?"),
      read_news_(database, "DELETE FROM news WHERE number <= ifnull((SELECT min(news_read) FROM destinations), ?)"),
      all_destinations_(database, "SELECT name, '' FROM destinations") {}

absl::Status TextTables::Add(const TickRecord& tick) {
  if (absl::Status status = meta_.Run(kHead, absl::ToUnixSeconds(tick.at)); !status.ok()) return status;
  for (const Document& state : tick.states) {
    const absl::Status status = state.body.empty() ? state_gone_.Run(state.key) : state_.Run(state.key, state.body);
    if (!status.ok()) return status;
  }
  for (const News& news : tick.news) {
    if (absl::Status status = news_.Run(news.number, news.body); !status.ok()) return status;
  }
  if (tick.news.empty()) return absl::OkStatus();
  return meta_.Run(kLastNews, tick.news.back().number);
}

absl::Status TextTables::Add(const OutboxRecord& outbox) {
  if (absl::Status status = destination_.Run(outbox.destination, outbox.news_read); !status.ok()) return status;
  for (const Document& entry : outbox.entries) {
    const absl::Status status = entry.body.empty() ? entry_gone_.Run(outbox.destination, entry.key)
                                                   : entry_.Run(outbox.destination, entry.key, entry.body);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status TextTables::Add(const DestinationsRecord& destinations) {
  const std::set<std::string> names(destinations.names.begin(), destinations.names.end());
  destinations_known_ = true;
  const absl::StatusOr<std::vector<Document>> known = ReadTexts(all_destinations_);
  if (!known.ok()) return known.status();
  for (const Document& destination : *known) {
    if (names.count(destination.key) > 0) continue;
    if (absl::Status status = outbox_gone_.Run(destination.key); !status.ok()) return status;
    if (absl::Status status = destination_gone_.Run(destination.key); !status.ok()) return status;
  }
  for (const std::string& name : names) {
    if (absl::Status status = destination_new_.Run(name); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status TextTables::Add(const DocumentRecord& documents) {
  for (const Document& document : documents.documents) {
    const absl::Status status = document.body.empty() ? document_gone_.Run(documents.kind, document.key)
                                                      : document_.Run(documents.kind, document.key, document.body);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status TextTables::CountBatches(int64_t batches) { return batches_.Run(kBatches, batches); }

absl::Status TextTables::ForgetReadNews() {
  // Without a destination nobody has read anything, unless we know that there is none: then nobody ever will.
  const int64_t without_destinations = destinations_known_ ? INT64_MAX : 0;
  return read_news_.Run(without_destinations);
}

absl::StatusOr<LedgerState> ReadLedgerState(Database& database) {
  LedgerState state;
  const auto head = ReadMeta(database, kHead);
  if (!head.ok()) return head.status();
  if (*head) state.head = absl::FromUnixSeconds(**head);
  Statement select(database, "SELECT name, body FROM states ORDER BY name");
  auto states = ReadTexts(select);
  if (!states.ok()) return states.status();
  state.states = *std::move(states);
  auto news = ReadNews(database);
  if (!news.ok()) return news.status();
  state.news = *std::move(news);
  auto outboxes = ReadOutboxes(database);
  if (!outboxes.ok()) return outboxes.status();
  state.outboxes = *std::move(outboxes);
  const auto batches = ReadMeta(database, kBatches);
  if (!batches.ok()) return batches.status();
  state.batches = batches->value_or(0);
  const auto last_news = ReadMeta(database, kLastNews);
  if (!last_news.ok()) return last_news.status();
  state.last_news = last_news->value_or(0);
  // A destination may have read news that were never written: the disk was gone, and then everybody had read them.
  for (const OutboxRecord& outbox : state.outboxes) state.last_news = std::max(state.last_news, outbox.news_read);
  return state;
}

absl::StatusOr<std::vector<Document>> ReadDocuments(Database& database, const std::string& kind) {
  Statement select(database, "SELECT name, body FROM documents WHERE kind = ? ORDER BY name");
  select.Bind(kind);
  return ReadTexts(select);
}

}  // namespace firebreak
