#include "engine/lab/tuning.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace firebreak {
namespace {

constexpr int64_t kLeastChosenOn = 3;
constexpr int64_t kLeastHeldOut = 2;
constexpr size_t kMostLeftOut = 100;

// How good a plan is; less is better.
struct Merit {
  int64_t missed = 0;
  int64_t false_pages = 0;
  absl::Duration median;  // of detection; infinite when nothing was caught
  absl::Duration worst;
  int64_t pages = 0;
  int changes = 0;
  size_t plan = 0;

  auto Order() const { return std::tie(missed, false_pages, median, worst, pages, changes, plan); }
  friend bool operator<(const Merit& a, const Merit& b) { return a.Order() < b.Order(); }

  // Whether it is as good as `other` or better in each respect that the front is about.
  bool Covers(const Merit& other) const {
    return missed <= other.missed && false_pages <= other.false_pages && median <= other.median;
  }
  bool IsAlike(const Merit& other) const { return Covers(other) && other.Covers(*this); }
};

Merit MeritOf(const Score& score) {
  const absl::Duration never = absl::InfiniteDuration();
  return {score.missed(),
          score.false_pages,
          score.detection.median.value_or(never),
          score.detection.worst.value_or(never),
          score.pages,
          0,
          0};
}

int Changes(const RuleVariant& a, const RuleVariant& b) {
  return (a.short_window != b.short_window) + (a.long_window != b.long_window) + (a.burn != b.burn) +
         (a.hold_for != b.hold_for) + (a.keep_firing_for != b.keep_firing_for) +
         (a.guards.min_total != b.guards.min_total) + (a.guards.min_bad != b.guards.min_bad);
}

int Changes(const RulePlan& a, const RulePlan& b) {
  int changes = 0;
  for (size_t pair = 0; pair < a.size(); ++pair) changes += Changes(a[pair], b[pair]);
  return changes;
}

std::vector<Notice> NoticesOfVariant(Backtester& backtester, const RuleVariant& variant, Severity least) {
  if (variant.severity < least) return {};
  return NoticesOf(backtester.Run(variant), variant.short_window, least);
}

void SortByFired(std::vector<Notice>& notices) {
  std::stable_sort(notices.begin(), notices.end(), [](const Notice& a, const Notice& b) { return a.fired < b.fired; });
}

// Rates the plans of one grid.
class Tuner {
 public:
  Tuner(Backtester& backtester, const RuleGrid& grid, const TuningQuestion& question)
      : backtester_(backtester), grid_(grid), question_(question) {}

  TuningAnswer Answer(const std::function<void(int64_t, int64_t)>& progress) {
    TuningAnswer answer;
    answer.plans = static_cast<int64_t>(grid_.plans.size());
    answer.variants = grid_.num_variants();
    RunAll(progress);
    Split(answer);
    RateAll(answer);
    answer.current = Rated(0, answer);
    answer.current.alike = AlikeTo(merits_[0]);
    answer.current_notices = NoticesOfPlan(0);
    MakeFront(answer);
    Advise(answer);
    if (answer.hold_out == HoldOut::kOneIncident) LeaveOneOut(answer);
    return answer;
  }

 private:
  void RunAll(const std::function<void(int64_t, int64_t)>& progress) {
    const int64_t total = grid_.num_variants();
    int64_t done = 0;
    for (const std::vector<RuleVariant>& of_pair : grid_.variants) {
      std::vector<std::vector<Notice>>& notices = notices_.emplace_back();
      for (const RuleVariant& variant : of_pair) {
        notices.push_back(NoticesOfVariant(backtester_, variant, question_.least));
        progress(++done, total);
      }
    }
  }

  // The notices of all its pairs, in order.
  std::vector<Notice> NoticesOfPlan(size_t plan) const {
    std::vector<Notice> merged;
    for (size_t pair = 0; pair < notices_.size(); ++pair) {
      const std::vector<Notice>& notices = notices_[pair][grid_.plans[plan][pair]];
      merged.insert(merged.end(), notices.begin(), notices.end());
    }
    SortByFired(merged);
    return merged;
  }

