#include "engine/journal.h"

namespace firebreak {

bool MemoryJournal::CommitBatch(BatchRecord batch, std::function<void(Committer::Outcome)> done) {
  done(batch.key ? keys_.Admit(*batch.key, batch.counts, batch.at) : Committer::Outcome());
  return true;
}

void MemoryJournal::CommitEvaluation(EvaluationRecord record) {
  for (const Transition& transition : record.transitions) sink_.OnTransition(transition);
}

void MemoryJournal::Flush(absl::Duration) {}

}  // namespace firebreak
