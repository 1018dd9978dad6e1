#include "rules/export/prometheus_notes.h"

#include <algorithm>
#include <vector>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/yaml_text.h"

namespace firebreak {
namespace {

using Notes = std::vector<std::string>;

constexpr std::string_view kHead =
    "Written by `firebreak export prometheus`: change the configuration and export it again.\n"
    "The alerts of Firebreak's SLOs with their labels; each window's error ratio is recorded once.\n"
    "Where Prometheus may say otherwise than Firebreak:";

template <typename Predicate>
bool AnyTier(const Config& config, Predicate predicate) {
  return std::any_of(config.tiers.begin(), config.tiers.end(), predicate);
}

// True of every configuration.
Notes UsualNotes(const Config& config) {
  return {
      "exact ties: Prometheus compares floating-point numbers, so at exactly the threshold either may come out;\n"
      "Firebreak never fires there",
      "time: Prometheus knows counters at its scrapes only and estimates between them, misses what a counter held "
      "when\n"
      "it first appeared, and counts a late request when it came; Firebreak goes by each request's own time",
      fmt::format("evaluation: at Prometheus' evaluation_interval; Firebreak's is {}",
                  DurationText(config.evaluation_interval)),
      "maintenance windows, and the alerts NoData, IngestRefused, DeliveryParked and Watchdog, are not here",
  };
}

void AddHoldNotes(const Config& config, Notes& notes) {
  if (config.no_data_hold > absl::ZeroDuration()) {
    notes.push_back(fmt::format(
        "no_data_hold: Firebreak holds a firing alert without data for {} and says NoData; Prometheus ends it at once",
        DurationText(config.no_data_hold)));
  }
  const bool keeps = std::any_of(config.pairs.begin(), config.pairs.end(),
                                 [](const AlertPair& pair) { return pair.keep_firing_for > absl::ZeroDuration(); });
  if (keeps) notes.push_back("keep_firing_for: takes Prometheus 2.42 or later");
}

void AddGuardNotes(const Config& config, Notes& notes) {
  if (!AnyTier(config, [](const Tier& tier) { return tier.min_total > 0 || tier.min_bad > 0; })) return;
  notes.push_back(
      "min_total, min_bad: a page and a ticket by increase(), which estimates. When a ticket becomes a page,\n"
      "Prometheus waits for `for` once more; and it ends a page whose guard is no longer met, which Firebreak goes on\n"
      "with");
}

void AddCountingNotes(const Config& config, const PrometheusOptions& options, Notes& notes) {
  if (AnyTier(config, [](const Tier& tier) { return tier.alert_by == AlertBy::kEndpoint; })) {
    notes.push_back("alert_by: endpoint: endpoints beyond max_endpoints are one, __other__, in the counters as well");
  }
  if (options.metric != kRequestsMetric) {
    notes.push_back(
        fmt::format("{}: sources are not told apart; a tier's timeout must be counted as one there", options.metric));
  }
}

// What the counters cannot say, each thing once.
void AddLeftOut(const Config& config, const PrometheusOptions& options, Notes& notes) {
  for (const Tier& tier : config.tiers) {
    for (const ExportedSlo& slo : SlosOf(tier)) {
      const std::string note = FindCounters(config, tier, slo, options.metric).note;
      if (!note.empty() && std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
    }
  }
}

// "- one\n  two": further lines of an item stand below its first.
std::string AsItem(std::string_view note) {
  std::string item = "- ";
  for (const char c : note) item += c == '\n' ? "\n  " : std::string(1, c);
  return item;
}

}  // namespace

std::string PrometheusNotes(const Config& config, const PrometheusOptions& options) {
  Notes notes = UsualNotes(config);
  AddHoldNotes(config, notes);
  AddGuardNotes(config, notes);
  AddCountingNotes(config, options, notes);
  AddLeftOut(config, options, notes);
  std::string text = YamlComment(kHead);
  for (const std::string& note : notes) text += YamlComment(AsItem(note));
  return text;
}

}  // namespace firebreak
