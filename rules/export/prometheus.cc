#include "rules/export/prometheus.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/export/prometheus_notes.h"
#include "rules/export/promql.h"
#include "rules/runbook_url.h"
#include "rules/threshold.h"
#include "rules/wording.h"
#include "rules/yaml_text.h"

namespace firebreak {
namespace {

constexpr std::string_view kRatioMetric = "firebreak:slo_error_ratio:rate";
constexpr std::string_view kRequestsIncrease = "firebreak:slo_requests:increase";
constexpr std::string_view kBadRequestsIncrease = "firebreak:slo_bad_requests:increase";

// Labels and annotations are templates to Prometheus: what would begin an action is written as one that prints it.
std::string TemplateText(std::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("{{")) {
      escaped += R"({{"{{"}})";
      ++i;
    } else {
      escaped += text[i];
    }
  }
  return escaped;
}

// "name: value" lines below a key, at the depth of a rule's fields.
using TextMap = std::vector<std::pair<std::string_view, std::string>>;

std::string MapText(std::string_view key, const TextMap& entries) {
  std::string text = fmt::format("        {}:\n", key);
  for (const auto& [name, value] : entries) text += fmt::format("          {}: {}\n", name, YamlText(value));
  return text;
}

std::string ExpressionText(const std::vector<std::string>& lines) {
  return fmt::format("        expr: |\n          {}\n", fmt::join(lines, "\n          "));
}

// Writes the group of one tier.
class TierGroup {
 public:
  TierGroup(const Config& config, const Tier& tier, const PrometheusOptions& options)
      : config_(config), tier_(tier), options_(options) {}

  // "" when no SLO of the tier can be expressed.
  std::string Write();

 private:
  bool by_endpoint() const { return tier_.alert_by == AlertBy::kEndpoint; }
  std::string_view aggregation() const { return by_endpoint() ? "sum by (endpoint) " : "sum"; }
  bool IsGuarded(size_t pair) const;
  std::set<absl::Duration> GuardedWindows() const;

  std::string Range(const std::string& selector, absl::Duration window) const;
  std::string Ratio(const SloCounters& counters, absl::Duration window) const;
  void Record(std::string_view metric, absl::Duration window, const std::vector<std::string>& expression,
              const ExportedSlo& slo);
  void RecordSlo(const ExportedSlo& slo, const SloCounters& counters);

  std::string Recorded(std::string_view metric, absl::Duration window, const ExportedSlo& slo) const;
  std::vector<std::string> BurnLines(const ExportedSlo& slo, size_t pair) const;
  std::vector<std::string> GuardLines(const ExportedSlo& slo, size_t pair) const;
  void AddAlert(const ExportedSlo& slo, size_t pair, const std::vector<std::string>& expression, Severity severity);
  void AddPair(const ExportedSlo& slo, size_t pair);
  TextMap Annotations(const ExportedSlo& slo, size_t pair) const;

