#ifndef FIREBREAK_ENGINE_LAB_SCORING_H_
#define FIREBREAK_ENGINE_LAB_SCORING_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "engine/lab/backtest.h"
#include "rules/incident_file.h"
#include "storage/time_ranges.h"

namespace firebreak {

// How well alerts tell of incidents, in the terms of the SRE Workbook ("Alerting on SLOs"): precision, recall,
// detection time, reset time. Pure.

// An alert that somebody is told of.
struct Notice {
  absl::Time fired;
  std::optional<absl::Time> resolved;
  absl::Duration short_window;  // of its rule
};

// The episodes of a variant that fire as `least` or more.
std::vector<Notice> NoticesOf(const std::vector<AlertEpisode>& episodes, absl::Duration short_window, Severity least);

enum class NoticeVerdict {
  kDetection,  // the first that matches some incident
  kRepeat,     // matches incidents that had one already
  kOutside,    // matches none but one that is left out of the study: neither
  kFalse,      // matches none
};

// What the notices made of one incident.
struct IncidentOutcome {
  std::optional<absl::Duration> detected_after;  // from its begin; absent = missed
  std::optional<absl::Duration> reset_after;  // from its end until its last notice resolved, at least 0; absent while
                                              // that is still firing
  // A notice that was firing when the incident began and so does not count: labels may be late.
  bool fired_before = false;
};

struct Matching {
  std::vector<NoticeVerdict> notices;      // parallel to the notices
  std::vector<IncidentOutcome> incidents;  // parallel to the incidents
};

// A notice matches an incident when it fires in [begin, end + its short window]. The incidents of `outside` are not
// measured by, but what matches them is not false. REQUIRES: notices ascend by `fired`.
Matching Match(const std::vector<Notice>& notices, const std::vector<Incident>& incidents,
               const std::vector<Incident>& outside);

// k of n, and between which shares the truth lies with 95 % confidence (Wilson's score interval).
struct Proportion {
  int64_t k = 0;
  int64_t n = 0;

  std::optional<double> share() const;  // absent for n = 0
  double low() const;                   // 0 for n = 0
  double high() const;                  // 1 for n = 0
};

// Median and worst of what was measured; absent when nothing was.
template <typename T>
struct Spread {
  std::optional<T> median;
  std::optional<T> worst;
};
template <typename T>
Spread<T> SpreadOf(std::vector<T> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  const T median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.back()};
}

// What one rule did in a stretch of time.
struct Score {
  absl::Duration span;
  int64_t pages = 0;       // all notices
  int64_t detections = 0;  // pages that were first to tell of an incident
  int64_t repeats = 0;
  int64_t false_pages = 0;
  int64_t outside_pages = 0;  // of incidents that are left out
  int64_t incidents = 0;
  int64_t caught = 0;
  Spread<absl::Duration> detection;
  Spread<absl::Duration> reset;
  Spread<double> budget_spent;  // share of the period's budget, from an incident's begin to its detection

  int64_t missed() const { return incidents - caught; }
  Proportion precision() const { return {detections, detections + false_pages}; }
  Proportion recall() const { return {caught, incidents}; }
  double PagesPerWeek() const;
};

// The share of the period's budget that was spent in a stretch.
using BudgetSpent = std::function<double(const TimeRange&)>;

// Sums up the notices that fired and the incidents that began in `span`.
Score ScoreOf(const std::vector<Notice>& notices, const std::vector<Incident>& incidents, const Matching& matching,
              const TimeRange& span, const BudgetSpent& budget_spent);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_SCORING_H_
