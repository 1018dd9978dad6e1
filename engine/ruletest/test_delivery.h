#ifndef FIREBREAK_ENGINE_RULETEST_TEST_DELIVERY_H_
#define FIREBREAK_ENGINE_RULETEST_TEST_DELIVERY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_view.h"
#include "engine/tick_observer.h"
#include "engine/transition.h"

namespace firebreak {

// One alert that one destination was told of.
struct ToldAlert {
  enum class Kind { kNews, kRepeat };
  absl::Time at;
  std::string destination;
  AlertViewPtr alert;       // in the state that was told
  Kind kind = Kind::kNews;  // kRepeat: the destination was told this state before
};

// What destinations are told, on the clock of a test. Thread-compatible.
class TestDelivery : public TransitionSink {
 public:
  // Sends everything that is due up to `now`. Must not go back.
  virtual void AdvanceTo(absl::Time now) = 0;
  // The process that delivers begins anew.
  virtual void Restart(absl::Time at, TickObserver::Memory memory) = 0;
  // In the order it was told.
  virtual const std::vector<ToldAlert>& told() const = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_TEST_DELIVERY_H_
