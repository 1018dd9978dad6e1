#ifndef FIREBREAK_API_SERVICE_PERSISTENCE_H_
#define FIREBREAK_API_SERVICE_PERSISTENCE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/notify/dispatcher.h"
#include "api/notify/outbox_store.h"
#include "api/service/durable_journal.h"
#include "engine/alert_record.h"
#include "engine/maintenance.h"
#include "engine/pipeline.h"
#include "rules/config.h"
#include "storage/ledger/committer.h"
#include "storage/ledger/data_directory.h"
#include "storage/ledger/ledger.h"
#include "storage/mutex.h"

namespace firebreak {

// What is wrong with the texts in the ledger `path` (alert states, news, maintenance, fingerprints): a sentence
// each. Errors: as Ledger::OpenToRead and its Load calls.
absl::StatusOr<std::vector<std::string>> FindingsInTexts(const std::string& path);

// What a server keeps on disk, and what it found there when it started: the data directory with its ledger, the
// committer that writes to it, and the journal in front of that. The order of a start is Open, Begin, RestoreInto (by
// the engine, before it does anything else), SetConfig. Thread-safe from Begin on.
class Persistence : public OutboxStore {
 public:
  struct Options {
    std::string directory;
    Durability durability;
  };

  // Takes the directory and reads everything but the counts. The configuration shapes the ledger.
  // A WAL of which something is left out is a warning in the log. Errors: as DataDirectory::Open and Ledger::Open;
  // DataLoss for a text that cannot be read.
  static absl::StatusOr<std::unique_ptr<Persistence>> Open(const Options& options, const Config& config);
  ~Persistence() override;

  // A fault of what was read, with the file's name and the way out.
  absl::Status InLedger(const absl::Status& fault) const;

  // Where the dispatcher goes on.
  const DispatcherState& deliveries() const { return deliveries_; }
  // The last evaluation; absent in a new ledger.
  std::optional<absl::Time> head() const { return head_; }
  // How many batches the ledger had counted.
  int64_t batches() const { return batches_; }

  // Begins to write. The journal hands transitions to `receiver`.
  void Begin(DurableJournal::Receiver receiver);

  // Puts counts and alert states back. Errors: DataLoss that names the file; the pipeline is good for nothing then.
  absl::Status RestoreInto(Pipeline& pipeline) const;

  // The configuration in force from `since` on: who is told, and how events are classified.
  void SetConfig(const Config& config, std::vector<std::string> destinations, absl::Time since);

  Journal& journal() { return *journal_; }
  LedgerHealth health() const { return committer_->health(); }
  void Save(OutboxRecord record) override { committer_->Commit(std::move(record)); }
  void Save(DocumentRecord record, std::function<void(absl::Status)> done) {
    committer_->Commit(std::move(record), std::move(done));
  }

  // Hands on what the journal holds. Nothing may be decided any more.
  void StopJournal() { journal_->Stop(); }
  // Writes what is left, for `deadline` at most.
  void Stop(absl::Duration deadline) { committer_->Stop(deadline); }

 private:
  Persistence() = default;
  absl::Status ReadTexts();
  // Takes over what was read. Errors: DataLoss for a text that cannot be read.
  absl::Status Decode(LedgerState state, const std::vector<Document>& windows, std::vector<Document> fingerprints);

  void SaveFingerprints(DocumentRecord changes) FIREBREAK_REQUIRES(mutex_);

  std::shared_ptr<DataDirectory> directory_;
  std::unique_ptr<Ledger> ledger_;  // until Begin
  std::optional<absl::Time> head_;
  int64_t batches_ = 0;
  std::vector<AlertRecord> alerts_;
  MaintenanceListPtr maintenance_;
  DispatcherState deliveries_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<DurableJournal> journal_;
  Mutex mutex_;
  std::vector<Document> fingerprints_ FIREBREAK_GUARDED_BY(mutex_);
};

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_PERSISTENCE_H_
