#ifndef FIREBREAK_ENGINE_RULETEST_JUDGE_H_
#define FIREBREAK_ENGINE_RULETEST_JUDGE_H_

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/pipeline.h"
#include "engine/ruletest/happened.h"
#include "engine/ruletest/outcome.h"
#include "engine/ruletest/test_delivery.h"
#include "engine/tick_observer.h"
#include "engine/transition.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// Watches a replay and says which expectations of a test did not hold. Give it to what drives the pipeline, as its
// sink and its observer; what it hears it passes on to the delivery. Thread-compatible.
class Judge : public TransitionSink, public TickObserver {
 public:
  // Both must outlive the judge.
  Judge(const RuleTest& test, TestDelivery& delivery);

  void OnTransition(const Transition& transition) override;
  void OnStart(absl::Time at, Memory memory) override;
  void AfterTick(Pipeline& pipeline) override;
  absl::Time NextWanted(absl::Time from) const override;

  // The run is over.
  TestOutcome Finish();

 private:
  // An expectation about one instant.
  struct Pending {
    absl::Time at;
    const Expectation* expectation = nullptr;
  };

  std::string Show(absl::Time time) const;
  void Fail(Place place, std::string what, std::vector<TestFailure::Line> difference);
  void FailAt(Place place, std::string what, std::string expected, std::string actual);
  void NotEvaluated(const Pending& pending);
  void LookForEndpoints(const Pipeline& pipeline);
  void CheckEndpoint(Place place, const AlertPath& alert);

  void Check(const AlertExpectation& expected, const Snapshot& snapshot);
  void Check(const WindowExpectation& expected, const Snapshot& snapshot);
  void Check(const BudgetExpectation& expected, const Snapshot& snapshot);
  void Check(const PromtoolExpectation& expected, const std::vector<AlertViewPtr>& alerts);
  void Check(const TimelineExpectation& expected);
  void Check(const NotificationsExpectation& expected);
  bool Holds(const AlertExpectation& expected, const AlertView& view) const;
  PromtoolAlert AsExported(const Labels& labels) const;
  std::string ExpectedText(const AlertExpectation& expected) const;
  std::string ShownText(const AlertView& view) const;

  void Compare(Place place, std::string what, const std::vector<ListedEvent>& expected, const AlertPath& among,
               std::vector<Happened> actual);

  const RuleTest& test_;
  TestDelivery& delivery_;
  bool has_dates_ = false;  // times are shown as such
  std::optional<absl::Time> start_;
  absl::Time last_tick_;
  std::vector<Pending> pending_;  // by time
  size_t next_ = 0;
  std::vector<Happened> steps_;
  std::set<std::pair<std::string, std::string>> unseen_;  // tiers and endpoints of expectations, until one is counted
  TestOutcome outcome_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_JUDGE_H_
