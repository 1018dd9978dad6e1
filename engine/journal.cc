#include "engine/journal.h"

namespace firebreak {

bool MemoryJournal::CommitBatch(BatchRecord, std::function<void(Committer::Outcome)> done) {
  done({});
  return true;
}

void MemoryJournal::CommitEvaluation(EvaluationRecord record) {
  for (const Transition& transition : record.transitions) sink_.OnTransition(transition);
}

void MemoryJournal::Flush(absl::Duration) {}

}  // namespace firebreak
