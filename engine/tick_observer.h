#ifndef FIREBREAK_ENGINE_TICK_OBSERVER_H_
#define FIREBREAK_ENGINE_TICK_OBSERVER_H_

#include "absl/time/time.h"

namespace firebreak {

class Pipeline;

// Looks at the pipeline of a replay after each of its ticks. Called by whoever drives it, in order.
class TickObserver {
 public:
  // What a process that begins knows of the one before: nothing (the first one, too), or what a ledger kept.
  enum class Memory { kNone, kKept };

  virtual ~TickObserver() = default;

  // A process begins at `at`: of a recording without processes, its first event.
  virtual void OnStart(absl::Time at, Memory memory) = 0;
  // Every rule was evaluated, at pipeline.last_tick().
  virtual void AfterTick(Pipeline& pipeline) = 0;
  // The first instant from `from` on at which a tick must not be skipped though it would change nothing;
  // InfiniteFuture if there is none.
  virtual absl::Time NextWanted(absl::Time from) const = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_TICK_OBSERVER_H_
