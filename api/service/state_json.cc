#include "api/service/state_json.h"

#include <optional>

#include "engine/alert_text.h"
#include "engine/burn_rate.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/alertname.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json OrNull(std::optional<double> value) { return value ? Json(*value) : Json(); }
Json TimeOrNull(std::optional<absl::Time> time) { return time ? Json(TimeText(*time)) : Json(); }

Json WindowJson(const WindowReading& reading) {
  return {{"window", DurationText(reading.window)},
          {"bad", reading.bad},
          {"total", reading.total},
          {"burn", OrNull(reading.burn)},
          {"coverage", reading.coverage},
          {"excluded", {{"bad", reading.excluded_bad}, {"total", reading.excluded_total}}}};
}

Json PairJson(const PairView& pair) {
  return {{"pair", pair.name},
          {"severity", SeverityName(pair.severity)},
          {"burn_threshold", pair.burn.ToDouble()},
          {"error_percent_threshold", pair.threshold},
          {"status", AlertStatusName(pair.status)},
          {"short", WindowJson(pair.short_window)},
          {"long", WindowJson(pair.long_window)}};
}

// What is left of the budget at the burn of a window, in hours: null = for ever.
Json HoursLeft(const SloView& slo, const WindowReading& reading, absl::Duration period) {
  const std::optional<absl::Duration> left = TimeLeft(slo.budget.remaining, reading.burn.value_or(0), period);
  return left ? Json(absl::ToDoubleHours(*left)) : Json();
}

Json SloJson(const SloView& slo, const Tier& tier, absl::Duration period) {
  Json json = {
      {"slo", SloName(slo.slo)},
      {"objective", slo.objective.ToDouble()},
      {"latency_limit_ms", nullptr},
      {"budget", {{"bad", slo.budget.counts.bad}, {"total", slo.budget.counts.total}, {"left", slo.budget.remaining}}},
      {"pairs", Json::array()}};
  json["budget"]["excluded"] = {{"bad", slo.budget.excluded.bad}, {"total", slo.budget.excluded.total}};
  if (slo.slo == Slo::kLatency) json["latency_limit_ms"] = absl::ToDoubleMilliseconds(*tier.latency_limit);
  for (const PairView& pair : slo.pairs) {
    Json pair_json = PairJson(pair);
    pair_json["hours_left"] = HoursLeft(slo, pair.long_window, period);
    json["pairs"].push_back(std::move(pair_json));
  }
  return json;
}

Json TierJson(const TierView& view, const Tier& tier, absl::Duration period) {
  Json json = {{"tier", view.name},
               {"source", SourceName(tier.slo_source)},
               {"feed", FeedStateName(view.feed)},
               {"last_event", TimeOrNull(view.last_event)},
               {"coverage", view.coverage},
               {"maintenance_until", TimeOrNull(view.maintenance_until)},
               {"slos", Json::array()}};
  for (const SloView& slo : view.slos) json["slos"].push_back(SloJson(slo, tier, period));
  return json;
}

Json LabelsJson(const Labels& labels) {
  Json json = Json::object();
  for (const auto& [name, value] : labels) json[name] = value;
  return json;
}

Json AlertJson(const AlertView& alert) {
  return {{"fingerprint", alert.labels.FingerprintHex()},
          {"status", AlertStatusName(alert.status)},
          {"labels", LabelsJson(alert.labels)},
          {"annotations", LabelsJson(alert.annotations)},
          {"active_since", TimeText(alert.active_since)},
          {"firing_since", TimeOrNull(alert.firing_since)},
          {"resolved_at", TimeOrNull(alert.resolved_at)},
          {"reason", alert.reason.empty() ? Json() : Json(alert.reason)},
          {"burn", OrNull(alert.value)}};
}

// Prometheus shows values as text.
std::string ValueText(const AlertView& alert) { return alert.value ? fmt::format("{:e}", *alert.value) : "1e+00"; }

bool IsActive(const AlertView& alert) {
  return alert.status == AlertStatus::kPending || alert.status == AlertStatus::kFiring;
}