  void Split(TuningAnswer& answer) const {
    const TimeRange& recording = question_.recording;
    answer.split = recording.begin + (recording.end - recording.begin) * 2 / 3;
    const auto& incidents = question_.incidents;
    const auto before = std::count_if(incidents.begin(), incidents.end(),
                                      [&](const Incident& incident) { return incident.begin <= answer.split; });
    const auto after = static_cast<int64_t>(incidents.size()) - before;
    const bool enough = before >= kLeastChosenOn && after >= kLeastHeldOut;
    if (enough || incidents.size() > kMostLeftOut) {
      answer.hold_out = HoldOut::kLastThird;
    } else {
      answer.hold_out = incidents.size() >= 2 ? HoldOut::kOneIncident : HoldOut::kNothing;
    }
  }

  // Alerts may begin a little after the recording has ended: they belong to its last part. An incident that begins with
  // the recording belongs to its first.
  Score ScoreBetween(absl::Time begin, absl::Time end, const std::vector<Notice>& notices,
                     const Matching& matching) const {
    const auto spent = [this](const TimeRange& range) {
      const auto bad = backtester_.subject().counted.Between(range.begin, range.end).bad;
      return static_cast<double>(bad) / question_.period_budget;
    };
    const TimeRange span = {begin == question_.recording.begin ? absl::InfinitePast() : begin,
                            end == question_.recording.end ? absl::InfiniteFuture() : end};
    Score score = ScoreOf(notices, question_.incidents, matching, span, spent);
    score.span = end - begin;
    return score;
  }

  Score ChosenOn(const TuningAnswer& answer, const std::vector<Notice>& notices, const Matching& matching) const {
    const TimeRange& recording = question_.recording;
    const bool split = answer.hold_out == HoldOut::kLastThird;
    return ScoreBetween(recording.begin, split ? answer.split : recording.end, notices, matching);
  }

  void RateAll(TuningAnswer& answer) {
    std::vector<bool> caught(question_.incidents.size());
    const RulePlan current = grid_.Plan(0);
    for (size_t plan = 0; plan < grid_.plans.size(); ++plan) {
      const std::vector<Notice> notices = NoticesOfPlan(plan);
      const Matching matching = Match(notices, question_.incidents, question_.outside);
      Merit merit = MeritOf(ChosenOn(answer, notices, matching));
      merit.changes = Changes(current, grid_.Plan(plan));
      merit.plan = plan;
      merits_.push_back(merit);
      for (size_t i = 0; i < caught.size(); ++i) {
        caught[i] = caught[i] || matching.incidents[i].detected_after.has_value();
      }
      if (answer.hold_out == HoldOut::kOneIncident) detected_.push_back(DetectedAfter(matching));
    }
    for (size_t i = 0; i < caught.size(); ++i) {
      if (!caught[i]) answer.missed_by_all.push_back(i);
    }
  }

  static std::vector<std::optional<absl::Duration>> DetectedAfter(const Matching& matching) {
    std::vector<std::optional<absl::Duration>> detected;
    for (const IncidentOutcome& outcome : matching.incidents) detected.push_back(outcome.detected_after);
    return detected;
  }

  RatedPlan Rated(size_t plan, const TuningAnswer& answer) const {
    const std::vector<Notice> notices = NoticesOfPlan(plan);
    const Matching matching = Match(notices, question_.incidents, question_.outside);
    const TimeRange& recording = question_.recording;
    RatedPlan rated;
    rated.plan = grid_.Plan(plan);
    rated.chosen_on = ChosenOn(answer, notices, matching);
    rated.all = ScoreBetween(recording.begin, recording.end, notices, matching);
    if (answer.hold_out == HoldOut::kLastThird) {
      rated.held_out = ScoreBetween(answer.split, recording.end, notices, matching);
    }
    for (size_t i = 0; i < matching.incidents.size(); ++i) {
      if (matching.incidents[i].detected_after) continue;
      rated.missed.push_back(i);
      if (matching.incidents[i].fired_before) rated.fired_before.push_back(i);
    }
    return rated;
  }

  int64_t AlikeTo(const Merit& merit) const {
    return std::count_if(merits_.begin(), merits_.end(), [&](const Merit& other) { return other.IsAlike(merit); }) - 1;
  }

