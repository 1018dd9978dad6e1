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
    return fmt::format("{} % at most {}", rule.objective().ToPercentString(),
                       FormatDuration(*rule.tier().latency_limit));
  }
  return fmt::format("{} % available", rule.objective().ToPercentString());
}

std::string SubjectName(const BurnRule& rule) {
  if (!rule.subject().endpoint) return rule.tier().name;
  return fmt::format("{} of {}", rule.subject().endpoint_name, rule.tier().name);
}

std::string Summary(const BurnRule& rule, const BurnFacts& facts) {
  if (facts.status == AlertStatus::kResolved) {
    return fmt::format("{} no longer burns its {} error budget above {}x over {} and {}", SubjectName(rule),
                       SloName(rule.subject().slo), rule.burn().ToString(), FormatDuration(rule.pair().short_window),
                       FormatDuration(rule.pair().long_window));
  }
  const std::string burn = facts.short_window.burn ? "at " + BurnText(*facts.short_window.burn) : "(no data just now)";
  return fmt::format("{} burns its {} error budget {} over {} and {}", SubjectName(rule), SloName(rule.subject().slo),
                     burn, FormatDuration(rule.pair().short_window), FormatDuration(rule.pair().long_window));
}

std::string BudgetText(const BurnRule& rule, absl::Duration period, const BurnFacts& facts) {
  const std::string left = facts.budget_left <= 0
                               ? fmt::format("exhausted ({} times spent)", ThreeDigits(1 - facts.budget_left))
                               : fmt::format("{} left", ShareText(facts.budget_left));
  std::string text =
      fmt::format("Error budget: {}, of the {} held out of {}.", left,
                  FormatDuration(absl::Trunc(facts.data_held, absl::Minutes(1))), FormatDuration(period));
  if (facts.budget_left > 0 && facts.long_window.burn) {
    text += fmt::format(" At the burn of the last {} it lasts {}.", FormatDuration(rule.pair().long_window),
                        TimeLeftText(TimeLeft(facts.budget_left, *facts.long_window.burn, period)));
  }
  return text;
}

std::string WindowLine(const BurnRule& rule, const WindowReading& window) {
  std::string text = fmt::format("{}: {}", FormatDuration(window.window), WindowText(window));
  if (rule.subject().slo == Slo::kLatency) text += " slow";
  if (window.coverage < 1) text += fmt::format(", {} of the window covered by data", ShareText(window.coverage));
  return text;
}

std::string Description(const BurnRule& rule, absl::Duration period, const BurnFacts& facts) {
  std::string text =
      fmt::format("{}; {}. Alerts above {} % ({}x of {}). {} Since {}.", WindowLine(rule, facts.short_window),
                  WindowLine(rule, facts.long_window), rule.threshold().ToPercentString(), rule.burn().ToString(),
                  Promise(rule), BudgetText(rule, period, facts), TimeText(facts.active_since));
  if (!facts.guard.empty()) text += fmt::format(" A ticket and no page: {}.", facts.guard);
  return text;
}

std::string Causes(const BurnFacts& facts) {
  std::string text = TopThree(facts.endpoints);
  const std::string codes = TopThree(facts.codes);
  if (!codes.empty()) text += fmt::format("{}status {}", text.empty() ? "" : "; ", codes);
  return text;
}

}  // namespace

Labels BurnAnnotations(const BurnRule& rule, absl::Duration period, const BurnFacts& facts) {
  return Labels{{"summary", Summary(rule, facts)},
                {"description", Description(rule, period, facts)},
                {"causes", Causes(facts)},
                {"runbook_url", facts.runbook_url}};
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
  if (!time_left) return "for ever";
  if (*time_left <= absl::ZeroDuration()) return "no longer: it is exhausted";
  if (*time_left < absl::Hours(1)) return ThreeDigits(absl::ToDoubleMinutes(*time_left)) + " minutes";
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
