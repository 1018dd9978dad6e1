#include "engine/alert_text.h"

#include <algorithm>
#include <cmath>

#include "engine/burn_rate.h"
#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

// Three significant digits without an exponent or trailing zeros.
std::string ThreeDigits(double value) {
  if (value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::fabs(value))));
  std::string text = fmt::format("{:.{}f}", value, std::clamp(2 - magnitude, 0, 12));
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string Promise(const BurnRule& rule) {
  if (rule.subject().slo == Slo::kLatency) {
    return fmt::format("{} % at most {} ms", rule.objective().ToPercentString(),
                       absl::ToDoubleMilliseconds(*rule.tier().latency_limit));
  }
  return fmt::format("{} % available", rule.objective().ToPercentString());
}

std::string SubjectName(std::string_view endpoint, std::string_view tier) {
  return endpoint.empty() ? std::string(tier) : fmt::format("{} of {}", endpoint, tier);
}

std::string SubjectName(const BurnRule& rule) { return SubjectName(rule.subject().endpoint_name, rule.tier().name); }

// "ErrorBudgetBurn (availability, fast)", "NoData".
std::string RuleName(const Labels& labels) {
  const std::string_view pair = labels.Get("pair");
  return pair.empty() ? std::string(labels.Get("alertname"))
                      : fmt::format("{} ({}, {})", labels.Get("alertname"), labels.Get("slo"), pair);
}

// "20x over 5m and 15x over 1h", "no data over 5m and 15x over 1h".
std::string BurnsText(const BurnFacts& facts) {
  const auto part = [](const WindowReading& reading) {
    return fmt::format("{} over {}", reading.burn ? BurnText(*reading.burn) : "no data", DurationText(reading.window));
  };
  return fmt::format("{} and {}", part(facts.short_window), part(facts.long_window));
}

// Why an alert ended. Only "recovered" is good news.
std::string Ending(const BurnRule& rule, const BurnFacts& facts) {
  const std::string budget = fmt::format("{} error budget", SloName(rule.subject().slo));
  if (facts.reason == "no_data") {
    return fmt::format("has no requests any more, so nothing shows whether its {} still burns", budget);
  }
  if (facts.reason == "maintenance" && facts.maintenance_until) {
    return fmt::format("is under maintenance until {}: its {} is not watched", TimeText(*facts.maintenance_until),
                       budget);
  }
  if (facts.reason == "maintenance") {
    return fmt::format("does not burn its {} above {}x outside of maintenance", budget, rule.burn().ToString());
  }
  if (facts.reason == "escalated") {
    return fmt::format("burns its {} on: the ticket became a {}", budget, SeverityName(rule.policy().severity));
  }
  return fmt::format("no longer burns its {} above {}x over both {} and {}", budget, rule.burn().ToString(),
                     DurationText(rule.pair().short_window), DurationText(rule.pair().long_window));
}

bool HasEnded(AlertStatus status) { return status == AlertStatus::kResolved || status == AlertStatus::kInactive; }

std::string Summary(const BurnRule& rule, const BurnFacts& facts) {
  if (HasEnded(facts.status)) return fmt::format("{} {}", SubjectName(rule), Ending(rule, facts));
  return fmt::format("{} burns its {} error budget: {}", SubjectName(rule), SloName(rule.subject().slo),
                     BurnsText(facts));
}

// "At the burn of the last 1h it lasts 24 hours, of the last 6h 60 hours."; "" when nothing is left or known.
std::string ProjectionText(const BudgetView& budget) {
  std::string text;
  for (const BudgetProjection& projection : budget.projections) {
    if (budget.remaining <= 0 || !projection.burn) continue;
    text += fmt::format("{} of the last {} {}{}", text.empty() ? " At the burn" : ",", DurationText(projection.window),
                        text.empty() ? "it lasts " : "",
                        projection.lasts ? TimeLeftText(projection.lasts) : std::string("for ever"));
  }
  return text.empty() ? "" : text + ".";
}

std::string BudgetText(absl::Duration period, const BudgetView& budget) {
  const std::string spent =
      budget.remaining <= 0 ? fmt::format("exhausted ({} times spent)", ThreeDigits(budget.consumed))
                            : fmt::format("{} spent, {} left", ShareText(budget.consumed), ShareText(budget.remaining));
  std::string text = fmt::format("Error budget: {}, of the {} held out of {}", spent, DurationText(budget.data_held),
                                 DurationText(period));
  if (budget.excluded.total > 0) text += fmt::format(", {} requests under maintenance left out", budget.excluded.total);
  return text + "." + ProjectionText(budget);
}

