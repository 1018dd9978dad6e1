#ifndef FIREBREAK_ENGINE_LAB_TUNING_H_
#define FIREBREAK_ENGINE_LAB_TUNING_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "engine/lab/backtest.h"
#include "engine/lab/rule_grid.h"
#include "engine/lab/scoring.h"
#include "rules/config.h"
#include "rules/incident_file.h"

namespace firebreak {

// How the choice among many rules is kept honest: what a rule was chosen on flatters it.
enum class HoldOut {
  kLastThird,    // chosen on the first two thirds of the time, scored on the last
  kOneIncident,  // too few incidents for that: each is left out in turn, and what is chosen without it is tried on it
  kNothing,      // a single incident: nothing can be held out, and every number is one the choice was made on
};

// What is said in the end.
enum class Advice {
  kChange,         // to the recommended plan
  kKeep,           // nothing is better than the present rules where the choice was made …
  kKeepByHeldOut,  // … or something is, but the present rules were better on what was held out
};

// Which plans are reported with all their scores.
enum class Reported { kFront, kAll };

struct TuningQuestion {
  std::vector<Incident> incidents;   // of this SLO, by begin, within the recording
  std::vector<Incident> outside;     // of this SLO, begun before or after it: their pages are neither hits nor false
  Severity least = Severity::kPage;  // which alerts count
  TimeRange recording;
  double period_budget = 0;  // PeriodBudget; above 0
  Reported reported = Reported::kFront;
};

// One plan and how it did.
struct RatedPlan {
  RulePlan plan;
  Score chosen_on;                // kLastThird: the first two thirds; else all of it
  std::optional<Score> held_out;  // kLastThird: the last third
  Score all;
  std::vector<size_t> missed;        // incidents, of all the time
  std::vector<size_t> fired_before;  // those of them during which an alert fired that was there before they began
  int64_t alike = 0;                 // of the front and the present one: other plans with the same merits
};

// Plans that did alike where the choice was made.
struct TuningPoint {
  int64_t missed = 0;
  int64_t false_pages = 0;
  std::optional<absl::Duration> median_detection;  // absent when nothing was caught
  int64_t plans = 0;
};

struct TuningAnswer {
  HoldOut hold_out = HoldOut::kNothing;
  absl::Time split;      // kLastThird: where the last third begins
  int64_t plans = 0;     // combinations rated
  int64_t variants = 0;  // backtests they took
  RatedPlan current;
  std::vector<RatedPlan> front;  // best first; none is better than another in every respect
  std::vector<RatedPlan> all;    // best first; only when asked for
  Advice advice = Advice::kKeep;
  std::vector<size_t> missed_by_all;    // incidents that no plan caught
  std::optional<Proportion> left_out;   // kOneIncident: incidents caught by what was chosen without them …
  std::vector<size_t> left_out_missed;  // … and those it missed
  std::vector<Notice> current_notices;  // what the present rules tell, in order …
  std::vector<Notice> best_notices;     // … and the first of the front
  std::vector<TuningPoint> points;      // all plans, best first

  const RatedPlan& recommended() const { return advice == Advice::kChange ? front.front() : current; }
};

// What one plan does, of all the time.
struct PlanOutcome {
  std::vector<size_t> missed;  // incidents
  int64_t false_pages = 0;
};
PlanOutcome TryPlan(Backtester& backtester, const RulePlan& plan, const TuningQuestion& question);

// Backtests every variant of a grid, and rates every plan.
//   A plan is better for missing fewer incidents, then for fewer false pages, then for a shorter median detection, then
//   a shorter worst one, then fewer pages, then fewer settings that differ from the present ones. The Pareto front is
//   over the first three. With at least 3 incidents in the first two thirds of the time and 2 in the last (or more than
//   100 in all) the last third is held out. `progress` is told how many of how many backtests are done.
TuningAnswer Tune(Backtester& backtester, const RuleGrid& grid, const TuningQuestion& question,
                  const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_TUNING_H_
