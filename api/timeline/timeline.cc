#include "api/timeline/timeline.h"

#include <algorithm>

#include "engine/alert_text.h"
#include "engine/burn_rate.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string WindowColumn(const WindowReading& reading) {
  return fmt::format("{} {}", DurationText(reading.window), WindowText(reading));
}

std::string BudgetColumn(double budget_left) {
  if (budget_left > 0) return fmt::format("budget {} left", ShareText(budget_left));
  return fmt::format("budget spent {} times",
                     BurnText(1 - budget_left).substr(0, BurnText(1 - budget_left).size() - 1));
}

Json WindowJson(const WindowReading& reading) {
  Json json = {{"bad", reading.bad}, {"total", reading.total}, {"burn", nullptr}};
  if (reading.burn) json["burn"] = *reading.burn;
  return json;
}

Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json TimeOrNull(std::optional<absl::Time> time) { return time ? Json(TimeText(*time)) : Json(); }

Json TierJson(const Tier& tier, const Counts& counts) {
  return {{"tier", tier.name},         {"total", counts.total},
          {"bad", counts.bad},         {"client_errors", counts.client_errors},
          {"timed", counts.timed},     {"slow", counts.slow},
          {"retries", counts.retries}, {"budget_left", BudgetLeft(counts.bad, counts.total, tier.objective)}};
}

std::string TierLine(const Tier& tier, const Counts& counts) {
  if (counts.total == 0) return fmt::format("  {:<24} no requests\n", tier.name);
  const double left = BudgetLeft(counts.bad, counts.total, tier.objective);
  std::string line =
      fmt::format("  {:<24} {} of {} bad ({}, objective {} %), budget of this traffic: {} spent", tier.name, counts.bad,
                  counts.total, ShareText(static_cast<double>(counts.bad) / static_cast<double>(counts.total)),
                  tier.objective.ToPercentString(), ShareText(1 - left));
  if (tier.latency_limit && counts.timed > 0) {
    line += fmt::format("; {} of {} slower than {}", counts.slow, counts.timed, DurationText(*tier.latency_limit));
  }
  return line + "\n";
}

}  // namespace

std::string TransitionSubject(const Transition& transition) {
  if (transition.tier.empty()) {
    const Labels& labels = transition.alert->labels;
    const std::string_view destination = labels.Get("destination");
    return fmt::format("{}{}{}", labels.Get("alertname"), destination.empty() ? "" : " ", destination);
  }
  if (transition.slo.empty()) return fmt::format("{}/{}", transition.tier, transition.alert->labels.Get("alertname"));
  std::string subject = fmt::format("{}/{}/{}", transition.tier, transition.slo, transition.pair);
  if (!transition.endpoint.empty()) subject += fmt::format(" {}", transition.endpoint);
  return subject;
}

std::string TransitionText(const Transition& transition) {
  std::string text = fmt::format("{}  {:<40} {} → {}", TimeText(transition.at), TransitionSubject(transition),
                                 AlertStatusName(transition.from), AlertStatusName(transition.to));
  if (transition.to == AlertStatus::kFiring) text += fmt::format(" [{}]", transition.alert->labels.Get("severity"));
  if (!transition.reason.empty() && transition.reason != "recovered") text += fmt::format(" ({})", transition.reason);
  if (!transition.slo.empty() && transition.short_window.window > absl::ZeroDuration()) {
    text += fmt::format("  {}; {}", WindowColumn(transition.short_window), WindowColumn(transition.long_window));
  }
  if (transition.budget_left) text += fmt::format("; {}", BudgetColumn(*transition.budget_left));
  return text;
}

std::string TransitionJson(const Transition& transition) {
  Json json = {{"time", TimeText(transition.at)},
               {"tier", transition.tier},
               {"slo", TextOrNull(transition.slo)},
               {"pair", TextOrNull(transition.pair)},
               {"from", AlertStatusName(transition.from)},
               {"to", AlertStatusName(transition.to)},
               {"short", WindowJson(transition.short_window)},
               {"long", WindowJson(transition.long_window)},
               {"alertname", transition.alert->labels.Get("alertname")},
               {"severity", transition.alert->labels.Get("severity")},
               {"endpoint", TextOrNull(transition.endpoint)},
               {"reason", TextOrNull(transition.reason)},
               {"budget_left", nullptr}};
  if (transition.budget_left) json["budget_left"] = *transition.budget_left;
  return Dump(json);
}

void CountAlert(const Transition& transition, AlertTotals& totals) {
  if (transition.to != AlertStatus::kFiring) return;
  if (transition.slo.empty()) {
    ++totals.no_data;
    return;
  }
  const bool page = transition.alert->labels.Get("severity") == SeverityName(Severity::kPage);
  ++(page ? totals.pages : totals.tickets);
}

std::string SummaryText(const Config& config, const ReplaySummary& summary, const ReadTotals& read,
                        const AlertTotals& alerts) {
  const int64_t rejected = read.rejected + summary.rejected;
  std::string text = fmt::format("\nRead {} {}: {} events, {} rejected, {} late", read.lines, read.what, summary.events,
                                 rejected, summary.late);
  if (summary.behind > 0) text += fmt::format(", {} counted after their evaluation (see --lateness)", summary.behind);
  if (summary.overflow > 0) text += fmt::format(", {} lost to a full counter", summary.overflow);
  if (summary.first_event) {
    text += fmt::format("; {} to {}", TimeText(*summary.first_event), TimeText(*summary.last_event));
  }
  text += ".\n";
  for (const std::string& reason : read.reasons) text += fmt::format("  rejected: {}\n", reason);
  if (rejected > static_cast<int64_t>(read.reasons.size()) && !read.reasons.empty()) text += "  rejected: …\n";
  for (const std::string& note : read.notes) text += fmt::format("  note: {}\n", note);
  for (size_t i = 0; i < config.tiers.size(); ++i) text += TierLine(config.tiers[i], summary.tiers[i]);
  text +=
      fmt::format("Alerts: {} page{}, {} ticket{}; no data: {} time{}.\n", alerts.pages, alerts.pages == 1 ? "" : "s",
                  alerts.tickets, alerts.tickets == 1 ? "" : "s", alerts.no_data, alerts.no_data == 1 ? "" : "s");
  return text;
}

std::string SummaryJson(const Config& config, const ReplaySummary& summary, const ReadTotals& read,
                        const AlertTotals& alerts) {
  Json json = {{read.what, read.lines},
               {"events", summary.events},
               {"rejected", read.rejected + summary.rejected},
               {"rejections", read.reasons},
               {"notes", read.notes},
               {"late", summary.late},
               {"behind", summary.behind},
               {"overflow", summary.overflow},
               {"first_event", TimeOrNull(summary.first_event)},
               {"last_event", TimeOrNull(summary.last_event)},
               {"ticks", summary.ticks},
               {"pages", alerts.pages},
               {"tickets", alerts.tickets},
               {"no_data", alerts.no_data},
               {"tiers", Json::array()}};
  for (size_t i = 0; i < config.tiers.size(); ++i) json["tiers"].push_back(TierJson(config.tiers[i], summary.tiers[i]));
  return Dump({{"summary", json}});
}

}  // namespace firebreak
