#include <string>
#include <string_view>
#include <utility>

#include "api/lab/tune_report.h"
#include "engine/alert_text.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

double Seconds(absl::Duration duration) { return absl::ToDoubleSeconds(duration); }

template <typename T, typename Value>
Json SpreadJson(const Spread<T>& spread, Value value) {
  if (!spread.median) return nullptr;
  return {{"median", value(*spread.median)}, {"worst", value(*spread.worst)}};
}

Json ProportionJson(const Proportion& proportion) {
  const std::optional<double> share = proportion.share();
  return {{"k", proportion.k},
          {"n", proportion.n},
          {"share", share ? Json(*share) : Json()},
          {"low", proportion.low()},
          {"high", proportion.high()}};
}

Json ScoreJson(const Score& score) {
  return {{"seconds", Seconds(score.span)},
          {"incidents", score.incidents},
          {"caught", score.caught},
          {"missed", score.missed()},
          {"pages", score.pages},
          {"false_pages", score.false_pages},
          {"repeats", score.repeats},
          {"outside_pages", score.outside_pages},
          {"precision", ProportionJson(score.precision())},
          {"recall", ProportionJson(score.recall())},
          {"detection_seconds", SpreadJson(score.detection, Seconds)},
          {"reset_seconds", SpreadJson(score.reset, Seconds)},
          {"budget_spent", SpreadJson(score.budget_spent, [](double share) { return share; })},
          {"pages_per_week", score.PagesPerWeek()}};
}

Json VariantJson(const AlertPair& pair, const RuleVariant& variant) {
  return {{"pair", pair.name},
          {"severity", SeverityName(variant.severity)},
          {"short", DurationText(variant.short_window)},
          {"long", DurationText(variant.long_window)},
          {"burn", variant.burn.ToString()},
          {"for", DurationText(variant.hold_for)},
          {"keep_firing_for", DurationText(variant.keep_firing_for)},
          {"min_total", variant.guards.min_total},
          {"min_bad", variant.guards.min_bad}};
}

Json IncidentJson(const Incident& incident) {
  Json json = {{"begin", TimeText(incident.begin)}, {"end", TimeText(incident.end)}, {"what", incident.what}};
  if (incident.line > 0) json["line"] = incident.line;
  return json;
}

Json IncidentsJson(const std::vector<Incident>& incidents) {
  Json json = Json::array();
  for (const Incident& incident : incidents) json.push_back(IncidentJson(incident));
  return json;
}

Json PlanJson(const TuneReport& report, const RatedPlan& rated) {
  Json json = {{"rules", Json::array()},
               {"chosen_on", ScoreJson(rated.chosen_on)},
               {"held_out", rated.held_out ? ScoreJson(*rated.held_out) : Json()},
               {"all", ScoreJson(rated.all)},
               {"missed", rated.missed},
               {"fired_before", rated.fired_before},
               {"alike", rated.alike}};
  for (size_t pair = 0; pair < rated.plan.size(); ++pair) {
    json["rules"].push_back(VariantJson(report.config().pairs[pair], rated.plan[pair]));
  }
  return json;
}

Json HoldOutJson(const TuningAnswer& answer) {
  switch (answer.hold_out) {
    case HoldOut::kLastThird:
      return {{"method", "last_third"}, {"from", TimeText(answer.split)}};
    case HoldOut::kOneIncident:
      return {
          {"method", "one_incident"}, {"recall", ProportionJson(*answer.left_out)}, {"missed", answer.left_out_missed}};
    case HoldOut::kNothing:
      break;
  }
  return {{"method", "nothing"}};
}

std::string_view AdviceName(Advice advice) {
  switch (advice) {
    case Advice::kChange:
      return "change";
    case Advice::kKeep:
      return "keep";
    case Advice::kKeepByHeldOut:
      break;
  }
  return "keep_by_held_out";
}

Json AlertsJson(const std::vector<Notice>& notices) {
  Json json = Json::array();
  for (const Notice& notice : notices) {
    json.push_back(
        {{"fired", TimeText(notice.fired)}, {"resolved", notice.resolved ? Json(TimeText(*notice.resolved)) : Json()}});
  }
  return json;
}

