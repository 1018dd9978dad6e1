#include "storage/ledger/ledger.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "storage/ledger/batch_keys.h"
#include "storage/ledger/count_table.h"
#include "storage/ledger/count_visits.h"
#include "storage/ledger/cumulative_table.h"
#include "storage/ledger/database.h"
#include "storage/ledger/file_in_place.h"
#include "storage/ledger/invariants.h"
#include "storage/ledger/ledger_file.h"
#include "storage/ledger/retention.h"
#include "storage/ledger/schema.h"
#include "storage/ledger/series_table.h"
#include "storage/ledger/text_tables.h"

namespace firebreak {
namespace {

// Rows and keys that one Compact looks at: some milliseconds of work.
constexpr int64_t kCompactedAtOnce = 1000;

// What a single delta may count, as in a ring.
constexpr int64_t kMaxCount = int64_t{1} << 40;

// WAL: readers and the writer do not wait for each other. The WAL is checkpointed at 4 MiB and cut back to 16 MiB
// should a long reader have let it grow.
constexpr int64_t kWalCutBackTo = 16 << 20;
constexpr char kPragmas[] =
    "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 16777216;"
    "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = OFF; "
    "PRAGMA cell_size_check = ON";

bool IsCount(int64_t count) { return 0 <= count && count <= kMaxCount; }

bool AreCounts(const std::vector<std::pair<int, int64_t>>& counts) {
  return std::all_of(counts.begin(), counts.end(),
                     [](const auto& count) { return count.first >= 0 && IsCount(count.second); });
}

bool IsSound(const Counts& counts) {
  return IsCount(counts.total) && IsCount(counts.bad) && counts.bad <= counts.total && IsCount(counts.client_errors) &&
         IsCount(counts.timed) && counts.timed <= counts.total && IsCount(counts.slow) && counts.slow <= counts.timed &&
         IsCount(counts.retries);
}

bool IsSound(const Delta& delta, size_t tiers) {
  return 0 <= delta.tier && static_cast<size_t>(delta.tier) < tiers && 0 <= delta.source &&
         delta.source < kSourceKinds && !delta.endpoint.empty() && IsSound(delta.counts) &&
         AreCounts(delta.bad_codes) && AreCounts(delta.latency_buckets) &&
         std::all_of(delta.by_status.begin(), delta.by_status.end(), [](int64_t count) { return IsCount(count); });
}

absl::Status CheckBatch(const BatchRecord& batch) {
  const size_t tiers = batch.tiers == nullptr ? 0 : batch.tiers->size();
  for (size_t i = 0; i < batch.deltas.size(); ++i) {
    if (!IsSound(batch.deltas[i], tiers)) {
      return absl::InvalidArgumentError(fmt::format(
          "delta {} of {} is malformed: wanted one of {} tiers, an endpoint, and counts from 0 to 2^40 in which bad is "
          "at most total, and slow at most timed at most total",
          i, batch.deltas.size(), tiers));
    }
  }
  return absl::OkStatus();
}

// What verify calls wrong is refused, as far as it can be seen without reading everything.
absl::Status CheckWhatIsQuick(Database& database) {
  const auto faults = SchemaFaults(database, LedgerMigrations());
  if (!faults.ok()) return faults.status();
  if (!faults->empty()) return database.Damaged(faults->front());
  return CheckQuickInvariants(database);
}

int64_t FileBytes(const std::string& path) {
  struct stat found;
  return stat(path.c_str(), &found) == 0 ? found.st_size : 0;
}

}  // namespace

struct Ledger::Rep {
  Rep(std::unique_ptr<Database> d, LedgerOptions o)
      : database(std::move(d)),
        options(std::move(o)),
        tier_retention(Retention::ForTiers(options.shape, options.keep_tiers)),
        endpoint_retention(Retention::ForEndpoints(options.shape)) {}

  absl::Status SetSync(bool full);
  absl::Status AddDelta(const Delta& delta, const BatchRecord& batch);
  absl::Status Flush();
  absl::StatusOr<bool> CompactPiece(absl::Time now);
  absl::StatusOr<bool> ForgetIdleEndpoint(absl::Time now);

