#include "api/cli/tune_study.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/progress.h"
#include "engine/alert_text.h"
#include "engine/lab/backtest.h"
#include "engine/lab/derive_incidents.h"
#include "engine/lab/rule_grid.h"
#include "engine/lab/shared_settings.h"
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

std::string NameOf(const Config& config, const Subject& subject) { return SloPath(config, subject.tier, subject.slo); }

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

// Each SLO that incidents are labelled for, or without labels every one there is. Those that are not are noted.
std::vector<Subject> MeasurableSubjects(const TunePlan& plan, std::vector<std::string>& notes) {
  const Config& config = plan.rules->config;
  std::vector<Subject> subjects;
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

// Those that were asked for; else all that can be.
absl::StatusOr<std::vector<Subject>> ChooseSubjects(const TuneArguments& arguments, const TunePlan& plan,
                                                    std::vector<std::string>& notes) {
  const Config& config = plan.rules->config;
  if (arguments.slos.empty()) return MeasurableSubjects(plan, notes);
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
    const bool held = history.recording.begin <= incident.begin && incident.begin <= history.recording.end;
    (held ? incidents : outside).push_back(incident);
  }
  return incidents;
}

// Far more evaluations than a recording has usually come of events that are dated wrongly: that is said first.
absl::Status CheckSize(const RuleGrid& grid, const TuneHistory& history) {
  const TickRange& ticks = history.ticks;
  if (ticks.count <= kMaxSums / grid.num_windows()) return absl::OkStatus();
  const std::string fault = history.fault.ok() ? "" : std::string(history.fault.message()) + "\n";
  return absl::InvalidArgumentError(
      fmt::format("{}events are dated from {} to {}: is one dated wrongly? At --step {} that is {} evaluations of {} "
                  "windows, wanted "
                  "at most {} in all: a longer step, or fewer windows",
                  fault, TimeText(history.recording.begin), TimeText(history.recording.end), DurationText(ticks.step),
                  ticks.count, grid.num_windows(), kMaxSums));
}

// What its rules are measured by.
TuningQuestion AskAbout(const TunePlan& plan, const Subject& subject, const BacktestSubject& data,
                        const TuneHistory& history) {
  const TimeRange& recording = history.recording;
  TuningQuestion question;
  question.least = plan.least;
  question.recording = recording;
  question.reported = plan.reported;
  question.period_budget =
      PeriodBudget(data.counted, data.objective, plan.rules->config.period, recording.begin, recording.end);
  if (question.period_budget <= 0) return question;
  question.incidents = IncidentsOf(plan, subject, data, history, question.period_budget, question.outside);
  return question;
}

// Absent, with a note, when there is nothing to tune on.
absl::StatusOr<std::optional<SloTuning>> TuneOne(const TunePlan& plan, const Subject& subject, TuneHistory& history,
                                                 std::vector<std::string>& notes) {
  const Config& config = plan.rules->config;
  const std::string name = NameOf(config, subject);
  BacktestSubject data = MakeSubject(plan, subject, history);
  const TuningQuestion question = AskAbout(plan, subject, data, history);
  if (question.period_budget <= 0) {
    notes.push_back(fmt::format("{}: no requests, so it is not tuned", name));
    return std::optional<SloTuning>();
  }
  if (question.incidents.empty()) {
    notes.push_back(fmt::format("{}: no incident begins in the recording, so it is not tuned", name));
    return std::optional<SloTuning>();
  }
  SloTuning tuning;
  tuning.tier = subject.tier;
  tuning.slo = subject.slo;
  tuning.incidents = question.incidents;
  tuning.outside = question.outside;
  const absl::StatusOr<RuleGrid> grid =
      ExpandSweep(PlanOf(config, subject.tier, subject.slo), plan.axes, data.objective);
  if (!grid.ok()) return grid.status();
  const absl::Status size = CheckSize(*grid, history);
  if (!size.ok()) return size;
  tuning.swapped = grid->swapped;
  tuning.unreachable = grid->unreachable;
  Backtester backtester(std::move(data));
  Progress progress("tune " + name);
  tuning.answer = Tune(backtester, *grid, question, [&](int64_t done, int64_t total) { progress.Update(done, total); });
  return std::optional<SloTuning>(std::move(tuning));
}