Json PointsJson(const std::vector<TuningPoint>& points) {
  Json json = Json::array();
  for (const TuningPoint& point : points) {
    json.push_back({{"missed", point.missed},
                    {"false_pages", point.false_pages},
                    {"detection_seconds", point.median_detection ? Json(Seconds(*point.median_detection)) : Json()},
                    {"combinations", point.plans}});
  }
  return json;
}

Json SideEffectsJson(const TuneReport& report, const SloTuning& tuning) {
  Json json = Json::array();
  for (const SideEffect& effect : tuning.side_effects) {
    json.push_back({{"tier", report.config().tiers[static_cast<size_t>(effect.tier)].name},
                    {"slo", SloName(effect.slo)},
                    {"missed", IncidentsJson(effect.missed)},
                    {"false_pages_now", effect.false_pages_now},
                    {"false_pages_then", effect.false_pages_then}});
  }
  return json;
}

Json TuningJson(const TuneReport& report, const SloTuning& tuning) {
  const TuningAnswer& answer = tuning.answer;
  const Tier& tier = report.config().tiers[static_cast<size_t>(tuning.tier)];
  Json json = {{"tier", tier.name},
               {"slo", SloName(tuning.slo)},
               {"objective", ObjectiveFor(tuning.slo, tier).ToPercentString()},
               {"incidents", IncidentsJson(tuning.incidents)},
               {"outside", IncidentsJson(tuning.outside)},
               {"combinations", answer.plans},
               {"backtests", answer.variants},
               {"left_out", {{"swapped_windows", tuning.swapped}, {"unreachable", tuning.unreachable}}},
               {"hold_out", HoldOutJson(answer)},
               {"missed_by_all", answer.missed_by_all},
               {"current", PlanJson(report, answer.current)},
               {"current_alerts", AlertsJson(answer.current_notices)},
               {"best_alerts", AlertsJson(answer.best_notices)},
               {"points", PointsJson(answer.points)},
               {"front", Json::array()},
               {"advice", AdviceName(answer.advice)},
               {"recommended", PlanJson(report, answer.recommended())},
               {"yaml", PlanYaml(report.config(), tuning, answer.recommended().plan)},
               {"side_effects", SideEffectsJson(report, tuning)}};
  for (const RatedPlan& rated : answer.front) json["front"].push_back(PlanJson(report, rated));
  return json;
}

// Without its SLOs.
Json HeadJson(const TuneReport& report) {
  const bool derived = report.source == IncidentSource::kDerived;
  return {{"config", report.config_path},
          {"from", TimeText(report.recording.begin)},
          {"to", TimeText(report.recording.end)},
          {"step_seconds", Seconds(report.step)},
          {"incidents", derived ? Json{{"derived_from_budget_share", report.derived_share}, {"circular", true}}
                                : Json{{"labelled_in", report.incidents_path}, {"circular", false}}},
          {"severity", SeverityName(report.least)},
          {"sweep", report.sweep},
          {report.read.what, report.read.lines},
          {"rejected", report.read.rejected},
          {"rejections", report.read.reasons},
          {"notes", report.read.notes}};
}

std::string Dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

// An object that is not closed yet. REQUIRES: it is not empty.
std::string Opened(const Json& object) {
  std::string text = Dump(object, 2);
  text.erase(text.rfind("\n}"));
  return text;
}

enum class Detail { kFront, kAll };

void Write(const TuneReport& report, Detail detail, const std::function<void(std::string_view)>& write) {
  write(Opened(HeadJson(report)) + ",\n\"slos\": [");
  std::string_view between_slos;
  for (const SloTuning& tuning : report.slos) {
    write(std::exchange(between_slos, ",\n"));
    write(Opened(TuningJson(report, tuning)));
    if (detail == Detail::kAll && !tuning.answer.all.empty()) {
      std::string_view before = ",\n\"all\": [\n";
      for (const RatedPlan& rated : tuning.answer.all) {
        write(std::exchange(before, ",\n"));
        write(Dump(PlanJson(report, rated), -1));
      }
      write("]");
    }
    write("\n}");
  }
  write("]\n}");
}

}  // namespace

std::string TuneJson(const TuneReport& report) {
  std::string json;
  Write(report, Detail::kFront, [&](std::string_view piece) { json += piece; });
  return json;
}

void WriteTuneJson(const TuneReport& report, const std::function<void(std::string_view)>& write) {
  Write(report, Detail::kAll, write);
}

}  // namespace firebreak