  std::unique_ptr<Database> database;
  const LedgerOptions options;
  const Retention tier_retention;
  const Retention endpoint_retention;
  std::vector<FileInPlace> files;  // once opened for writing
  bool synced = false;             // what `PRAGMA synchronous` was set to
  Statement begin{*database, "BEGIN IMMEDIATE"};
  Statement commit{*database, "COMMIT"};
  Statement rollback{*database, "ROLLBACK"};
  SeriesTable series{*database};
  CountTable tier_counts{*database, CountTableKind::kTiers};
  CountTable endpoint_counts{*database, CountTableKind::kEndpoints};
  CountTable cause_counts{*database, CountTableKind::kCauses};
  CumulativeTable cumulative{*database};
  BatchKeys keys{*database, options.max_keys};
  TextTables texts{*database};
  int64_t batches = 0;  // added by this transaction
};

absl::Status Ledger::Rep::SetSync(bool full) {
  if (synced == full) return absl::OkStatus();
  synced = full;
  return database->Execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

absl::Status Ledger::Rep::AddDelta(const Delta& delta, const BatchRecord& batch) {
  const std::string& tier = (*batch.tiers)[delta.tier];
  const auto tier_id = series.IdOf(tier, "", delta.source);
  if (!tier_id.ok()) return tier_id.status();
  const auto endpoint_id = series.IdOf(tier, delta.endpoint, delta.source);
  if (!endpoint_id.ok()) return endpoint_id.status();
  const int64_t end = absl::ToUnixSeconds(SlotEnd(delta.slot, options.shape.finest()));
  tier_counts.Add({end, *tier_id}, delta.counts);
  endpoint_counts.Add({end, *endpoint_id}, delta.counts);
  for (const auto& [code, bad] : delta.bad_codes) cause_counts.Add({end, *tier_id, code}, {.total = bad, .bad = bad});
  cumulative.Add(*endpoint_id, delta, end, batch.latency_bounds);
  return absl::OkStatus();
}

absl::Status Ledger::Rep::Flush() {
  const absl::Duration finest = options.shape.finest();
  for (CountTable* table : {&tier_counts, &endpoint_counts, &cause_counts}) {
    if (absl::Status status = table->Flush(finest); !status.ok()) return status;
  }
  if (absl::Status status = cumulative.Flush(); !status.ok()) return status;
  if (absl::Status status = keys.Evict(); !status.ok()) return status;
  if (batches > 0) {
    if (absl::Status status = texts.CountBatches(batches); !status.ok()) return status;
  }
  return texts.ForgetReadNews();
}

absl::StatusOr<bool> Ledger::Rep::CompactPiece(absl::Time now) {
  absl::StatusOr<bool> found = tier_counts.Compact(tier_retention, now, kCompactedAtOnce);
  for (CountTable* table : {&endpoint_counts, &cause_counts}) {
    if (!found.ok() || *found) return found;
    found = table->Compact(endpoint_retention, now, kCompactedAtOnce);
  }
  if (!found.ok() || *found) return found;
  found = keys.ForgetOld(now, kCompactedAtOnce);
  if (!found.ok() || *found) return found;
  return ForgetIdleEndpoint(now);
}

// Its rows are gone by then: they were older than what the last level holds.
absl::StatusOr<bool> Ledger::Rep::ForgetIdleEndpoint(absl::Time now) {
  const Retention::Fate last = endpoint_retention.FateOf(options.shape.levels.back().width, now);
  const auto idle = cumulative.RemoveIdle(absl::ToUnixSeconds(last.border));
  if (!idle.ok()) return idle.status();
  if (!*idle) return false;
  if (absl::Status status = series.Remove(**idle); !status.ok()) return status;
  return true;
}

Ledger::Ledger(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
Ledger::~Ledger() = default;

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(const std::string& path, const LedgerOptions& options) {
  const absl::StatusOr<LedgerFile> file = InspectLedgerFile(path);
  if (!file.ok()) return file.status();
  if (*file == LedgerFile::kAbsent) {
    if (absl::Status status = CreateLedgerFile(path, options.vfs); !status.ok()) return status;
  }
  auto database = OpenLedgerFile(path, options.vfs);
  if (!database.ok()) return database.status();
  if (absl::Status status = (*database)->Execute(kPragmas); !status.ok()) return status;
  if (absl::Status status = Migrate(**database, LedgerMigrations()); !status.ok()) return status;
  if (absl::Status status = CheckWhatIsQuick(**database); !status.ok()) return status;
  std::unique_ptr<Ledger> ledger(new Ledger(std::make_unique<Rep>(*std::move(database), options)));
  if (absl::Status status = ledger->rep_->series.Load(); !status.ok()) return status;
  if (absl::Status status = ledger->rep_->keys.Load(); !status.ok()) return status;
  // The WAL is there since the first of these was read.
  ledger->rep_->files.emplace_back(path);
  ledger->rep_->files.emplace_back(path + "-wal", kWalCutBackTo);
  return ledger;
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::OpenToRead(const std::string& path) {
  auto database = OpenLedgerFileToRead(path);
  if (!database.ok()) return database.status();
  LedgerOptions options;
  options.shape.levels = {{kHistoryWidth, kHistoryWidth}};  // only for writing
  return std::unique_ptr<Ledger>(new Ledger(std::make_unique<Rep>(*std::move(database), std::move(options))));
}

absl::StatusOr<LedgerState> Ledger::LoadState() const {
  const ReadTransaction snapshot(*rep_->database);
  if (!snapshot.status().ok()) return snapshot.status();
  return ReadLedgerState(*rep_->database);
}

absl::Status Ledger::VisitCounts(const Visitor& visitor) const {
  const ReadTransaction snapshot(*rep_->database);
  if (!snapshot.status().ok()) return snapshot.status();
  return VisitAllCounts(*rep_->database, visitor);
}

absl::Status Ledger::VisitTierHistory(absl::Time from, absl::Time to,
                                      const std::function<void(const SeriesName&, const CountRow&)>& visit) const {
  const ReadTransaction snapshot(*rep_->database);
  if (!snapshot.status().ok()) return snapshot.status();
  return VisitTierRows(*rep_->database, from, to, visit);
}

absl::StatusOr<std::optional<std::pair<absl::Time, absl::Time>>> Ledger::HistorySpan() const {
  const ReadTransaction snapshot(*rep_->database);
  if (!snapshot.status().ok()) return snapshot.status();
  return SpanOfTierRows(*rep_->database);
}

absl::StatusOr<std::vector<Document>> Ledger::LoadDocuments(const std::string& kind) const {
  return ReadDocuments(*rep_->database, kind);
}

absl::Status Ledger::Begin(Sync sync) {
  const bool full = sync == Sync::kNow || rep_->options.durability.mode == Durability::Mode::kAlways;
  if (absl::Status status = rep_->SetSync(full); !status.ok()) return status;
  return rep_->begin.Run();
}

absl::StatusOr<Ledger::BatchVerdict> Ledger::Add(const BatchRecord& batch) {
  if (absl::Status status = CheckBatch(batch); !status.ok()) return status;
  if (batch.key) {
    const auto known = rep_->keys.Add(*batch.key, batch.counts, batch.at);
    if (!known.ok()) return known.status();
    if (*known) {
      return BatchVerdict{(*known)->same_body ? BatchVerdict::Kind::kDuplicate : BatchVerdict::Kind::kKeyReused,
                          (*known)->counts};
    }
  }
  for (const Delta& delta : batch.deltas) {
    if (absl::Status status = rep_->AddDelta(delta, batch); !status.ok()) return status;
  }
  ++rep_->batches;
  return BatchVerdict{BatchVerdict::Kind::kAdded, batch.counts};
}

absl::Status Ledger::Add(const TickRecord& tick) { return rep_->texts.Add(tick); }
absl::Status Ledger::Add(const OutboxRecord& outbox) { return rep_->texts.Add(outbox); }
absl::Status Ledger::Add(const DestinationsRecord& destinations) { return rep_->texts.Add(destinations); }
absl::Status Ledger::Add(const DocumentRecord& documents) { return rep_->texts.Add(documents); }
absl::Status Ledger::CheckInPlace() {
  for (FileInPlace& file : rep_->files) {
    if (absl::Status status = file.Check(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Ledger::Touch() { return rep_->texts.Touch(); }

absl::Status Ledger::Commit() {
  if (absl::Status status = rep_->Flush(); !status.ok()) return status;
  if (absl::Status status = rep_->commit.Run(); !status.ok()) return status;
  rep_->series.Committed();
  rep_->keys.Committed();
  rep_->texts.Committed();
  rep_->batches = 0;
  return absl::OkStatus();
}

void Ledger::Rollback() {
  // SQLite may have rolled back by itself. What this says adds nothing: the error that led here was told.
  if (rep_->database->in_transaction()) (void)rep_->rollback.Run();
  for (CountTable* table : {&rep_->tier_counts, &rep_->endpoint_counts, &rep_->cause_counts}) table->Forget();
  rep_->cumulative.Forget();
  rep_->series.RolledBack();
  rep_->keys.RolledBack();
  rep_->texts.RolledBack();
  rep_->batches = 0;
}

absl::StatusOr<bool> Ledger::Compact(absl::Time now) {
  // Nobody waits for it, and the next synced commit brings it to the disk with itself.
  if (absl::Status status = rep_->SetSync(false); !status.ok()) return status;
  if (absl::Status status = rep_->begin.Run(); !status.ok()) return status;
  const absl::StatusOr<bool> found = rep_->CompactPiece(now);
  absl::Status status = found.status();
  if (status.ok()) status = Commit();
  if (status.ok()) return found;
  Rollback();
  return status;
}

int64_t Ledger::keys() const { return rep_->keys.held(); }
int64_t Ledger::keys_evicted_early() const { return rep_->keys.evicted_early(); }
int64_t Ledger::file_bytes() const { return FileBytes(path()) + FileBytes(path() + "-wal"); }
const std::string& Ledger::path() const { return rep_->database->path(); }
const LedgerOptions& Ledger::options() const { return rep_->options; }

}  // namespace firebreak
