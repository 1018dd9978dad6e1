#ifndef FIREBREAK_ENGINE_JOURNAL_H_
#define FIREBREAK_ENGINE_JOURNAL_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_record.h"
#include "engine/recent_keys.h"
#include "engine/transition.h"
#include "storage/ledger/committer.h"
#include "storage/ledger/records.h"

namespace firebreak {

// What one evaluation (or a reload) changed.
struct EvaluationRecord {
  absl::Time at;
  std::vector<AlertRecord> changed;     // alerts whose state or views changed
  std::vector<Labels> ended;            // identities of alerts that are not kept any more
  std::vector<Transition> transitions;  // in order
};

// Where the engine's decisions become durable before anybody hears of them. The engine thread calls; nothing here
// blocks it.
class Journal {
 public:
  virtual ~Journal() = default;

  // Makes a batch durable, then calls `done`, from any thread or at once; in the order of the calls. Returns false,
  // and keeps nothing, when too much waits.
  virtual bool CommitBatch(BatchRecord batch, std::function<void(Committer::Outcome)> done) = 0;

  // Makes the new states durable, then hands the transitions to the destinations, in order; after 2 s it hands them on
  // even so (a page does not wait for a disk). Called for every evaluation, with or without changes.
  virtual void CommitEvaluation(EvaluationRecord record) = 0;

  // Whether ingest is being refused because nothing can be written: what the windows do not show then is our own doing.
  virtual bool Refusing() const = 0;

  // Waits until what was given is committed, for `deadline` at most.
  virtual void Flush(absl::Duration deadline) = 0;
};

// Keeps nothing but the keys of recent batches: everything is done at once. For servers without a data directory, and
// the demo. Of the engine thread.
class MemoryJournal : public Journal {
 public:
  // `sink` must outlive the journal.
  explicit MemoryJournal(TransitionSink& sink) : sink_(sink) {}

  bool CommitBatch(BatchRecord batch, std::function<void(Committer::Outcome)> done) override;
  void CommitEvaluation(EvaluationRecord record) override;
  bool Refusing() const override { return false; }
  void Flush(absl::Duration deadline) override;

 private:
  TransitionSink& sink_;
  RecentKeys keys_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_JOURNAL_H_
