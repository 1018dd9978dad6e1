#ifndef FIREBREAK_API_LAB_SIMULATED_DELIVERY_H_
#define FIREBREAK_API_LAB_SIMULATED_DELIVERY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/ruletest/test_delivery.h"
#include "rules/config.h"

namespace firebreak {

// What the destinations of a configuration would be told, and when: the routing and the queues of the dispatcher
// (api/notify/schedule.h) on the clock of a test. Every destination takes at once what it is told. The Watchdog, which
// every destination hears all the time, is left out. Thread-compatible.
class SimulatedDelivery : public TestDelivery {
 public:
  SimulatedDelivery(const NotifyConfig& notify, absl::Time start);
  ~SimulatedDelivery() override;

  void OnTransition(const Transition& transition) override;
  void AdvanceTo(absl::Time now) override;
  void Restart(absl::Time at, TickObserver::Memory memory) override;
  const std::vector<ToldAlert>& told() const override { return told_; }

 private:
  struct Receiver;

  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::map<Labels, AlertViewPtr> firing_;  // for queues that begin anew
  std::vector<ToldAlert> told_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_SIMULATED_DELIVERY_H_