  const Config& config_;
  const Tier& tier_;
  const PrometheusOptions& options_;
  std::string records_;
  std::string alerts_;
};

bool TierGroup::IsGuarded(size_t pair) const {
  return config_.pairs[pair].severity == Severity::kPage && (tier_.min_total > 0 || tier_.min_bad > 0);
}

std::set<absl::Duration> TierGroup::GuardedWindows() const {
  std::set<absl::Duration> windows;
  for (size_t i = 0; i < config_.pairs.size(); ++i) {
    if (IsGuarded(i)) windows.insert(config_.pairs[i].long_window);
  }
  return windows;
}

std::string TierGroup::Range(const std::string& selector, absl::Duration window) const {
  const bool delayed = config_.evaluation_delay > absl::ZeroDuration();
  return fmt::format("{}[{}]{}", selector, DurationText(window),
                     delayed ? " offset " + DurationText(config_.evaluation_delay) : "");
}

void TierGroup::Record(std::string_view metric, absl::Duration window, const std::vector<std::string>& expression,
                       const ExportedSlo& slo) {
  records_ += fmt::format("      - record: {}{}\n", metric, DurationText(window));
  records_ += ExpressionText(expression);
  records_ += MapText(
      "labels",
      {{"service", TemplateText(config_.service)}, {"tier", TemplateText(tier_.name)}, {"slo", std::string(slo.name)}});
}

void TierGroup::RecordSlo(const ExportedSlo& slo, const SloCounters& counters) {
  std::set<absl::Duration> windows;
  for (const AlertPair& pair : config_.pairs) windows.insert({pair.short_window, pair.long_window});
  for (const absl::Duration window : windows) {
    Record(kRatioMetric, window,
           {fmt::format("{}(rate({}))", aggregation(), Range(counters.bad, window)),
            fmt::format("/ {}(rate({}))", aggregation(), Range(counters.total, window))},
           slo);
  }
  for (const absl::Duration window : GuardedWindows()) {
    const auto increase = [&](const std::string& selector) {
      return fmt::format("{}(increase({}))", aggregation(), Range(selector, window));
    };
    if (tier_.min_total > 0) Record(kRequestsIncrease, window, {increase(counters.total)}, slo);
    if (tier_.min_bad > 0) Record(kBadRequestsIncrease, window, {increase(counters.bad)}, slo);
  }
}

std::string TierGroup::Recorded(std::string_view metric, absl::Duration window, const ExportedSlo& slo) const {
  return PromqlSelector(
      fmt::format("{}{}", metric, DurationText(window)),
      {{"service", "=", config_.service}, {"tier", "=", tier_.name}, {"slo", "=", std::string(slo.name)}});
}

// Both windows above the threshold, written as the article does: the product shows both of its factors.
std::vector<std::string> TierGroup::BurnLines(const ExportedSlo& slo, size_t pair) const {
  const std::string threshold =
      fmt::format("({} * {})", slo.burn[pair].ToString(), slo.objective.OneMinus().ToString());
  const AlertPair& windows = config_.pairs[pair];
  return {fmt::format("{} > {}", Recorded(kRatioMetric, windows.short_window, slo), threshold), "and",
          fmt::format("{} > {}", Recorded(kRatioMetric, windows.long_window, slo), threshold)};
}

std::vector<std::string> TierGroup::GuardLines(const ExportedSlo& slo, size_t pair) const {
  const absl::Duration window = config_.pairs[pair].long_window;
  std::vector<std::string> lines;
  if (tier_.min_total > 0) {
    lines.push_back(fmt::format("{} >= {}", Recorded(kRequestsIncrease, window, slo), tier_.min_total));
  }
  if (tier_.min_bad > 0) {
    if (!lines.empty()) lines.push_back("and");
    lines.push_back(fmt::format("{} >= {}", Recorded(kBadRequestsIncrease, window, slo), tier_.min_bad));
  }
  return lines;
}

TextMap TierGroup::Annotations(const ExportedSlo& slo, size_t pair) const {
  const AlertPair& windows = config_.pairs[pair];
  const std::string burn = slo.burn[pair].ToString();
  const std::string summary = fmt::format("{}{} burns its {} error budget above {}x over both {} and {}",
                                          by_endpoint() ? "an endpoint of " : "", tier_.name, slo.name, burn,
                                          DurationText(windows.short_window), DurationText(windows.long_window));
  const std::string what =
      slo.name == "latency" ? "are slower than " + LatencyText(*tier_.latency_limit) : std::string("fail");
  const std::string description = fmt::format(
      "More than {} % {}. At {}x a {} budget lasts {}.", Threshold(slo.burn[pair], slo.objective).ToPercentString(),
      what, burn, PeriodText(config_.period), BudgetLastsText(config_.period, slo.burn[pair]));
  return {{"summary", TemplateText(summary)},
          {"description", TemplateText(description)},
          {"runbook_url", TemplateText(ExportedRunbookUrl(config_, tier_, slo.alertname))}};
}

void TierGroup::AddAlert(const ExportedSlo& slo, size_t pair, const std::vector<std::string>& expression,
                         Severity severity) {
  const AlertPair& windows = config_.pairs[pair];
  alerts_ += fmt::format("      - alert: {}\n", slo.alertname);
  alerts_ += ExpressionText(expression);
  if (windows.hold_for > absl::ZeroDuration()) {
    alerts_ += fmt::format("        for: {}\n", DurationText(windows.hold_for));
  }
  if (windows.keep_firing_for > absl::ZeroDuration()) {
    alerts_ += fmt::format("        keep_firing_for: {}\n", DurationText(windows.keep_firing_for));
  }
  alerts_ += MapText("labels", {{"severity", std::string(SeverityName(severity))},
                                {"service", TemplateText(config_.service)},
                                {"tier", TemplateText(tier_.name)},
                                {"slo", std::string(slo.name)},
                                {"pair", windows.name}});
  alerts_ += MapText("annotations", Annotations(slo, pair));
}

// A guarded pair is two alerts, as in Firebreak: the page where the guards are met, else the ticket.
void TierGroup::AddPair(const ExportedSlo& slo, size_t pair) {
  const std::vector<std::string> burns = BurnLines(slo, pair);
  if (!IsGuarded(pair)) return AddAlert(slo, pair, burns, config_.pairs[pair].severity);
  const std::vector<std::string> guards = GuardLines(slo, pair);
  std::vector<std::string> page = burns;
  page.push_back("and");
  page.insert(page.end(), guards.begin(), guards.end());
  AddAlert(slo, pair, page, Severity::kPage);
  std::vector<std::string> ticket = burns;
  ticket.push_back("unless (");
  ticket.insert(ticket.end(), guards.begin(), guards.end());
  ticket.push_back(")");
  AddAlert(slo, pair, ticket, Severity::kTicket);
}

std::string TierGroup::Write() {
  for (const ExportedSlo& slo : SlosOf(tier_)) {
    const CountersOf found = FindCounters(config_, tier_, slo, options_.metric);
    if (!found.known) continue;
    RecordSlo(slo, found.counters);
    for (size_t pair = 0; pair < config_.pairs.size(); ++pair) AddPair(slo, pair);
  }
  if (records_.empty()) return "";
  return fmt::format("  - name: {}\n    rules:\n{}{}",
                     YamlText(fmt::format("firebreak/{}/{}", config_.service, tier_.name)), records_, alerts_);
}

}  // namespace

std::string PrometheusRules(const Config& config, const PrometheusOptions& options) {
  std::string groups;
  for (const Tier& tier : config.tiers) groups += TierGroup(config, tier, options).Write();
  return fmt::format("{}\ngroups:{}\n{}", PrometheusNotes(config, options), groups.empty() ? " []" : "", groups);
}

std::string ExportedRunbookUrl(const Config& config, const Tier& tier, std::string_view alertname) {
  return RunbookUrl(config, tier, "http://127.0.0.1:9710", alertname);
}

}  // namespace firebreak