Json PrometheusAlert(const AlertView& alert) {
  return {{"labels", LabelsJson(alert.labels)},
          {"annotations", LabelsJson(alert.annotations)},
          {"state", AlertStatusName(alert.status)},
          {"activeAt", TimeText(alert.active_since)},
          {"value", ValueText(alert)}};
}

Json AlertsWhere(const Snapshot& snapshot, std::string_view alertname, std::string_view tier, std::string_view pair) {
  Json json = Json::array();
  for (const AlertViewPtr& alert : snapshot.alerts) {
    const Labels& labels = alert->labels;
    if (!IsActive(*alert) || labels.Get("alertname") != alertname || labels.Get("tier") != tier) continue;
    if (labels.Get("pair") == pair) json.push_back(PrometheusAlert(*alert));
  }
  return json;
}

std::string_view RuleState(const Json& alerts) {
  std::string_view state = "inactive";
  for (const Json& alert : alerts) {
    if (alert["state"] == "firing") return "firing";
    state = "pending";
  }
  return state;
}

Json RuleBase(const Snapshot& snapshot, std::string_view name, std::string query, Json labels, Json alerts) {
  const std::string_view state = RuleState(alerts);
  return {{"state", state},
          {"name", name},
          {"query", std::move(query)},
          {"duration", 0},
          {"keepFiringFor", 0},
          {"labels", std::move(labels)},
          {"annotations", Json::object()},
          {"alerts", std::move(alerts)},
          {"health", "ok"},
          {"lastError", ""},
          {"evaluationTime", 0},
          {"lastEvaluation", TimeText(snapshot.at)},
          {"type", "alerting"}};
}

// The rule in PromQL over our own /metrics: what it means, for those who read that language.
std::string BurnQuery(const Tier& tier, Slo slo, const PairView& pair, const AlertPair& policy) {
  const auto side = [&](absl::Duration window) {
    return fmt::format("firebreak_error_ratio{{tier=\"{}\",slo=\"{}\",window=\"{}\"}} > {}e-2", tier.name, SloName(slo),
                       DurationText(window), pair.threshold);
  };
  return side(policy.short_window) + " and ignoring (window) " + side(policy.long_window);
}

Json BurnRuleJson(const Snapshot& snapshot, const Tier& tier, const SloView& slo, size_t index) {
  const Config& config = snapshot.rules->config;
  const PairView& pair = slo.pairs[index];
  const AlertPair& policy = config.pairs[index];
  const std::string_view name =
      slo.slo == Slo::kAvailability ? alertname::kErrorBudgetBurn : alertname::kLatencyBudgetBurn;
  const Json labels = {{"service", config.service},
                       {"tier", tier.name},
                       {"slo", SloName(slo.slo)},
                       {"pair", pair.name},
                       {"severity", SeverityName(pair.severity)}};
  Json rule = RuleBase(snapshot, name, BurnQuery(tier, slo.slo, pair, policy), labels,
                       AlertsWhere(snapshot, name, tier.name, pair.name));
  rule["duration"] = absl::ToDoubleSeconds(policy.hold_for);
  rule["keepFiringFor"] = absl::ToDoubleSeconds(policy.keep_firing_for);
  return rule;
}

Json GroupJson(const Snapshot& snapshot, const TierView& view, const Tier& tier) {
  const Config& config = snapshot.rules->config;
  Json rules = Json::array();
  for (const SloView& slo : view.slos) {
    for (size_t i = 0; i < slo.pairs.size(); ++i) rules.push_back(BurnRuleJson(snapshot, tier, slo, i));
  }
  rules.push_back(RuleBase(
      snapshot, alertname::kNoData, fmt::format("firebreak_feed_lost{{tier=\"{}\"}} == 1", tier.name),
      {{"service", config.service}, {"tier", tier.name}}, AlertsWhere(snapshot, alertname::kNoData, tier.name, "")));
  return {{"name", tier.name},
          {"file", "firebreak"},
          {"rules", std::move(rules)},
          {"interval", absl::ToDoubleSeconds(config.evaluation_interval)},
          {"limit", 0},
          {"evaluationTime", 0},
          {"lastEvaluation", TimeText(snapshot.at)}};
}

