#include "api/lab/replay_page.h"

#include <cmath>
#include <map>
#include <optional>

#include "api/lab/page.h"
#include "api/lab/replay_page_files.h"
#include "engine/alert_text.h"
#include "engine/lab/alert_name.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

std::string_view File(std::string_view name) {
  for (const EmbeddedFile& file : ReplayPageFiles()) {
    if (file.name == name) return file.bytes;
  }
  return "";
}

int64_t Millis(absl::Time time) { return absl::ToUnixMillis(time); }

// Four significant digits are more than a chart shows, and keep the page small.
double Rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double unit = std::pow(10, std::floor(std::log10(std::fabs(value))) - 3);
  return std::round(value / unit) * unit;
}

// [[milliseconds, value or null], …]
Json PointsJson(const ThinnedSeries& series) {
  Json json = Json::array();
  for (const ThinnedSeries::Point& point : series.points()) {
    json.push_back({Millis(point.at), point.value ? Json(Rounded(*point.value)) : Json()});
  }
  return json;
}

Json BurnJson(const BurnRecorder::BurnTrace& trace, const Config& config) {
  const BurnRule& rule = trace.rule;
  return {{"name", AlertNameText(trace.alert, config)},
          {"tier", rule.tier().name},
          {"slo", SloName(rule.subject().slo)},
          {"pair", rule.pair().name},
          {"endpoint", trace.alert.endpoint},
          {"severity", SeverityName(rule.policy().severity)},
          {"burn", rule.burn().ToDouble()},
          {"burn_text", rule.burn().ToString() + "x"},
          {"percent", rule.threshold().ToPercentString() + " %"},
          {"for", DurationText(rule.policy().hold_for)},
          {"short", {{"window", DurationText(rule.pair().short_window)}, {"points", PointsJson(trace.short_window)}}},
          {"long", {{"window", DurationText(rule.pair().long_window)}, {"points", PointsJson(trace.long_window)}}}};
}

Json BudgetJson(const BurnRecorder::BudgetTrace& trace) {
  return {{"tier", trace.rule.tier().name},
          {"slo", SloName(trace.rule.subject().slo)},
          {"objective", trace.rule.objective().ToPercentString() + " %"},
          {"points", PointsJson(trace.left)}};
}

std::string WindowJsonText(const WindowReading& reading) {
  return fmt::format("{}: {}", DurationText(reading.window), WindowText(reading));
}

Json BarJson(const BurnRecorder::Bar& bar) {
  const Transition& begun = bar.begun;
  Json windows = Json::array();
  if (!begun.slo.empty() && begun.short_window.window > absl::ZeroDuration()) {
    windows = {WindowJsonText(begun.short_window), WindowJsonText(begun.long_window)};
  }
  return {{"name", TransitionSubject(begun)},
          {"status", AlertStatusName(begun.to)},
          {"severity", begun.alert->labels.Get("severity")},
          {"begin", Millis(begun.at)},
          {"end", bar.end ? Json(Millis(*bar.end)) : Json()},
          {"reason", bar.end_reason},
          {"windows", windows}};
}

Json MaintenanceJson(const BurnRecorder& recorder) {
  Json json = Json::array();
  if (recorder.maintenance() == nullptr) return json;
  for (const MaintenanceWindow& window : recorder.maintenance()->windows()) {
    json.push_back(
        {{"tier", window.tier}, {"from", Millis(window.from)}, {"to", Millis(window.to)}, {"comment", window.comment}});
  }
  return json;
}

Json TiersJson(const Config& config, const ReplaySummary& summary) {
  Json json = Json::array();
  for (size_t i = 0; i < config.tiers.size(); ++i) {
    const Tier& tier = config.tiers[i];
    const Counts& counts = summary.tiers[i];
    json.push_back({{"tier", tier.name},
                    {"objective", tier.objective.ToPercentString() + " %"},
                    {"total", counts.total},
                    {"bad", counts.bad},
                    {"timed", counts.timed},
                    {"slow", counts.slow},
                    {"limit", tier.latency_limit ? Json(DurationText(*tier.latency_limit)) : Json()}});
  }
  return json;
}

template <typename Items, typename ToJson>
Json ListJson(const Items& items, ToJson to_json) {
  Json json = Json::array();
  for (const auto& item : items) json.push_back(to_json(item));
  return json;
}

void AddMissing(std::string_view kind, const BurnRecorder::MissingBars& missing, size_t room, Json& notes) {
  if (missing.count == 0) return;
  notes.push_back(fmt::format("{} bars of {} alerts are missing, all from {} on: there is room for {} bars",
                              missing.count, kind, TimeText(*missing.from), room));
}

Json MissingJson(const BurnRecorder::MissingBars& missing) {
  return {{"count", missing.count}, {"from", missing.from ? Json(Millis(*missing.from)) : Json()}};
}

Json NotesJson(const BurnRecorder& recorder, const ReplayPageFacts& facts) {
  Json notes = facts.read.notes;
  if (recorder.burns_left_out() > 0) {
    notes.push_back(
        fmt::format("{} alerts of endpoints have no chart of their burn: the first {} with bad requests have",
                    recorder.burns_left_out(), BurnRecorder::kMaxEndpointTraces));
  }
  AddMissing("firing", recorder.missing_firing(), recorder.max_bars(), notes);
  AddMissing("pending", recorder.missing_pending(), recorder.max_bars(), notes);
  return notes;
}

}  // namespace

std::string RenderReplayPage(const BurnRecorder& recorder, const ReplayPageFacts& facts) {
  const Config& config = recorder.config();
  const auto time = [](std::optional<absl::Time> at) { return at ? Json(Millis(*at)) : Json(); };
  const Json data = {
      {"config", facts.config},
      {"inputs", facts.inputs},
      {"step", DurationText(facts.step)},
      {"period", DurationText(config.period)},
      {"from", time(recorder.first())},
      {"to", time(recorder.last())},
      {"recorded_to", time(facts.summary.last_event)},
      {"events", facts.summary.events},
      {"rejected", facts.read.rejected + facts.summary.rejected},
      {"pages", facts.alerts.pages},
      {"tickets", facts.alerts.tickets},
      {"no_data", facts.alerts.no_data},
      {"notes", NotesJson(recorder, facts)},
      {"tiers", TiersJson(config, facts.summary)},
      {"burns", ListJson(recorder.burns(), [&](const auto& t) { return BurnJson(*t, config); })},
      {"budgets", ListJson(recorder.budgets(), [](const auto& t) { return BudgetJson(*t); })},
      {"bars", ListJson(recorder.bars(), [](const BurnRecorder::Bar* bar) { return BarJson(*bar); })},
      {"missing",
       {{"firing", MissingJson(recorder.missing_firing())}, {"pending", MissingJson(recorder.missing_pending())}}},
      {"maintenance", MaintenanceJson(recorder)}};
  return RenderPage({fmt::format("Firebreak: replay under {}", facts.config),
                     data.dump(-1, ' ', false, Json::error_handler_t::replace), File("replay_page.js"),
                     File("replay_page.css")});
}

}  // namespace firebreak
