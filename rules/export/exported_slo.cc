#include "rules/export/exported_slo.h"

#include "fmt/format.h"
#include "rules/alertname.h"
#include "rules/export/promql.h"

namespace firebreak {
namespace {

using Matchers = std::vector<LabelMatcher>;

Matchers WithStatus(Matchers matchers, std::string_view op, std::string_view value) {
  matchers.push_back({"status_class", op, std::string(value)});
  return matchers;
}

// The bad classes as a pattern: "5xx|timeout".
std::string ClassPattern(const ErrorRule& errors) {
  std::string pattern;
  for (int i = 0; i < kNumStatusClasses; ++i) {
    if (!errors.classes[static_cast<size_t>(i)]) continue;
    pattern += fmt::format("{}{}", pattern.empty() ? "" : "|", StatusClassName(static_cast<StatusClass>(i)));
  }
  return pattern;
}

Matchers BadMatchers(const ErrorRule& errors, const Matchers& tier) {
  if (errors.non_2xx) return WithStatus(tier, "!=", "2xx");
  const std::string pattern = ClassPattern(errors);
  return WithStatus(tier, pattern.find('|') == std::string::npos ? "=" : "=~", pattern);
}

// What counts at all: everything, or all but the callers' own errors.
Matchers CountedMatchers(const Classification& classification, const Matchers& tier) {
  const bool are_bad =
      classification.errors.non_2xx || classification.errors.classes[static_cast<size_t>(StatusClass::k4xx)];
  const bool excluded = classification.client_errors == ClientErrors::kExclude && !are_bad;
  return excluded ? WithStatus(tier, "!=", "4xx") : tier;
}

CountersOf ByStatusClass(const Classification& classification, const Matchers& tier, std::string_view metric) {
  return {true,
          {PromqlSelector(metric, BadMatchers(classification.errors, tier)),
           PromqlSelector(metric, CountedMatchers(classification, tier))},
          ""};
}

// The counters that Firebreak keeps for each SLO.
CountersOf BySlo(const Tier& tier, const ExportedSlo& slo) {
  const Matchers matchers = {{"tier", "=", tier.name},
                             {"slo", "=", std::string(slo.name)},
                             {"source", "=", std::string(SourceName(tier.slo_source))}};
  return {true, {PromqlSelector(kSloBadRequestsMetric, matchers), PromqlSelector(kSloRequestsMetric, matchers)}, ""};
}

std::string CodesText(const std::vector<int>& codes) { return fmt::format("{}", fmt::join(codes, ", ")); }

// A counter of somebody else's.
CountersOf ByForeignCounter(const Config& config, const Tier& tier, const ExportedSlo& slo, std::string_view metric) {
  const ErrorRule& errors = config.classification.errors;
  if (slo.name != "availability") {
    return {false, {}, fmt::format("the latency SLO of {} is left out: {} knows no latencies", tier.name, metric)};
  }
  const bool has_codes = !errors.non_2xx && !errors.codes.empty();
  if (has_codes && errors.classes.none()) {
    return {false,
            {},
            fmt::format("availability of {} is left out: status_class does not tell {} apart", tier.name,
                        CodesText(errors.codes))};
  }
  CountersOf found = ByStatusClass(config.classification, {{"tier", "=", tier.name}}, metric);
  if (has_codes) {
    found.note = fmt::format("{} are bad to Firebreak and not here: status_class does not tell them apart",
                             CodesText(errors.codes));
  }
  return found;
}

}  // namespace

std::vector<ExportedSlo> SlosOf(const Tier& tier) {
  std::vector<ExportedSlo> slos = {{"availability", alertname::kErrorBudgetBurn, tier.objective, tier.burn}};
  if (tier.latency_limit.has_value()) {
    slos.push_back({"latency", alertname::kLatencyBudgetBurn, LatencyObjective(), tier.latency_burn});
  }
  return slos;
}

CountersOf FindCounters(const Config& config, const Tier& tier, const ExportedSlo& slo, std::string_view metric) {
  if (metric != kRequestsMetric) return ByForeignCounter(config, tier, slo, metric);
  const ErrorRule& errors = config.classification.errors;
  const bool by_class = slo.name == "availability" && (errors.non_2xx || errors.codes.empty());
  if (!by_class) return BySlo(tier, slo);
  return ByStatusClass(config.classification,
                       {{"tier", "=", tier.name}, {"source", "=", std::string(SourceName(tier.slo_source))}}, metric);
}

}  // namespace firebreak
