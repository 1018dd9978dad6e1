#ifndef FIREBREAK_ENGINE_ENGINE_OBSERVER_H_
#define FIREBREAK_ENGINE_ENGINE_OBSERVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "engine/maintenance.h"
#include "rules/event.h"
#include "rules/rule_set.h"

namespace firebreak {

// What whoever folded a batch sent along with it for the observer; the engine never looks into it.
using BatchTag = std::shared_ptr<const std::string>;

// Sees everything that decides what the engine's alerts do, in the order in which the engine thread does it: equal
// calls in equal order give equal transitions. A recorder, for one. Called on the engine thread (OnStart by the thread
// that makes it, before anything else); must not block.
class EngineObserver {
 public:
  virtual ~EngineObserver() = default;

  // The engine begins at `at` (Pipeline's start). `resumed` is the last evaluation of the state it took over from a
  // ledger; absent when it began with nothing.
  virtual void OnStart(absl::Time at, std::shared_ptr<const RuleSet> rules, std::optional<absl::Time> resumed) = 0;

  // A batch of `events` was counted, some of them late perhaps. Batches that were refused, failed or sent before are
  // not told. `tag` is FoldedBatch::tag, nullptr when there was none.
  virtual void OnApplied(const BatchTag& tag, int64_t events) = 0;

  // Every rule is evaluated at `at`; `ingest` is what Journal::Refusing() said.
  enum class Ingest { kOpen, kRefusing };
  virtual void OnTick(absl::Time at, Ingest ingest) = 0;

  // The feed of `source` was alive at `at`, other than by a batch.
  virtual void OnSignOfLife(Source source, absl::Time at) = 0;

  // A configuration was taken over.
  virtual void OnReload(absl::Time at, std::shared_ptr<const RuleSet> rules) = 0;

  // A list of maintenance windows was taken over: all there are from now on.
  virtual void OnMaintenance(absl::Time /*at*/, MaintenanceListPtr /*windows*/) {}
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_ENGINE_OBSERVER_H_
