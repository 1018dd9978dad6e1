#ifndef FIREBREAK_STORAGE_LEDGER_TEXT_TABLES_H_
#define FIREBREAK_STORAGE_LEDGER_TEXT_TABLES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/ledger/database.h"
#include "storage/ledger/records.h"
#include "storage/ledger/statement.h"

namespace firebreak {

// What the ledger keeps as texts: alert states, news, outboxes, documents; and its single numbers. All calls REQUIRE a
// transaction. Thread-compatible.
class TextTables {
 public:
  explicit TextTables(Database& database);

  absl::Status Add(const TickRecord& tick);
  absl::Status Add(const OutboxRecord& outbox);
  absl::Status Add(const DestinationsRecord& destinations);
  absl::Status Add(const DocumentRecord& documents);

  // So many batches more were counted.
  absl::Status CountBatches(int64_t batches);
  // Forgets the news that every destination has read.
  absl::Status ForgetReadNews();
  // Writes something, though nothing of meaning.
  absl::Status Touch() { return touch_.Run(); }

  // How the transaction ended.
  void Committed() { committed_destinations_known_ = destinations_known_; }
  void RolledBack() { destinations_known_ = committed_destinations_known_; }

 private:
  Statement meta_;
  Statement batches_;
  Statement touch_;
  Statement state_;
  Statement state_gone_;
  Statement news_;
  Statement destination_;
  Statement destination_new_;
  Statement destination_gone_;
  Statement outbox_gone_;
  Statement entry_;
  Statement entry_gone_;
  Statement document_;
  Statement document_gone_;
  Statement read_news_;
  Statement all_destinations_;
  // Whether there was a DestinationsRecord since the ledger was opened.
  bool destinations_known_ = false;
  bool committed_destinations_known_ = false;
};

// What Ledger::LoadState returns, and documents of a kind. The database should be in a ReadTransaction.
struct LedgerState;
absl::StatusOr<LedgerState> ReadLedgerState(Database& database);
absl::StatusOr<std::vector<Document>> ReadDocuments(Database& database, const std::string& kind);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_TEXT_TABLES_H_
