#ifndef FIREBREAK_STORAGE_LEDGER_LEDGER_H_
#define FIREBREAK_STORAGE_LEDGER_LEDGER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/ladder_shape.h"
#include "storage/ledger/records.h"
#include "storage/traffic_store.h"

namespace firebreak {

// When a commit counts as done. docs/operations.md, "Durability". In each mode a commit is whole or absent, the file is
// never damaged by a crash, and the end of the process alone (kill -9) loses nothing that was answered. They differ in
// what a power cut, or a crash of the system, may take:
struct Durability {
  enum class Mode {
    kAlways,    // nothing: a commit is on disk (fsync) before it is answered
    kInterval,  // the newest commits, of the last `interval` and the time that one fsync takes
    kNone,      // the newest commits, as far back as the system has not written them out (Linux: some 30 s), at most
                // those of the last 4 MiB or so of changes, since every checkpoint is an fsync
  };
  Mode mode = Mode::kAlways;
  absl::Duration interval = absl::Seconds(1);
};

struct LedgerOptions {
  LadderShape shape;                                 // how long which width of slots is kept
  absl::Duration keep_tiers = absl::Hours(24 * 44);  // tier rows stay at 30 s this long: the period and a review cycle
  Durability durability;
  int64_t max_keys = 2'000'000;  // batch keys kept: the newest, and none much longer than 24 h
  std::string vfs;               // SQLite VFS by name; "" = the system's. For tests that let it fail.
};

// Everything that start reads back.
struct LedgerState {
  std::optional<absl::Time> head;  // the last evaluation that was written
  std::vector<Document> states;
  std::vector<News> news;  // not yet read by every destination, ascending
  int64_t last_news = 0;   // the highest number ever given
  int64_t batches = 0;     // how many were ever counted: kAdded
  std::vector<OutboxRecord> outboxes;
};

// The durable truth that rings, states and queues are rebuilt from: one SQLite file (WAL), docs/ledger-format.md.
// Thread-compatible: the committer's, once it has it.
class Ledger {
 public:
  // Visits what was counted, the rows of a series in ascending time (older ones are wider). Series come in one piece.
  struct Visitor {
    std::function<void(const SeriesName&, const CountRow&)> counts;
    // Bad requests of a tier × source by cause code.
    std::function<void(const SeriesName&, int code, const CountRow&)> causes;
    // Of endpoints, since they were first seen. `latency_bounds` is BatchRecord's, of the batches its buckets were
    // counted from; buckets after the last one that counted anything are left out.
    std::function<void(const SeriesName&, const CumulativeCounts&, const std::string& latency_bounds)> cumulative;
  };

  // Opens or creates `path` for writing, and brings an older schema up to date.
  // Errors, each naming the file and the way out: DataLoss (damaged, no ledger at all, or without what must hold in it:
  // invariants.h), FailedPrecondition (made by
  // a newer version; read-only), ResourceExhausted (disk full), Unavailable (busy).
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(const std::string& path, const LedgerOptions& options);
  // For looking only: a live server may go on writing. Same errors, and NotFound.
  static absl::StatusOr<std::unique_ptr<Ledger>> OpenToRead(const std::string& path);
  ~Ledger();

  absl::StatusOr<LedgerState> LoadState() const;
  absl::Status VisitCounts(const Visitor& visitor) const;
  // The rows of tiers (never of endpoints) whose slots end in (from, to], all series merged in ascending time; narrower
  // than 30 s are added up to 30 s. For replay.
  absl::Status VisitTierHistory(absl::Time from, absl::Time to,
                                const std::function<void(const SeriesName&, const CountRow&)>& visit) const;
  // Oldest and newest slot end of any tier row.
  absl::StatusOr<std::optional<std::pair<absl::Time, absl::Time>>> HistorySpan() const;
  absl::StatusOr<std::vector<Document>> LoadDocuments(const std::string& kind) const;

  // --- writing, for the committer: one transaction at a time ---
  // kByMode: as Durability says. kNow: Commit returns when this transaction, and all before it, are on disk.
  enum class Sync { kByMode, kNow };
  absl::Status Begin(Sync sync = Sync::kByMode);
  struct BatchVerdict {
    enum class Kind { kAdded, kDuplicate, kKeyReused } kind = Kind::kAdded;
    BatchCounts original;
  };
  // Errors: InvalidArgument when the batch is not what BatchRecord says (a tier without a name, a negative count): then
  // nothing of it was added, and the transaction goes on.
  absl::StatusOr<BatchVerdict> Add(const BatchRecord& batch);
  absl::Status Add(const TickRecord& tick);
  absl::Status Add(const OutboxRecord& outbox);
  absl::Status Add(const DestinationsRecord& destinations);
  absl::Status Add(const DocumentRecord& documents);
  // FailedPrecondition when ledger.db or its WAL was moved, deleted, replaced or truncated since Open: what is written
  // goes where no start will look for it. Putting it back cures it. Microseconds.
  absl::Status CheckInPlace();
  // Writes something of no meaning, so that Commit has to reach the disk.
  absl::Status Touch();
  // Errors: ResourceExhausted when the disk is full, DataLoss when the file turns out to be damaged, Unavailable for
  // anything else the disk says. After an error, and after any other error above, Rollback leaves the ledger as it was
  // before Begin.
  absl::Status Commit();
  void Rollback();

  // Folds rows that every ladder level of their width has forgotten into the next wider ones, deletes what is older
  // than everything kept, forgets old keys and endpoints that counted nothing for as long as counts are kept. A piece
  // of work of some milliseconds in a transaction of its own, not synced; returns whether more is left. `now` is the
  // head of time. REQUIRES: no transaction is under way.
  absl::StatusOr<bool> Compact(absl::Time now);

  int64_t keys() const;                // batch keys held
  int64_t keys_evicted_early() const;  // since Open, younger than 24 h
  int64_t file_bytes() const;          // the file and its WAL
  const std::string& path() const;
  const LedgerOptions& options() const;

 private:
  struct Rep;
  explicit Ledger(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_LEDGER_H_
