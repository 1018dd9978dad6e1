#ifndef FIREBREAK_ENGINE_LAB_BURN_RECORDER_H_
#define FIREBREAK_ENGINE_LAB_BURN_RECORDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "engine/burn_rule.h"
#include "engine/evaluation.h"
#include "engine/lab/alert_name.h"
#include "engine/lab/thinned_series.h"
#include "engine/maintenance.h"
#include "engine/tick_observer.h"
#include "engine/transition.h"
#include "rules/rule_set.h"

namespace firebreak {

// Keeps how a replay went, for charts: the burn of every alert's windows, the budgets, and when alerts were pending and
// firing. Memory does not grow with the replay's length, but for alerts. It must see both the ticks and the
// transitions.
//   (1) Peaks are kept exactly (thinned_series.h).
//   (2) An endpoint's alert is followed from its first bad request on; kMaxEndpointTraces of them, first come first
//       served.
// Thread-compatible.
class BurnRecorder : public TickObserver, public TransitionSink {
 public:
  static constexpr size_t kBuckets = 1500;
  static constexpr size_t kMaxEndpointTraces = 60;
  static constexpr size_t kMaxBars = 20'000;

  // The burn of one alert.
  struct BurnTrace {
    BurnTrace(const Config& config, const BurnSubject& subject, AlertName name)
        : rule(config, subject), alert(std::move(name)) {}

    BurnRule rule;
    AlertName alert;
    ThinnedSeries short_window{kBuckets};
    ThinnedSeries long_window{kBuckets};
  };
  // The error budget of an SLO of a tier: what is left of it, as a share.
  struct BudgetTrace {
    BudgetTrace(const Config& config, const BurnSubject& subject) : rule(config, subject) {}

    BurnRule rule;
    ThinnedSeries left{kBuckets};
  };
  // A stretch in which one alert was pending or firing.
  struct Bar {
    Transition begun;
    std::optional<absl::Time> end;  // absent: it went on to the end of the replay
    std::string end_reason;
  };

  explicit BurnRecorder(std::shared_ptr<const RuleSet> rules);

  void OnStart(absl::Time at, Memory memory) override;
  void AfterTick(Pipeline& pipeline) override;
  absl::Time NextWanted(absl::Time) const override { return absl::InfiniteFuture(); }
  void OnTransition(const Transition& transition) override;

  const Config& config() const { return rules_->config; }
  // The first and the last evaluation.
  std::optional<absl::Time> first() const { return first_; }
  std::optional<absl::Time> last() const { return last_; }
  // By tier, SLO and pair; then those of endpoints as they came.
  const std::vector<std::unique_ptr<BurnTrace>>& burns() const { return burns_; }
  const std::vector<std::unique_ptr<BudgetTrace>>& budgets() const { return budgets_; }
  // By beginning.
  const std::vector<Bar>& bars() const { return bars_; }
  // The windows that were in force at the end; may be nullptr.
  const MaintenanceListPtr& maintenance() const { return maintenance_; }
  // Alerts and bars for which there was no room.
  int64_t left_out() const { return left_out_; }

 private:
  using EndpointKey = std::tuple<int, Slo, int, std::string>;  // tier, SLO, pair, name

  void AddTier(int tier);
  void FollowEndpoints(const Pipeline& pipeline, int tier);
  void FollowEndpoint(const Evaluation& evaluation, const BurnRule& rule);

  const std::shared_ptr<const RuleSet> rules_;
  std::vector<std::unique_ptr<BurnTrace>> burns_;
  std::vector<std::unique_ptr<BudgetTrace>> budgets_;
  std::map<EndpointKey, BurnTrace*> endpoints_;  // nullptr: left out
  std::vector<Bar> bars_;
  std::vector<size_t> open_bars_;  // indexes of those not ended
  std::optional<absl::Time> first_;
  std::optional<absl::Time> last_;
  MaintenanceListPtr maintenance_;
  int64_t left_out_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_BURN_RECORDER_H_
