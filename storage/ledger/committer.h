#ifndef FIREBREAK_STORAGE_LEDGER_COMMITTER_H_
#define FIREBREAK_STORAGE_LEDGER_COMMITTER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/ledger/data_directory.h"
#include "storage/ledger/ledger.h"
#include "storage/ledger/records.h"

namespace firebreak {

// How the ledger does, for /metrics and for whoever decides whether ingest is refused.
struct LedgerHealth {
  bool refusing = false;  // the last commit failed, or the present one has taken longer than 2 s
  std::string error;      // why the last commit failed; "" after a success
  int64_t commits = 0;    // transactions
  int64_t failed_commits = 0;
  int64_t batches = 0;             // committed
  int64_t waiting = 0;             // records not yet committed
  int64_t file_bytes = 0;          // ledger.db and its WAL
  int64_t keys = 0;                // batch keys held
  int64_t keys_evicted_early = 0;  // younger than 24 h, since start
  absl::Duration last_commit_took;
  bool reserve_held = true;      // false while its space is lent to a full disk
  std::string compaction_error;  // why the last compaction failed; "" after a success. It is tried again.
};

// The one writer of a ledger: a thread that commits whatever waits, together, as soon as the commit before is done
// (group commit, no timer). Records are written in the order they came. Thread-safe.
//   (1) `done` is called from the committer's thread, in the order of the records, never before the commit it tells of.
//       It must not block.
//   (2) A batch whose transaction fails is dropped and answered kFailed: the ledger does not have it. (After a failed
//       fsync its bytes may lie in the WAL until the next commit overwrites them, which is tried once a second: a crash
//       before that may bring it back, whole and with its key.)
//   (3) Tick, outbox, destinations and document records are never dropped: they are tried again with every commit and
//       once a second; their done is called once, with the first result. When the disk is full they live on the
//       reserve, and batches are refused until there is room to take it back.
//   (4) ledger.db is looked for before and after each commit, and once a second: while it, or its WAL, is not where it
//       was opened, commits fail. (What was being committed when it was taken away is answered kFailed as well, and is
//       there if it is put back.)
//   (5) Compaction runs between commits, in pieces of some milliseconds.
class Committer {
 public:
  enum class Verdict {
    kCommitted,
    kDuplicate,  // the key is known, with this body: nothing was counted again; `original` is what was answered then
    kKeyReused,  // the key is known, with another body
    kFailed,     // nothing was written
  };
  struct Outcome {
    Verdict verdict = Verdict::kCommitted;
    BatchCounts original;
  };

  // Takes the ledger over and starts the thread. `directory` lends its reserve and may be nullptr; it is kept, locked,
  // as long as something may still be written, which is beyond Stop when the disk hangs. `max_waiting_deltas` bounds
  // what batches may wait; one alone is always taken.
  Committer(std::unique_ptr<Ledger> ledger, std::shared_ptr<DataDirectory> directory,
            size_t max_waiting_deltas = 1'000'000);
  // Stops, abandoning what the disk does not take within a second.
  ~Committer();

  // Returns false, and keeps nothing, when too much waits, when the disk has not answered for 2 s (what came before
  // that waits on), or when the committer was stopped.
  bool Commit(BatchRecord batch, std::function<void(Outcome)> done);
  // `done` may be empty. After Stop they are ignored.
  void Commit(TickRecord tick, std::function<void(absl::Status)> done);
  void Commit(OutboxRecord outbox);
  void Commit(DestinationsRecord destinations);
  void Commit(DocumentRecord documents, std::function<void(absl::Status)> done);

  LedgerHealth health() const;

  // Commits what waits, closes the ledger, then ends the thread. Gives up after `deadline`, when the disk hangs: the
  // thread is left behind with all that it needs, and what was not answered by then is never answered. Idempotent.
  void Stop(absl::Duration deadline);

 private:
  class Writer;
  const std::shared_ptr<Writer> writer_;  // shared with the thread, which may have to be left behind
  std::thread thread_;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_COMMITTER_H_