  void MakeFront(TuningAnswer& answer) const {
    std::vector<Merit> sorted = merits_;
    std::sort(sorted.begin(), sorted.end());
    std::vector<Merit> front;
    for (const Merit& merit : sorted) {
      const bool covered = std::any_of(front.begin(), front.end(), [&](const Merit& m) { return m.Covers(merit); });
      if (!covered) front.push_back(merit);
    }
    for (const Merit& merit : front) {
      answer.front.push_back(Rated(merit.plan, answer));
      answer.front.back().alike = AlikeTo(merit);
    }
    answer.best_notices = NoticesOfPlan(front.front().plan);
    answer.points = PointsOf(sorted);
    if (question_.reported == Reported::kFront) return;
    for (const Merit& merit : sorted) answer.all.push_back(Rated(merit.plan, answer));
  }

  static std::vector<TuningPoint> PointsOf(const std::vector<Merit>& sorted) {
    std::vector<TuningPoint> points;
    const Merit* last = nullptr;
    for (const Merit& merit : sorted) {
      if (last == nullptr || !merit.IsAlike(*last)) {
        points.push_back({merit.missed, merit.false_pages, std::nullopt, 0});
        if (merit.median < absl::InfiniteDuration()) points.back().median_detection = merit.median;
      }
      ++points.back().plans;
      last = &merit;
    }
    return points;
  }

  void Advise(TuningAnswer& answer) const {
    const Merit best = *std::min_element(merits_.begin(), merits_.end());
    if (best.plan == 0 || best.IsAlike(merits_[0])) return;
    answer.advice = Advice::kChange;
    if (!answer.current.held_out) return;
    const auto harm = [](const Score& score) { return std::tuple(score.missed(), score.false_pages); };
    if (harm(*answer.current.held_out) < harm(*answer.front.front().held_out)) answer.advice = Advice::kKeepByHeldOut;
  }

  // The merit of a plan if an incident had never been: pages that match it are not false, but catch nothing either.
  Merit Without(size_t plan, size_t incident) const {
    Merit merit = merits_[plan];
    std::vector<absl::Duration> after;
    for (size_t i = 0; i < detected_[plan].size(); ++i) {
      if (i != incident && detected_[plan][i]) after.push_back(*detected_[plan][i]);
    }
    if (!detected_[plan][incident]) --merit.missed;
    const Spread<absl::Duration> spread = SpreadOf(std::move(after));
    merit.median = spread.median.value_or(absl::InfiniteDuration());
    merit.worst = spread.worst.value_or(absl::InfiniteDuration());
    return merit;
  }

  void LeaveOneOut(TuningAnswer& answer) const {
    answer.left_out = Proportion{0, static_cast<int64_t>(question_.incidents.size())};
    for (size_t incident = 0; incident < question_.incidents.size(); ++incident) {
      Merit best = Without(0, incident);
      for (size_t plan = 1; plan < merits_.size(); ++plan) best = std::min(best, Without(plan, incident));
      if (detected_[best.plan][incident]) {
        ++answer.left_out->k;
      } else {
        answer.left_out_missed.push_back(incident);
      }
    }
  }

  Backtester& backtester_;
  const RuleGrid& grid_;
  const TuningQuestion& question_;
  std::vector<std::vector<std::vector<Notice>>> notices_;             // by pair and variant
  std::vector<Merit> merits_;                                         // by plan
  std::vector<std::vector<std::optional<absl::Duration>>> detected_;  // by plan and incident, for kOneIncident
};

}  // namespace

PlanOutcome TryPlan(Backtester& backtester, const RulePlan& plan, const TuningQuestion& question) {
  std::vector<Notice> notices;
  for (const RuleVariant& variant : plan) {
    const std::vector<Notice> more = NoticesOfVariant(backtester, variant, question.least);
    notices.insert(notices.end(), more.begin(), more.end());
  }
  SortByFired(notices);
  const Matching matching = Match(notices, question.incidents, question.outside);
  PlanOutcome outcome;
  for (size_t i = 0; i < matching.incidents.size(); ++i) {
    if (!matching.incidents[i].detected_after) outcome.missed.push_back(i);
  }
  outcome.false_pages = std::count(matching.notices.begin(), matching.notices.end(), NoticeVerdict::kFalse);
  return outcome;
}

TuningAnswer Tune(Backtester& backtester, const RuleGrid& grid, const TuningQuestion& question,
                  const std::function<void(int64_t, int64_t)>& progress) {
  return Tuner(backtester, grid, question).Answer(progress);
}

}  // namespace firebreak
