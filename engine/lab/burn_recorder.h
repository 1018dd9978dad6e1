#ifndef FIREBREAK_ENGINE_LAB_BURN_RECORDER_H_
#define FIREBREAK_ENGINE_LAB_BURN_RECORDER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
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
//   (3) Bars of firing alerts come first: those that are only pending make room for them, the latest first.
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
  // Bars for which there was no room: all of their kind that begin at `from` or later.
  struct MissingBars {
    int64_t count = 0;
    std::optional<absl::Time> from;
  };

  // REQUIRES: max_bars > 0.
  explicit BurnRecorder(std::shared_ptr<const RuleSet> rules, size_t max_bars = kMaxBars);

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
  std::vector<const Bar*> bars() const;
  size_t max_bars() const { return max_bars_; }
  const MissingBars& missing_firing() const { return missing_firing_; }
  const MissingBars& missing_pending() const { return missing_pending_; }
  // The windows that were in force at the end; may be nullptr.
  const MaintenanceListPtr& maintenance() const { return maintenance_; }
  // Alerts of endpoints that are not among burns(), as there was no room.
  int64_t burns_left_out() const { return burns_left_out_; }

 private:
  using EndpointKey = std::tuple<int, Slo, int, std::string>;  // tier, SLO, pair, name

  void AddTier(int tier);
  void FollowEndpoints(const Pipeline& pipeline, int tier);
  void FollowEndpoint(const Evaluation& evaluation, const BurnRule& rule);
  void EndBar(const Transition& transition);
  bool MakeRoomFor(const Transition& transition);

  const std::shared_ptr<const RuleSet> rules_;
  std::vector<std::unique_ptr<BurnTrace>> burns_;
  std::vector<std::unique_ptr<BudgetTrace>> budgets_;
  std::map<EndpointKey, BurnTrace*> endpoints_;  // nullptr: left out
  const size_t max_bars_;                        // of both kinds together
  std::deque<Bar> firing_;                       // by beginning
  std::deque<Bar> pending_;                      // likewise
  std::vector<Bar*> open_bars_;                  // those not ended
  MissingBars missing_firing_;
  MissingBars missing_pending_;
  std::optional<absl::Time> first_;
  std::optional<absl::Time> last_;
  MaintenanceListPtr maintenance_;
  int64_t burns_left_out_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_BURN_RECORDER_H_
