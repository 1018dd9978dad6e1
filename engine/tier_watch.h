#ifndef FIREBREAK_ENGINE_TIER_WATCH_H_
#define FIREBREAK_ENGINE_TIER_WATCH_H_

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_record.h"
#include "engine/alert_state.h"
#include "engine/burn_rule.h"
#include "engine/evaluation.h"
#include "engine/no_data_rule.h"
#include "engine/snapshot.h"
#include "engine/transition.h"
#include "rules/rule_set.h"

namespace firebreak {

// A TierWatch holds every alert of one tier and moves them, tick by tick: a burn alert for each SLO and pair (and for
// each endpoint, with alert_by: endpoint), and NoData. Every change goes to the sink. Thread-compatible.
class TierWatch {
 public:
  TierWatch(std::shared_ptr<const RuleSet> rules, int tier);

  const Tier& tier() const { return rules_->config.tiers[static_cast<size_t>(tier_)]; }

  // Evaluates all rules. `feed` is how the tier's requests come in at this instant.
  void Tick(const Evaluation& evaluation, FeedState feed, TransitionSink& sink);

  // Its burn alerts one by one, for who looks closer. Good until the next tick or reload.
  struct BurnStanding {
    const BurnRule& rule;
    const AlertState& state;
  };
  size_t num_burn_alerts() const { return burn_.size(); }
  BurnStanding burn_alert(size_t index) const { return {burn_[index].rule, burn_[index].state}; }
  const NoDataState& no_data() const { return no_data_.state; }

  // Whether no burn alert is pending or firing.
  bool AllInactive() const;
  bool NoDataFiring() const { return no_data_.state.firing; }

  // Takes over the alerts that `old` and this watch both have, for a reload. `old` is left with the others.
  void TakeOver(TierWatch& old, const TrafficStore& traffic);
  // Takes all alerts away that there is anything to keep of.
  AlertRecords TakeRecords();

  // Takes its alerts out of `records`, as they were before the process was down for `downtime`.
  // REQUIRES: it has not evaluated those alerts yet.
  void Restore(AlertRecords& records, absl::Duration downtime, const TrafficStore& traffic);

  // Adds the alerts whose state or shown views changed since the last call. New words alone are no change.
  void CollectChanges(AlertChanges& changes);

  // Adds the views of alerts that are pending, firing, or resolved in the last 15 minutes.
  void CollectAlerts(const Evaluation& evaluation, FeedState feed, std::vector<AlertViewPtr>& alerts);

  TierView View(const Evaluation& evaluation, FeedState feed) const;

 private:
  // What was last given to be saved, to tell whether it must be again.
  template <typename State>
  struct Saved {
    State state;
    ShownStatuses shown{};

    friend bool operator==(const Saved&, const Saved&) = default;
  };
  struct NoDataMemory {
    NoDataState state;
    std::vector<std::string> covered;  // endpoints whose held alerts it covers; "" is the tier itself

    friend bool operator==(const NoDataMemory&, const NoDataMemory&) = default;
  };

  // What the rules of both SLOs look at: the short window of one pair, of the tier or of an endpoint.
  struct ShortWindow {
    size_t alert;   // one of those that look at it
    Counts counts;  // at this tick, without what lies in maintenance
  };
  struct BurnAlert {
    BurnRule rule;
    size_t short_window;
    AlertState state;
    AlertViews views;
    absl::Time worded_at;  // when the annotations were last made
    Saved<AlertState> saved;
  };
  struct NoDataAlert : NoDataMemory {
    AlertViews views;
    absl::Time worded_at;
    Saved<NoDataMemory> saved;
    bool uncovered = false;  // at this tick, held alerts that it covered ended for maintenance
  };

  void AddRules(std::optional<int> endpoint, std::string_view endpoint_name);
  void AddNewEndpoints(const TrafficStore& traffic);

  const TierMaintenance& MaintenanceOf(const Evaluation& evaluation) const {
    return evaluation.maintenance[static_cast<size_t>(tier_)];
  }

  BurnSignal SignalOf(const BurnAlert& alert, const BurnReading& reading, const Evaluation& evaluation) const;
  void TickBurn(BurnAlert& alert, const Evaluation& evaluation, TransitionSink& sink);
  FeedState MissedFeed(const Evaluation& evaluation, FeedState feed) const;
  NoDataStep StepNoData(const Evaluation& evaluation, FeedState feed);
  void TickNoData(const Evaluation& evaluation, FeedState feed, TransitionSink& sink);
  // The highest severity among the alerts that NoData must cover; remembers their series in no_data_.covered.
  std::optional<Severity> CoverHeld(const Evaluation& evaluation);
  void Uncover(const BurnRule& rule);
  // Forgets the covered series that have requests again.
  CoveredSeries UpdateCovered(const Evaluation& evaluation);

  void EmitBurn(BurnAlert& alert, const AlertChange& change, const AlertState& before, const BurnReading& reading,
                const Evaluation& evaluation, TransitionSink& sink);
  void EmitNoData(const AlertChange& change, const NoDataState& before, FeedState feed, const Evaluation& evaluation,
                  TransitionSink& sink);
  void Reword(BurnAlert& alert, const Evaluation& evaluation);
  std::string FeedText(const Evaluation& evaluation, FeedState feed) const;
  std::string NoDataSummary(const AlertChange& change, FeedState feed) const;
  std::string CoveredText() const;
  Labels NoDataAnnotations(const AlertChange& change, FeedState feed, const Evaluation& evaluation) const;
  std::shared_ptr<AlertView> MakeNoDataView(const AlertChange& change, absl::Time firing_since, FeedState feed,
                                            const Evaluation& evaluation) const;
  void RewordNoData(FeedState feed, const Evaluation& evaluation);
  Labels NoDataIdentity() const;
  void RestoreNoData(AlertRecords& records);
  static AlertRecord RecordOf(const BurnAlert& alert);
  AlertRecord RecordOfNoData() const;
  std::string NoDataText(const Evaluation& evaluation, FeedState feed) const;

  SloView ViewSlo(Slo slo, const Evaluation& evaluation) const;
  AlertStatus StatusOf(Slo slo, int pair) const;

  std::shared_ptr<const RuleSet> rules_;
  const int tier_;
  std::vector<BurnAlert> burn_;
  std::vector<ShortWindow> short_windows_;
  NoDataAlert no_data_;
  int endpoints_seen_ = 0;  // alert_by: endpoint has rules for these
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_TIER_WATCH_H_
