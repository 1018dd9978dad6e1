#include "api/lab/tune_report.h"

#include <algorithm>
#include <utility>

#include "api/lab/text_table.h"
#include "engine/alert_text.h"
#include "engine/lab/shared_settings.h"
#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/yaml_text.h"

namespace firebreak {
namespace {

constexpr std::string_view kDash = "–";

const Tier& TierOf(const TuneReport& report, const SloTuning& tuning) {
  return report.config().tiers[static_cast<size_t>(tuning.tier)];
}

std::string Count(int64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string SecondsText(absl::Duration duration) { return DurationText(absl::Floor(duration, absl::Seconds(1))); }

template <typename T, typename Format>
std::string SpreadText(const Spread<T>& spread, Format format) {
  if (!spread.median) return std::string(kDash);
  return fmt::format("{} / {}", format(*spread.median), format(*spread.worst));
}

std::string ProportionText(const Proportion& proportion) {
  if (proportion.n == 0) return "none";
  return fmt::format("{} of {} ({:.0f}–{:.0f} %)", proportion.k, proportion.n, proportion.low() * 100,
                     proportion.high() * 100);
}

std::string_view Noun(const TuneReport& report) { return report.least == Severity::kPage ? "page" : "alert"; }

// --- Rules

std::string GuardsText(const BurnGuards& guards) {
  std::string text;
  if (guards.min_total > 0) text += fmt::format(", min_total {}", guards.min_total);
  if (guards.min_bad > 0) text += fmt::format(", min_bad {}", guards.min_bad);
  return text;
}

// The pairs that can differ between the plans, or count.
std::string PlanText(const TuneReport& report, const RulePlan& plan) {
  std::string text;
  for (size_t pair = 0; pair < plan.size(); ++pair) {
    if (plan[pair].severity < report.least) continue;
    text += (text.empty() ? "" : "; ") + RuleText(report.config().pairs[pair], plan[pair]);
  }
  return text + GuardsText(plan.front().guards);
}

// --- The table

std::vector<std::string> HeaderRow(const TuneReport& report) {
  return {"",       "rule",      "missed", "false",        "precision",
          "recall", "detection", "reset",  "budget spent", fmt::format("{}s/week", Noun(report))};
}

std::vector<std::string> ScoreCells(const Score& score) {
  return {fmt::format("{} of {}", score.missed(), score.incidents),
          fmt::format("{}", score.false_pages),
          ProportionText(score.precision()),
          ProportionText(score.recall()),
          SpreadText(score.detection, SecondsText),
          SpreadText(score.reset, SecondsText),
          SpreadText(score.budget_spent, [](double share) { return ShareText(share); }),
          fmt::format("{:.2g}", score.PagesPerWeek())};
}

std::vector<std::string> Row(std::string name, std::string rule, const Score& score) {
  std::vector<std::string> row = {std::move(name), std::move(rule)};
  for (std::string& cell : ScoreCells(score)) row.push_back(std::move(cell));
  return row;
}

std::string NameOf(const SloTuning& tuning, size_t place) {
  const bool recommended = tuning.answer.advice == Advice::kChange && place == 0;
  return fmt::format("{}{}", place + 1, recommended ? " *" : "");
}

void AddRows(const TuneReport& report, const std::string& name, const RatedPlan& rated,
             std::vector<std::vector<std::string>>& rows) {
  const std::string alike = rated.alike > 0 ? fmt::format("  (+{} alike)", rated.alike) : "";
  rows.push_back(Row(name, PlanText(report, rated.plan) + alike, rated.chosen_on));
  if (rated.held_out) rows.push_back(Row("", "  … on the last third", *rated.held_out));
}

// "now", with the place of the present rules in the list, if they have one: "now, 3".
std::string NameOfCurrent(const RatedPlan& current, const std::vector<RatedPlan>& plans) {
  const auto place =
      std::find_if(plans.begin(), plans.end(), [&](const RatedPlan& rated) { return rated.plan == current.plan; });
  return place == plans.end() ? "now" : fmt::format("now, {}", place - plans.begin() + 1);
}

// The front, or everything when it was asked for. The present rules come first.
std::string RulesTable(const TuneReport& report, const SloTuning& tuning, size_t top) {
  const TuningAnswer& answer = tuning.answer;
  const std::vector<RatedPlan>& plans = answer.all.empty() ? answer.front : answer.all;
  const size_t shown = answer.all.empty() ? std::min(top, plans.size()) : plans.size();
  std::vector<std::vector<std::string>> rows = {HeaderRow(report)};
  AddRows(report, NameOfCurrent(answer.current, plans), answer.current, rows);
  for (size_t i = 0; i < shown; ++i) {
    if (plans[i].plan != answer.current.plan) AddRows(report, NameOf(tuning, i), plans[i], rows);
  }
  std::string text = TextTable(rows, 2, "  ");
  if (shown < plans.size()) text += fmt::format("  … {} more (--top)\n", plans.size() - shown);
  return text;
}

// --- Words

std::string IncidentText(const Incident& incident) {
  std::string text = fmt::format("{} to {}", TimeText(incident.begin), TimeText(incident.end));
  if (!incident.what.empty()) text += fmt::format(" ({})", incident.what);
  if (incident.line > 0) text = fmt::format("line {}: {}", incident.line, text);
  return text;
}

std::string HowChosen(const TuneReport& report, const SloTuning& tuning) {
  switch (tuning.answer.hold_out) {
    case HoldOut::kLastThird:
      return fmt::format("Chosen on the time until {}, scored on the last third as well.",
                         TimeText(tuning.answer.split));
    case HoldOut::kOneIncident:
      return fmt::format(
          "Too few incidents to hold a third of the time out, so each was left out in turn: what was chosen without it "
          "caught {}.\n  False {}s and times are of the data that the choice was made on.",
          ProportionText(*tuning.answer.left_out), Noun(report));
    case HoldOut::kNothing:
      break;
  }
  return "One incident holds nothing out: every number is of the data that the choice was made on.";
}

std::string HeadText(const TuneReport& report, const SloTuning& tuning) {
  const Tier& tier = TierOf(report, tuning);
  const TuningAnswer& answer = tuning.answer;
  std::string text = fmt::format("{}/{}, objective {} %: {} {}; {} in {}\n", tier.name, SloName(tuning.slo),
                                 ObjectiveFor(tuning.slo, tier).ToPercentString(), tuning.incidents.size(),
                                 tuning.incidents.size() == 1 ? "incident" : "incidents",
                                 Count(answer.plans, "combination"), Count(answer.variants, "backtest"));
  if (tuning.swapped > 0) {
    text += fmt::format("  {} left out: a short window not shorter than its long one.\n",
                        Count(tuning.swapped, "combination"));
  }
  if (tuning.unreachable > 0) {
    text += fmt::format("  {} left out: no error ratio can exceed a threshold.\n",
                        Count(tuning.unreachable, "combination"));
  }
  for (const Incident& incident : tuning.outside) {
    text += fmt::format("  Left out, since it does not begin in the recording: {}; its {}s are not false.\n",
                        IncidentText(incident), Noun(report));
  }
  return text + "  " + HowChosen(report, tuning) + "\n";
}

std::string MissedText(const SloTuning& tuning, const RatedPlan& rated) {
  std::string text;
  const auto contains = [](const std::vector<size_t>& list, size_t index) {
    return std::find(list.begin(), list.end(), index) != list.end();
  };
  for (const size_t index : rated.missed) {
    text +=
        fmt::format("    misses {}{}{}\n", IncidentText(tuning.incidents[index]),
                    contains(tuning.answer.missed_by_all, index) ? "; so does every combination" : "",
                    contains(rated.fired_before, index) ? "; an alert fired when it began: is the label late?" : "");
  }
  return text;
}

// What the recommendation does to SLOs that share settings with this one.
std::string SideEffectsText(const TuneReport& report, const SloTuning& tuning) {
  std::string text;
  for (const SideEffect& effect : tuning.side_effects) {
    const std::string path = SloPath(report.config(), effect.tier, effect.slo);
    for (const Incident& incident : effect.missed) {
      text += fmt::format("  Warning: this changes {} too, which then misses {}.\n", path, IncidentText(incident));
    }
    if (effect.false_pages_then > effect.false_pages_now) {
      text +=
          fmt::format("  Warning: this changes {} too, which then has {} ({} now).\n", path,
                      Count(effect.false_pages_then, fmt::format("false {}", Noun(report))), effect.false_pages_now);
    }
  }
  return text;
}

std::string AdviceText(const TuneReport& report, const SloTuning& tuning) {
  const TuningAnswer& answer = tuning.answer;
  const std::string now = PlanText(report, answer.current.plan);
  std::string text;
  switch (answer.advice) {
    case Advice::kChange:
      text = fmt::format("  Recommended: {}\n    instead of {}\n", PlanText(report, answer.recommended().plan), now);
      break;
    case Advice::kKeep:
      text = fmt::format("  Recommended: keep {}; nothing tried is better.\n", now);
      break;
    case Advice::kKeepByHeldOut:
      text =
          fmt::format("  Recommended: keep {}.\n    {} was better where it was chosen, and worse on the last third.\n",
                      now, PlanText(report, answer.front.front().plan));
      break;
  }
  text += MissedText(tuning, answer.recommended()) + SideEffectsText(report, tuning);
  const std::string yaml = PlanYaml(report.config(), tuning, answer.recommended().plan);
  if (!yaml.empty()) text += fmt::format("  To paste into {}:\n\n{}", report.config_path, yaml);
  return text;
}

std::string SourceText(const TuneReport& report) {
  if (report.source == IncidentSource::kLabelled) {
    return fmt::format("Incidents: as labelled in {}.\n", report.incidents_path);
  }
  return fmt::format(
      "Incidents: derived, each stretch that spent at least {} of the period's budget. This is CIRCULAR: rules that "
      "watch\n"
      "the burn rate are measured by the burn rate. It compares rules; it does not prove one. Label incidents "
      "(--incidents).\n",
      report.derived_share);
}

// Lines that could not be read, and why the first of them.
std::string RejectedText(const ReadTotals& read) {
  if (read.rejected == 0) return "";
  std::string text = fmt::format("Read {} {}: {} rejected.\n", read.lines, read.what, read.rejected);
  for (const std::string& reason : read.reasons) text += fmt::format("  rejected: {}\n", reason);
  if (read.rejected > static_cast<int64_t>(read.reasons.size())) text += "  rejected: …\n";
  return text;
}

std::string Indented(const std::string& text, std::string_view indent) {
  std::string indented;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = text.find('\n', begin) + 1;
    indented += fmt::format("{}{}", indent, std::string_view(text).substr(begin, end - begin));
    begin = end;
  }
  return indented;
}

// The pairs' settings, which every tier shares.
std::string PairsYaml(const Config& config, const RulePlan& now, const RulePlan& plan) {
  std::string yaml;
  for (size_t pair = 0; pair < plan.size(); ++pair) {
    const RuleVariant& v = plan[pair];
    std::vector<std::string> fields;
    if (v.short_window != now[pair].short_window) fields.push_back("short: " + DurationText(v.short_window));
    if (v.long_window != now[pair].long_window) fields.push_back("long: " + DurationText(v.long_window));
    if (v.hold_for != now[pair].hold_for) fields.push_back("for: " + DurationText(v.hold_for));
    if (v.keep_firing_for != now[pair].keep_firing_for) {
      fields.push_back("keep_firing_for: " + DurationText(v.keep_firing_for));
    }
    if (!fields.empty()) {
      yaml += fmt::format("  {}: {{{}}}\n", YamlText(config.pairs[pair].name), fmt::join(fields, ", "));
    }
  }
  return yaml.empty() ? "" : "alerts:  # for every tier\n" + yaml;
}

// Settings of the tier. Where the latency SLO goes by the burn that is changed, it is told to go on as it does: it was
// not asked about.
std::string TierYaml(const Config& config, const SloTuning& tuning, const RulePlan& now, const RulePlan& plan) {
  const Tier& tier = config.tiers[static_cast<size_t>(tuning.tier)];
  std::string yaml;
  const std::string_view burn_key = tuning.slo == Slo::kLatency ? "latency_burn_rate" : "burn_rate";
  for (size_t pair = 0; pair < plan.size(); ++pair) {
    if (plan[pair].burn == now[pair].burn) continue;
    const std::string& name = config.pairs[pair].name;
    yaml += fmt::format("    {}: {}\n", YamlText(fmt::format("{}_{}", burn_key, name)), plan[pair].burn.ToString());
    if (tuning.slo == Slo::kAvailability && tier.latency_limit && tier.latency_burn[pair] == tier.burn[pair]) {
      yaml += fmt::format("    {}: {}  # as it is\n", YamlText("latency_burn_rate_" + name),
                          tier.latency_burn[pair].ToString());
    }
  }
  const BurnGuards& guards = plan.front().guards;
  if (guards.min_total != now.front().guards.min_total) yaml += fmt::format("    min_total: {}\n", guards.min_total);
  if (guards.min_bad != now.front().guards.min_bad) yaml += fmt::format("    min_bad: {}\n", guards.min_bad);
  if (yaml.empty()) return "";
  return fmt::format("slo_tiers:\n  {}:\n{}", YamlText(tier.name), yaml);
}

}  // namespace

std::string RuleText(const AlertPair& pair, const RuleVariant& variant) {
  std::string text =
      fmt::format("{} {}/{} {}x for {}", pair.name, DurationText(variant.short_window),
                  DurationText(variant.long_window), variant.burn.ToString(), DurationText(variant.hold_for));
  if (variant.keep_firing_for > absl::ZeroDuration()) {
    text += fmt::format(", kept {}", DurationText(variant.keep_firing_for));
  }
  return text;
}

std::string PlanYaml(const Config& config, const SloTuning& tuning, const RulePlan& plan) {
  const RulePlan now = PlanOf(config, tuning.tier, tuning.slo);
  return Indented(PairsYaml(config, now, plan) + TierYaml(config, tuning, now, plan), "    ");
}

std::string TuneText(const TuneReport& report, size_t top) {
  std::string text =
      fmt::format("{} to {}, evaluated every {}.\n{}Tried: {}\n", TimeText(report.recording.begin),
                  TimeText(report.recording.end), DurationText(report.step), SourceText(report), report.sweep);
  text += RejectedText(report.read);
  for (const std::string& note : report.read.notes) text += fmt::format("Note: {}.\n", note);
  for (const SloTuning& tuning : report.slos) {
    text +=
        "\n" + HeadText(report, tuning) + "\n" + RulesTable(report, tuning, top) + "\n" + AdviceText(report, tuning);
  }
  return text +
         fmt::format("\nmedian / worst; ranges in brackets are 95 % confidence (Wilson). Terms: docs/rule-lab.md.\n");
}

}  // namespace firebreak
