#ifndef FIREBREAK_ENGINE_BACKFILL_H_
#define FIREBREAK_ENGINE_BACKFILL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/folder.h"
#include "engine/pipeline.h"
#include "engine/transition.h"
#include "rules/event.h"
#include "rules/rule_set.h"
#include "storage/ledger/data_directory.h"
#include "storage/ledger/ledger.h"

namespace firebreak {

// Makes a new ledger out of events of the past: the counts that a server would have, had it run since then. Events are
// folded and admitted as a server does; no rule is evaluated.
//   (1) The ledger grows under another name and gets its own when it is complete and on disk. What an interrupted
//       backfill leaves behind is never taken for a ledger, and the next one deletes it.
// Thread-compatible.
class Backfill {
 public:
  struct Totals {
    int64_t accepted = 0;
    int64_t late = 0;                       // older than everything that is kept
    int64_t ahead = 0;                      // more than kMaxAhead after now: not counted
    int64_t overflow = 0;                   // refused by a full counter
    std::optional<absl::Time> first_event;  // of those accepted, by their slots
    std::optional<absl::Time> last_event;
  };

  // `directory` must outlive it. Errors: FailedPrecondition when there is a ledger already; as Ledger::Open.
  static absl::StatusOr<std::unique_ptr<Backfill>> Begin(const DataDirectory& directory, LedgerOptions options,
                                                         std::shared_ptr<const RuleSet> rules, absl::Time now);
  // Deletes what is not finished.
  ~Backfill();

  // Takes the next event, in any order. Errors: as Ledger::Commit.
  absl::Status Add(const Event& event);

  // Writes the rest and names the ledger. Errors: as Ledger::Commit; InvalidArgument when no event was accepted: then
  // there is no ledger.
  absl::StatusOr<Totals> Finish();

 private:
  // Hears nothing: nothing is evaluated.
  class NoSink : public TransitionSink {
   public:
    void OnTransition(const Transition&) override {}
  };

  Backfill(const DataDirectory& directory, std::string path, std::unique_ptr<Ledger> ledger,
           std::shared_ptr<const RuleSet> rules, absl::Time now);

  absl::Status Write();
  absl::Status Compact();
  absl::Status WriteHead();
  absl::Status Name();
  void NoteSpan(const BatchRecord& record);

  const DataDirectory& directory_;
  const std::string path_;  // while it grows
  std::unique_ptr<Ledger> ledger_;
  const std::shared_ptr<const RuleSet> rules_;
  const absl::Time now_;
  NoSink sink_;
  Pipeline pipeline_;
  Folder folder_;
  int64_t folded_ = 0;
  Totals totals_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_BACKFILL_H_
