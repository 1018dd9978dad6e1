#include "engine/lab/scoring.h"

#include <algorithm>
#include <cmath>

namespace firebreak {
namespace {

constexpr double kZ = 1.959963984540054;  // 95 %, both sides

bool InSpan(absl::Time time, const TimeRange& span) { return span.begin < time && time <= span.end; }

// Both ends of Wilson's interval are (center ± half) / (1 + z²/n).
struct Wilson {
  double center;
  double half;
};

Wilson WilsonOf(const Proportion& proportion) {
  const auto n = static_cast<double>(proportion.n);
  const double p = static_cast<double>(proportion.k) / n;
  const double scale = 1 + kZ * kZ / n;
  return {(p + kZ * kZ / (2 * n)) / scale, kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n)) / scale};
}

bool Matches(const Notice& notice, const Incident& incident) {
  return incident.begin <= notice.fired && notice.fired <= incident.end + notice.short_window;
}

// Puts one incident's notices into the matching.
void MatchOne(const std::vector<Notice>& notices, const Incident& incident, absl::Duration longest_window,
              IncidentOutcome& outcome, std::vector<NoticeVerdict>& verdicts) {
  const auto first = std::partition_point(notices.begin(), notices.end(),
                                          [&](const Notice& notice) { return notice.fired < incident.begin; });
  outcome.fired_before = std::any_of(notices.begin(), first, [&](const Notice& notice) {
    return !notice.resolved || *notice.resolved > incident.begin;
  });
  for (auto notice = first; notice != notices.end() && notice->fired <= incident.end + longest_window; ++notice) {
    if (!Matches(*notice, incident)) continue;
    NoticeVerdict& verdict = verdicts[static_cast<size_t>(notice - notices.begin())];
    const bool is_first = !outcome.detected_after.has_value();
    if (is_first) outcome.detected_after = notice->fired - incident.begin;
    if (is_first || verdict == NoticeVerdict::kDetection) {
      verdict = NoticeVerdict::kDetection;
    } else {
      verdict = NoticeVerdict::kRepeat;
    }
    const absl::Duration reset =
        notice->resolved ? std::max(absl::ZeroDuration(), *notice->resolved - incident.end) : absl::InfiniteDuration();
    outcome.reset_after = std::max(outcome.reset_after.value_or(reset), reset);
  }
  if (outcome.reset_after == absl::InfiniteDuration()) outcome.reset_after.reset();
}

}  // namespace

std::vector<Notice> NoticesOf(const std::vector<AlertEpisode>& episodes, absl::Duration short_window, Severity least) {
  std::vector<Notice> notices;
  for (const AlertEpisode& episode : episodes) {
    if (episode.severity >= least) notices.push_back({episode.fired, episode.resolved, short_window});
  }
  return notices;
}

Matching Match(const std::vector<Notice>& notices, const std::vector<Incident>& incidents,
               const std::vector<Incident>& outside) {
  Matching matching{std::vector<NoticeVerdict>(notices.size(), NoticeVerdict::kFalse),
                    std::vector<IncidentOutcome>(incidents.size())};
  absl::Duration longest_window;
  for (const Notice& notice : notices) longest_window = std::max(longest_window, notice.short_window);
  for (size_t i = 0; i < incidents.size(); ++i) {
    MatchOne(notices, incidents[i], longest_window, matching.incidents[i], matching.notices);
  }
  for (size_t i = 0; i < notices.size(); ++i) {
    const bool is_outside = std::any_of(outside.begin(), outside.end(),
                                        [&](const Incident& incident) { return Matches(notices[i], incident); });
    if (is_outside && matching.notices[i] == NoticeVerdict::kFalse) matching.notices[i] = NoticeVerdict::kOutside;
  }
  return matching;
}

std::optional<double> Proportion::share() const {
  if (n == 0) return std::nullopt;
  return static_cast<double>(k) / static_cast<double>(n);
}

double Proportion::low() const {
  if (n == 0 || k == 0) return 0;
  const Wilson wilson = WilsonOf(*this);
  return std::max(0.0, wilson.center - wilson.half);
}

double Proportion::high() const {
  if (n == 0 || k == n) return 1;
  const Wilson wilson = WilsonOf(*this);
  return std::min(1.0, wilson.center + wilson.half);
}

double Score::PagesPerWeek() const {
  if (span <= absl::ZeroDuration()) return 0;
  return static_cast<double>(pages) / absl::FDivDuration(span, absl::Hours(7 * 24));
}

Score ScoreOf(const std::vector<Notice>& notices, const std::vector<Incident>& incidents, const Matching& matching,
              const TimeRange& span, const BudgetSpent& budget_spent) {
  Score score;
  score.span = span.end - span.begin;
  for (size_t i = 0; i < notices.size(); ++i) {
    if (!InSpan(notices[i].fired, span)) continue;
    ++score.pages;
    if (matching.notices[i] == NoticeVerdict::kDetection) ++score.detections;
    if (matching.notices[i] == NoticeVerdict::kRepeat) ++score.repeats;
    if (matching.notices[i] == NoticeVerdict::kFalse) ++score.false_pages;
    if (matching.notices[i] == NoticeVerdict::kOutside) ++score.outside_pages;
  }
  std::vector<absl::Duration> detection;
  std::vector<absl::Duration> reset;
  std::vector<double> spent;
  for (size_t i = 0; i < incidents.size(); ++i) {
    if (!InSpan(incidents[i].begin, span)) continue;
    ++score.incidents;
    const IncidentOutcome& outcome = matching.incidents[i];
    if (!outcome.detected_after) continue;
    ++score.caught;
    detection.push_back(*outcome.detected_after);
    if (outcome.reset_after) reset.push_back(*outcome.reset_after);
    spent.push_back(budget_spent({incidents[i].begin, incidents[i].begin + *outcome.detected_after}));
  }
  score.detection = SpreadOf(std::move(detection));
  score.reset = SpreadOf(std::move(reset));
  score.budget_spent = SpreadOf(std::move(spent));
  return score;
}

}  // namespace firebreak