std::string WindowLine(const BurnRule& rule, const WindowReading& window) {
  std::string text = fmt::format("{}: {}", DurationText(window.window), WindowText(window));
  if (rule.subject().slo == Slo::kLatency && window.burn) text += " slow";
  if (window.excluded_total > 0) text += fmt::format(", {} under maintenance left out", window.excluded_total);
  if (window.coverage < 1) text += fmt::format(", {} of the window covered by data", ShareText(window.coverage));
  return text;
}

std::string Description(const BurnRule& rule, absl::Duration period, const BurnFacts& facts) {
  std::string text =
      fmt::format("{}; {}. Alerts above {} % ({}x of {}). {} Since {}.", WindowLine(rule, facts.short_window),
                  WindowLine(rule, facts.long_window), rule.threshold().ToPercentString(), rule.burn().ToString(),
                  Promise(rule), BudgetText(period, facts.budget), TimeText(facts.active_since));
  if (!facts.guard.empty()) text += fmt::format(" A ticket and no page: {}.", facts.guard);
  return text;
}

// Status codes are counted by tier: an endpoint's alert has to say so.
std::string Causes(const BurnRule& rule, const BurnFacts& facts) {
  std::string text = TopThree(facts.endpoints);
  const std::string codes = TopThree(facts.codes);
  if (codes.empty()) return text;
  const std::string_view whose = rule.subject().endpoint ? " of the whole tier" : "";
  return fmt::format("{}{}status{} {}", text, text.empty() ? "" : "; ", whose, codes);
}

}  // namespace

Labels BurnAnnotations(const BurnRule& rule, absl::Duration period, const BurnFacts& facts) {
  return Labels{{"summary", Summary(rule, facts)},
                {"description", Description(rule, period, facts)},
                {"causes", Causes(rule, facts)},
                {"runbook_url", facts.runbook_url}};
}

std::string RemovalSummary(const Labels& labels, std::string_view reason) {
  if (reason == "merged") {
    return fmt::format("{}: one alert speaks for the parked alerts of all destinations now", labels.Get("service"));
  }
  const std::string_view tier = labels.Get("tier");
  const std::string subject = SubjectName(labels.Get("endpoint"), tier.empty() ? labels.Get("service") : tier);
  return fmt::format("{} is no longer watched by {}: that rule was removed from the configuration", subject,
                     RuleName(labels));
}

std::string WindowText(const WindowReading& reading) {
  if (!reading.burn) return "no data";
  return fmt::format("{} of {} ({}, burn {})", reading.bad, reading.total,
                     ShareText(static_cast<double>(reading.bad) / static_cast<double>(reading.total)),
                     BurnText(*reading.burn));
}

std::string ShareText(double share) {
  std::string digits = ThreeDigits(share * 100);
  if (share < 1 && digits == "100") digits = "99.9";
  return digits + " %";
}

std::string BurnText(double burn) { return ThreeDigits(burn) + "x"; }

std::string TimeLeftText(std::optional<absl::Duration> time_left) {
  if (!time_left) return "never";
  if (*time_left <= absl::ZeroDuration()) return "exhausted";
  if (*time_left < absl::Hours(2)) return ThreeDigits(absl::ToDoubleMinutes(*time_left)) + " minutes";
  if (*time_left < absl::Hours(72)) return ThreeDigits(absl::ToDoubleHours(*time_left)) + " hours";
  return ThreeDigits(absl::ToDoubleHours(*time_left) / 24) + " days";
}

std::string TopThree(std::vector<Tally> tallies) {
  int64_t sum = 0;
  for (const Tally& tally : tallies) sum += tally.second;
  std::sort(tallies.begin(), tallies.end(), [](const Tally& a, const Tally& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(tallies.size(), 3) && tallies[i].second > 0; ++i) {
    const double share = static_cast<double>(tallies[i].second) / static_cast<double>(sum);
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", tallies[i].first, ShareText(share));
  }
  return text;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::Trunc(time - absl::UnixEpoch(), absl::Seconds(1)) == time - absl::UnixEpoch()
                              ? "%Y-%m-%dT%H:%M:%SZ"
                              : "%Y-%m-%dT%H:%M:%E3SZ",
                          time, absl::UTCTimeZone());
}

}  // namespace firebreak
