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

// When a commit counts as done. docs/operations.md, "Durability".
struct Durability {
  enum class Mode {
    kAlways,    // on disk (fsync) before it is answered
    kInterval,  // handed to the system before it is answered, on disk `interval` later at most
    kNone,      // handed to the system; on disk when the system likes
  };
  Mode mode = Mode::kAlways;
  absl::Duration interval = absl::Seconds(1);
};

struct LedgerOptions {
  LadderShape shape;                                 // how long which width of slots is kept
  absl::Duration keep_tiers = absl::Hours(24 * 44);  // tier rows stay at 30 s this long: the period and a review cycle
  Durability durability;
  std::string vfs;  // SQLite VFS by name; "" = the system's. For tests that let it fail.
};

// Everything that start reads back.
struct LedgerState {
  std::optional<absl::Time> head;  // the last evaluation that was written
  std::vector<Document> states;
  std::vector<News> news;  // not yet read by every destination, ascending
  int64_t last_news = 0;   // the highest number ever given
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
    // Since the ledger began. `latency_bounds` is BatchRecord's, of the batches its buckets were counted from.
    std::function<void(const SeriesName&, const CumulativeCounts&, const std::string& latency_bounds)> cumulative;
  };

  // Opens or creates `path` for writing, and brings an older schema up to date.
  // Errors, each naming the file and the way out: DataLoss (damaged, or no ledger at all), FailedPrecondition (made by
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
  absl::Status Begin();
  struct BatchVerdict {
    enum class Kind { kAdded, kDuplicate, kKeyReused } kind = Kind::kAdded;
    BatchCounts original;
  };
  absl::StatusOr<BatchVerdict> Add(const BatchRecord& batch);
  absl::Status Add(const TickRecord& tick);
  absl::Status Add(const OutboxRecord& outbox);
  absl::Status Add(const DocumentRecord& documents);
  // Errors: ResourceExhausted when the disk is full, Unavailable for anything else the disk says. After an error, and
  // after any error above, Rollback leaves the ledger as it was before Begin.
  absl::Status Commit();
  void Rollback();

  // Folds rows that every ladder level of their width has forgotten into the next wider ones, deletes what is older
  // than everything kept, forgets old keys. A bounded piece of work in a transaction of its own; returns whether more
  // is left. `now` is the head of time.
  absl::StatusOr<bool> Compact(absl::Time now);

 private:
  struct Rep;
  explicit Ledger(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_LEDGER_H_