std::string Success(Json data) { return Dump({{"status", "success"}, {"data", std::move(data)}}); }

std::string PairLine(const SloView& slo, const PairView& pair) {
  return fmt::format("  {:<13} {:<6} {:<9} {} {}; {} {}; alerts above {} %\n", SloName(slo.slo), pair.name,
                     AlertStatusName(pair.status), DurationText(pair.short_window.window),
                     WindowText(pair.short_window), DurationText(pair.long_window.window), WindowText(pair.long_window),
                     pair.threshold);
}

std::string TierText(const TierView& tier) {
  std::string text = fmt::format(
      "\n{}  feed: {}{}\n", tier.name, FeedStateName(tier.feed),
      tier.maintenance_until ? fmt::format("  under maintenance until {}", TimeText(*tier.maintenance_until)) : "");
  for (const SloView& slo : tier.slos) {
    for (const PairView& pair : slo.pairs) text += PairLine(slo, pair);
    text += fmt::format("  {:<13} budget of the data held: {} of {} bad, {}\n", SloName(slo.slo), slo.budget.counts.bad,
                        slo.budget.counts.total,
                        slo.budget.remaining > 0 ? ShareText(slo.budget.remaining) + " left" : "exhausted");
  }
  return text;
}

}  // namespace

std::string SlosJson(const Snapshot& snapshot) {
  const Config& config = snapshot.rules->config;
  Json json = {{"service", config.service},
               {"time", TimeText(snapshot.at)},
               {"period", DurationText(config.period)},
               {"tiers", Json::array()}};
  for (size_t i = 0; i < snapshot.tiers.size(); ++i) {
    json["tiers"].push_back(TierJson(snapshot.tiers[i], config.tiers[i], config.period));
  }
  return Dump(json);
}

std::string AlertsJson(const Snapshot& snapshot, std::string_view status, std::string_view fingerprint) {
  Json json = {{"time", TimeText(snapshot.at)}, {"alerts", Json::array()}};
  for (const AlertViewPtr& alert : snapshot.alerts) {
    if (!status.empty() && AlertStatusName(alert->status) != status) continue;
    if (!fingerprint.empty() && alert->labels.FingerprintHex() != fingerprint) continue;
    json["alerts"].push_back(AlertJson(*alert));
  }
  return Dump(json);
}

std::string PrometheusAlertsJson(const Snapshot& snapshot) {
  Json alerts = Json::array();
  for (const AlertViewPtr& alert : snapshot.alerts) {
    if (IsActive(*alert)) alerts.push_back(PrometheusAlert(*alert));
  }
  return Success({{"alerts", std::move(alerts)}});
}

std::string PrometheusRulesJson(const Snapshot& snapshot) {
  Json groups = Json::array();
  for (size_t i = 0; i < snapshot.tiers.size(); ++i) {
    groups.push_back(GroupJson(snapshot, snapshot.tiers[i], snapshot.rules->config.tiers[i]));
  }
  return Success({{"groups", std::move(groups)}});
}

std::string StateText(const Snapshot& snapshot) {
  std::string text =
      fmt::format("Firebreak, service {}, evaluated {}\n", snapshot.rules->config.service, TimeText(snapshot.at));
  for (const TierView& tier : snapshot.tiers) text += TierText(tier);
  for (const AlertViewPtr& alert : snapshot.alerts) {
    const std::string_view pair = alert->labels.Get("pair");
    const std::string_view causes = alert->annotations.Get("causes");
    text += fmt::format("\n{} {} {}[{}]\n  {}\n  {}\n", AlertStatusName(alert->status), alert->labels.Get("alertname"),
                        pair.empty() ? "" : fmt::format("{} ", pair), alert->labels.Get("severity"),
                        alert->annotations.Get("summary"), alert->annotations.Get("description"));
    if (!causes.empty()) text += fmt::format("  {}\n", causes);
  }
  text +=
      "\nIn a browser this address is the dashboard. More: /v1/slos /v1/budgets /v1/alerts /v1/maintenance "
      "/api/v1/alerts /api/v1/rules /metrics /runbooks\n";
  return text;
}

}  // namespace firebreak
