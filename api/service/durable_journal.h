#ifndef FIREBREAK_API_SERVICE_DURABLE_JOURNAL_H_
#define FIREBREAK_API_SERVICE_DURABLE_JOURNAL_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "engine/journal.h"
#include "engine/transition.h"
#include "storage/ledger/committer.h"
#include "storage/mutex.h"

namespace firebreak {

// The journal on a ledger: batches and evaluations go to the committer, and the transitions of an evaluation to the
// destinations once they are on disk, or after `patience` even so, since a page does not wait for a disk.
//   (1) Transitions are handed on one at a time, in order, from one thread of the journal's own.
//   (2) Each is numbered news, counting up from the ledger's last. The committer keeps what it could not write and
//       writes it in order later; `written` tells of those that were handed on before.
//   (3) The log says when events begin to be refused, why, and when they are stored again, as of an evaluation.
// Thread-safe.
class DurableJournal : public Journal {
 public:
  enum class Written { kYes, kNotYet };
  struct Receiver {
    std::function<void(const Transition&, int64_t news, Written)> deliver;
    std::function<void(int64_t news)> written;  // all news up to this number are on disk by now
  };
  static constexpr absl::Duration kPatience = absl::Seconds(2);

  // `committer` must outlive the journal, and have stopped before it is destroyed, since it calls back. `last_news` is
  // LedgerState's.
  DurableJournal(Committer& committer, int64_t last_news, Receiver receiver, absl::Duration patience = kPatience);
  // Stops.
  ~DurableJournal() override;

  bool CommitBatch(BatchRecord batch, std::function<void(Committer::Outcome)> done) override;
  void CommitEvaluation(EvaluationRecord record) override;
  bool Refusing() const override { return committer_.health().refusing; }
  void Flush(absl::Duration deadline) override;

  // Hands on what is held, written or not, and ends the thread. Idempotent.
  void Stop();

 private:
  // The transitions of one evaluation whose commit is under way.
  struct Held {
    std::vector<Transition> transitions;
    int64_t last_news = 0;  // of the last one
    absl::Time give_up;     // monotonic
    bool failed = false;
  };
  // What the thread does next.
  struct Work {
    std::vector<Transition> transitions;
    int64_t first_news = 0;
    Written written = Written::kYes;
    std::optional<int64_t> now_written;
  };

  void LogChange(const LedgerHealth& health) FIREBREAK_REQUIRES(mutex_);
  void Settle(int64_t last_news, const absl::Status& status);
  void FinishOne();
  Work TakeFront() FIREBREAK_REQUIRES(mutex_);
  bool FrontIsReady() const FIREBREAK_REQUIRES(mutex_);
  bool OwesReport() const FIREBREAK_REQUIRES(mutex_) { return unwritten_ != 0 && written_ >= unwritten_; }
  std::optional<Work> Next();
  void Run();

  Committer& committer_;
  const Receiver receiver_;
  const absl::Duration patience_;
  Mutex mutex_;
  CondVar changed_;
  int64_t last_news_ FIREBREAK_GUARDED_BY(mutex_);
  int64_t written_ FIREBREAK_GUARDED_BY(mutex_);        // all news up to here are on disk
  int64_t unwritten_ FIREBREAK_GUARDED_BY(mutex_) = 0;  // the last that was handed on unwritten and not reported since
  int64_t committing_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  bool refusing_ FIREBREAK_GUARDED_BY(mutex_) = false;  // as the log says
  bool stopping_ FIREBREAK_GUARDED_BY(mutex_) = false;
  std::deque<Held> held_ FIREBREAK_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_DURABLE_JOURNAL_H_
