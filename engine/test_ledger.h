#ifndef FIREBREAK_ENGINE_TEST_LEDGER_H_
#define FIREBREAK_ENGINE_TEST_LEDGER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_record.h"
#include "engine/pipeline.h"
#include "storage/ledger/records.h"
#include "storage/traffic_store.h"

namespace firebreak {

// A ledger in memory, with rows of the finest width only: what a journal makes durable of a pipeline, to make another
// one from. Tests only.
class TestLedger {
 public:
  explicit TestLedger(absl::Duration finest_slot) : finest_slot_(finest_slot) {}

  void Add(const BatchRecord& batch);
  void Save(absl::Time at, const AlertChanges& changes);

  // Counts and alerts.
  void RestoreInto(Pipeline& pipeline) const;
  // The same into visitors that expect it.
  void Visit(const Ledger::Visitor& visitor) const;

  const AlertRecords& alerts() const { return alerts_; }
  void ForgetCounts() { rows_.clear(), cumulative_.clear(); }

 private:
  // Tier, endpoint, source, cause code (0: the row is no cause), slot.
  using RowKey = std::tuple<std::string, std::string, int, int, int64_t>;
  using SeriesKey = std::tuple<std::string, std::string, int>;

  const absl::Duration finest_slot_;
  std::map<RowKey, Counts> rows_;
  std::map<SeriesKey, CumulativeCounts> cumulative_;
  std::string latency_bounds_;
  AlertRecords alerts_;
  std::optional<absl::Time> head_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_TEST_LEDGER_H_
