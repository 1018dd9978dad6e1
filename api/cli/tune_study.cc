#include "api/cli/tune_study.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/progress.h"
#include "engine/lab/backtest.h"
#include "engine/lab/derive_incidents.h"
#include "engine/lab/rule_grid.h"
#include "engine/lab/tuning.h"
#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

// Window sums in memory at once, 16 bytes each.
constexpr int64_t kMaxSums = 64'000'000;

// One SLO of a tier.
struct Subject {
  int tier;
  Slo slo;
};

std::string NameOf(const Config& config, const Subject& subject) {
  return fmt::format("{}/{}", config.tiers[static_cast<size_t>(subject.tier)].name, SloName(subject.slo));
}

// --- Which SLOs

absl::StatusOr<Subject> SubjectNamed(const Config& config, const std::string& name) {
  std::string known;
  for (int tier = 0; tier < static_cast<int>(config.tiers.size()); ++tier) {
    for (const Slo slo : {Slo::kAvailability, Slo::kLatency}) {
      if (!HasSlo(slo, config.tiers[static_cast<size_t>(tier)])) continue;
      const Subject subject{tier, slo};
      if (NameOf(config, subject) == name) return subject;
      known += (known.empty() ? "" : ", ") + NameOf(config, subject);
    }
  }
  return absl::InvalidArgumentError(fmt::format("--slo {}: no such SLO, wanted one of {}", name, known));
}

bool IsByEndpoint(const Config& config, int tier) {
  return config.tiers[static_cast<size_t>(tier)].alert_by == AlertBy::kEndpoint;
}

bool HasIncident(const TunePlan& plan, const Subject& subject) {
  const std::string& tier = plan.rules->config.tiers[static_cast<size_t>(subject.tier)].name;
  return std::any_of(plan.incidents->begin(), plan.incidents->end(),
                     [&](const Incident& incident) { return incident.Concerns(tier, SloName(subject.slo)); });
}

// Those that were asked for; else each that incidents are labelled for, or without labels every one there is.
absl::StatusOr<std::vector<Subject>> ChooseSubjects(const TuneArguments& arguments, const TunePlan& plan,
                                                    std::vector<std::string>& notes) {
  const Config& config = plan.rules->config;
  std::vector<Subject> subjects;
  for (const std::string& name : arguments.slos) {
    const absl::StatusOr<Subject> subject = SubjectNamed(config, name);
    if (!subject.ok()) return subject.status();
    if (IsByEndpoint(config, subject->tier)) {
      return absl::InvalidArgumentError(
          fmt::format("--slo {}: alert_by: endpoint is not tuned, only rules that watch a whole tier", name));
    }
    subjects.push_back(*subject);
  }
  if (!subjects.empty()) return subjects;
  for (int tier = 0; tier < static_cast<int>(config.tiers.size()); ++tier) {
    if (IsByEndpoint(config, tier)) {
      notes.push_back(fmt::format("{}: alert_by: endpoint is not tuned, only rules that watch a whole tier",
                                  config.tiers[static_cast<size_t>(tier)].name));
      continue;
    }
    for (const Slo slo : {Slo::kAvailability, Slo::kLatency}) {
      if (!HasSlo(slo, config.tiers[static_cast<size_t>(tier)])) continue;
      if (!plan.incidents || HasIncident(plan, {tier, slo})) {
        subjects.push_back({tier, slo});
      } else {
        notes.push_back(fmt::format("{}: no labelled incident, so it is not tuned", NameOf(config, {tier, slo})));
      }
    }
  }
  return subjects;
}

// --- One SLO

BacktestSubject MakeSubject(const TunePlan& plan, const Subject& subject, TuneHistory& history) {
  const Config& config = plan.rules->config;
  return {history.book->Counted(subject.tier, subject.slo),
          history.book->Excluded(subject.tier, subject.slo),
          history.book->maintenance(subject.tier),
          ObjectiveFor(subject.slo, config.tiers[static_cast<size_t>(subject.tier)]),
          config.no_data_hold,
          config.evaluation_delay,
          history.ticks};
}