// --- What the SLOs share

SloPlan RecommendedPlan(const SloTuning& tuning) { return {tuning.tier, tuning.slo, tuning.answer.recommended().plan}; }

bool IsOf(const SloTuning& tuning, const Subject& subject) {
  return subject.tier == tuning.tier && subject.slo == tuning.slo;
}

// What differs for the worse; absent when nothing does.
std::optional<SideEffect> Harm(const Subject& subject, const std::vector<Incident>& incidents,
                               const PlanOutcome& before, const PlanOutcome& after) {
  SideEffect effect{subject.tier, subject.slo, {}, before.false_pages, after.false_pages};
  std::vector<size_t> newly_missed;
  std::set_difference(after.missed.begin(), after.missed.end(), before.missed.begin(), before.missed.end(),
                      std::back_inserter(newly_missed));
  for (const size_t index : newly_missed) effect.missed.push_back(incidents[index]);
  if (effect.missed.empty() && after.false_pages <= before.false_pages) return std::nullopt;
  return effect;
}

// Looks what each recommendation for another SLO does to this one.
void FindSideEffectsOn(const TunePlan& plan, const Subject& subject, TuneHistory& history,
                       std::vector<SloTuning>& tunings) {
  const RulePlan now = PlanOf(plan.rules->config, subject.tier, subject.slo);
  BacktestSubject data = MakeSubject(plan, subject, history);
  const TuningQuestion question = AskAbout(plan, subject, data, history);
  if (question.incidents.empty()) return;
  Backtester backtester(std::move(data));
  const PlanOutcome before = TryPlan(backtester, now, question);
  for (SloTuning& tuning : tunings) {
    if (IsOf(tuning, subject)) continue;
    const RulePlan then = AfterChange({subject.tier, subject.slo, now}, RecommendedPlan(tuning));
    if (then == now) continue;
    auto harm = Harm(subject, question.incidents, before, TryPlan(backtester, then, question));
    if (harm) tuning.side_effects.push_back(*std::move(harm));
  }
}

// Looks what each recommendation does to every other SLO that can be measured, asked for or not.
void FindSideEffects(const TunePlan& plan, TuneHistory& history, std::vector<SloTuning>& tunings) {
  const bool changes_any = std::any_of(tunings.begin(), tunings.end(),
                                       [](const SloTuning& tuning) { return tuning.answer.advice == Advice::kChange; });
  if (!changes_any) return;
  std::vector<std::string> ignored;
  for (const Subject& subject : MeasurableSubjects(plan, ignored)) FindSideEffectsOn(plan, subject, history, tunings);
}

// A note when recommendations cannot all be followed.
void NoteDisagreements(const Config& config, const std::vector<SloTuning>& tunings, std::vector<std::string>& notes) {
  std::vector<SloPlan> changes;
  for (const SloTuning& tuning : tunings) {
    if (tuning.answer.advice == Advice::kChange) changes.push_back(RecommendedPlan(tuning));
  }
  const std::vector<std::string> disagreements = Disagreements(config, changes);
  if (disagreements.empty()) return;
  notes.push_back(fmt::format(
      "the recommendations contradict each other in settings that SLOs share ({}); take one, and tune again "
      "with it",
      fmt::join(disagreements, "; ")));
}

}  // namespace

absl::StatusOr<TuneReport> StudyRules(const TuneArguments& arguments, const TunePlan& plan, TuneHistory& history) {
  TuneReport report;
  report.rules = plan.rules;
  report.config_path = arguments.config;
  report.source = plan.incidents ? IncidentSource::kLabelled : IncidentSource::kDerived;
  report.incidents_path = arguments.incidents;
  report.derived_share = plan.derive;
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
  FindSideEffects(plan, history, report.slos);
  NoteDisagreements(plan.rules->config, report.slos, report.read.notes);
  return report;
}

}  // namespace firebreak
