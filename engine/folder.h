#ifndef FIREBREAK_ENGINE_FOLDER_H_
#define FIREBREAK_ENGINE_FOLDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "engine/engine_observer.h"
#include "rules/event.h"
#include "rules/rule_set.h"
#include "rules/string_map.h"
#include "storage/delta.h"

namespace firebreak {

// Events of one batch, classified and added up for each series and finest slot.
struct FoldedBatch {
  std::shared_ptr<const RuleSet> rules;  // what they were classified by
  std::vector<Delta> deltas;             // in order of first appearance
  int64_t events = 0;
  BatchTag tag = nullptr;  // goes to the EngineObserver with the batch
};

// A Folder classifies events and adds them up, so that the engine thread applies a few deltas where a client sent
// thousands of events. It runs on the thread that decoded them. Thread-compatible; reusable after Take().
class Folder {
 public:
  explicit Folder(std::shared_ptr<const RuleSet> rules);

  const std::shared_ptr<const RuleSet>& rules() const { return rules_; }

  // Folds one event in. REQUIRES: as Classifier::Judge.
  void Add(const Event& event);

  // Returns what was added since the last Take.
  FoldedBatch Take();

 private:
  // What the events of one endpoint have been folded into.
  struct EndpointEntry {
    int number = 0;       // stands for the endpoint in delta_of_
    int last_delta = -1;  // most events come in order: the next one usually belongs there too
  };

  EndpointEntry& EntryOf(std::string_view endpoint);
  Delta& DeltaFor(const EndpointPlace& place, int source, int64_t slot);

  std::shared_ptr<const RuleSet> rules_;
  const std::vector<absl::Duration> latency_bounds_;
  std::vector<Delta> deltas_;
  StringMap<EndpointEntry> endpoints_;
  absl::flat_hash_map<std::tuple<int, int, int64_t>, int> delta_of_;  // endpoint number, source, slot -> deltas_ index
  int64_t events_ = 0;
  std::string scratch_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_FOLDER_H_