// Labelled incidents of the SLO, or derived ones. Those that the recording does not hold are put aside.
std::vector<Incident> IncidentsOf(const TunePlan& plan, const Subject& subject, const BacktestSubject& data,
                                  const TuneHistory& history, double budget, std::vector<Incident>& outside) {
  if (!plan.incidents) return DeriveIncidents(data.counted, data.objective, budget, plan.derive_share);
  const std::string& tier = plan.rules->config.tiers[static_cast<size_t>(subject.tier)].name;
  std::vector<Incident> incidents;
  for (const Incident& incident : *plan.incidents) {
    if (!incident.Concerns(tier, SloName(subject.slo))) continue;
    const bool held = history.recording.begin < incident.begin && incident.begin <= history.recording.end;
    (held ? incidents : outside).push_back(incident);
  }
  return incidents;
}

absl::Status CheckSize(const RuleGrid& grid, const TickRange& ticks) {
  if (ticks.count <= kMaxSums / grid.num_windows()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("--step {}: {} evaluations of {} windows, wanted at most {} in all: a longer step, or fewer windows",
                  DurationText(ticks.step), ticks.count, grid.num_windows(), kMaxSums));
}

// Absent, with a note, when there is nothing to tune on.
absl::StatusOr<std::optional<SloTuning>> TuneOne(const TunePlan& plan, const Subject& subject, TuneHistory& history,
                                                 std::vector<std::string>& notes) {
  const Config& config = plan.rules->config;
  const std::string name = NameOf(config, subject);
  BacktestSubject data = MakeSubject(plan, subject, history);
  TuningQuestion question;
  question.least = plan.least;
  question.recording = history.recording;
  question.reported = plan.reported;
  question.period_budget =
      PeriodBudget(data.counted, data.objective, config.period, history.recording.begin, history.recording.end);
  if (question.period_budget <= 0) {
    notes.push_back(fmt::format("{}: no requests, so it is not tuned", name));
    return std::optional<SloTuning>();
  }
  SloTuning tuning;
  tuning.tier = subject.tier;
  tuning.slo = subject.slo;
  tuning.incidents = IncidentsOf(plan, subject, data, history, question.period_budget, tuning.outside);
  if (tuning.incidents.empty()) {
    notes.push_back(fmt::format("{}: the recording holds no incident, so it is not tuned", name));
    return std::optional<SloTuning>();
  }
  question.incidents = tuning.incidents;
  const absl::StatusOr<RuleGrid> grid =
      ExpandSweep(PlanOf(config, subject.tier, subject.slo), plan.axes, data.objective);
  if (!grid.ok()) return grid.status();
  const absl::Status size = CheckSize(*grid, history.ticks);
  if (!size.ok()) return size;
  tuning.swapped = grid->swapped;
  tuning.unreachable = grid->unreachable;
  Backtester backtester(std::move(data));
  Progress progress("tune " + name);
  tuning.answer = Tune(backtester, *grid, question, [&](int64_t done, int64_t total) { progress.Update(done, total); });
  return std::optional<SloTuning>(std::move(tuning));
}

}  // namespace

absl::StatusOr<TuneReport> StudyRules(const TuneArguments& arguments, const TunePlan& plan, TuneHistory& history) {
  TuneReport report;
  report.rules = plan.rules;
  report.config_path = arguments.config;
  report.source = plan.incidents ? IncidentSource::kLabelled : IncidentSource::kDerived;
  report.incidents_path = arguments.incidents;
  report.derived_share = arguments.derive;
  report.least = plan.least;
  report.sweep = plan.sweep;
  report.step = plan.step;
  report.recording = history.recording;
  report.read = history.read;
  const absl::StatusOr<std::vector<Subject>> subjects = ChooseSubjects(arguments, plan, report.read.notes);
  if (!subjects.ok()) return subjects.status();
  for (const Subject& subject : *subjects) {
    absl::StatusOr<std::optional<SloTuning>> tuning = TuneOne(plan, subject, history, report.read.notes);
    if (!tuning.ok()) return tuning.status();
    if (*tuning) report.slos.push_back(**std::move(tuning));
  }
  return report;
}

}  // namespace firebreak
