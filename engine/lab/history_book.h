#ifndef FIREBREAK_ENGINE_LAB_HISTORY_BOOK_H_
#define FIREBREAK_ENGINE_LAB_HISTORY_BOOK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "engine/folder.h"
#include "engine/lab/slo_history.h"
#include "engine/slo.h"
#include "rules/rule_set.h"
#include "storage/counts.h"
#include "storage/ladder_shape.h"
#include "storage/ledger/records.h"
#include "storage/time_ranges.h"

namespace firebreak {

// Gathers what the tiers' SLO sources counted, out of folded events of a recording or rows of a ledger, in any order,
// and gives it out as histories. Everything is dated by its own time: an event counts however late it came.
// Thread-compatible.
class HistoryBook {
 public:
  explicit HistoryBook(std::shared_ptr<const RuleSet> rules);

  // What lies inside of these ranges of a tier is gathered apart: counts under maintenance burn no budget. Ranges are
  // taken outward to the finest grid. REQUIRES: nothing of the tier was gathered yet.
  void SetMaintenance(int tier, TimeRanges ranges);

  // REQUIRES: folded under the same rules.
  void Add(const FoldedBatch& batch);
  // Rows of tiers that the rules do not have are left out; one wider than the finest slot counts at its end.
  // REQUIRES: the row is narrower than the finest slot, or a multiple of it.
  void Add(const SeriesName& series, const CountRow& row);

  const RuleSet& rules() const { return *rules_; }
  const TimeRanges& maintenance(int tier) const { return tiers_[static_cast<size_t>(tier)].maintenance; }

  // The history of one SLO, without what is under maintenance; and that.
  SloHistory Counted(int tier, Slo slo);
  SloHistory Excluded(int tier, Slo slo);

  // Ends of the first and last slots that hold a request of any tier and source.
  std::optional<absl::Time> first() const;
  std::optional<absl::Time> last() const;
  // Rows that were wider than the finest slot: windows that cut them are not exact.
  int64_t wide_rows() const { return wide_rows_; }

 private:
  // Counts by slot. What comes is appended, and put in order when that has doubled it.
  class Slots {
   public:
    void Add(int64_t slot, const Counts& counts);
    SloHistory For(Slo slo, const LadderShape& shape);

   private:
    struct Entry {
      int64_t slot;
      SloCounts availability;
      SloCounts latency;
    };
    void Sort();

    std::vector<Entry> entries_;
    size_t sorted_ = 0;
  };
  struct TierSlots {
    TimeRanges maintenance;
    Slots counted;
    Slots excluded;
  };

  void Count(int tier, int source, int64_t slot, const Counts& counts);

  const std::shared_ptr<const RuleSet> rules_;
  const LadderShape shape_;
  std::vector<TierSlots> tiers_;
  std::optional<int64_t> first_slot_;
  std::optional<int64_t> last_slot_;
  int64_t wide_rows_ = 0;
};

// The instants at which a ReplayDriver evaluates a recording: from the first multiple of `step` at or after its first
// request to the last one's end plus the longest window and evaluation_delay. REQUIRES: the book holds a request;
// ReplayDriver::Validate accepts the step.
TickRange TicksOfRecording(const HistoryBook& book, absl::Duration step);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_HISTORY_BOOK_H_
