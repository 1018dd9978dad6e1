#include "rules/explain.h"

#include <algorithm>

#include "fmt/format.h"
#include "rules/burn_paths.h"
#include "rules/destinations.h"
#include "rules/duration.h"
#include "rules/threshold.h"
#include "rules/wording.h"

namespace firebreak {
namespace {

// "over both 5m and 1h, once that has lasted 2m"
std::string WindowsText(const AlertPair& pair) {
  std::string text =
      fmt::format("over both {} and {}", DurationText(pair.short_window), DurationText(pair.long_window));
  if (pair.hold_for > absl::ZeroDuration())
    text += fmt::format(", once that has lasted {}", DurationText(pair.hold_for));
  return text;
}

std::string_view ActionText(const AlertPair& pair) {
  return pair.severity == Severity::kPage ? "pages" : "opens a ticket";
}

std::string SubjectText(const Tier& tier) {
  return tier.alert_by == AlertBy::kTier ? tier.name : fmt::format("any one endpoint of {}", tier.name);
}

// What the guards of a tier do to a page.
std::string GuardText(const Tier& tier, const AlertPair& pair) {
  if (pair.severity != Severity::kPage || (tier.min_total == 0 && tier.min_bad == 0)) return "";
  std::string few = tier.min_total > 0 ? fmt::format("{} requests", tier.min_total) : "";
  if (tier.min_bad > 0) few += fmt::format("{}{} bad ones", few.empty() ? "" : " or ", tier.min_bad);
  return fmt::format("; a ticket only while {} holds fewer than {}", DurationText(pair.long_window), few);
}

void ExplainAvailability(const Config& config, const Tier& tier, size_t i, YamlReader& reader) {
  const AlertPair& pair = config.pairs[i];
  const Threshold threshold(tier.burn[i], tier.objective);
  reader.Note(TierPath(tier), fmt::format("{} {} when more than {} % of {} fail {}{} ({}x: a {} budget lasts {})",
                                          pair.name, ActionText(pair), threshold.ToPercentString(), SubjectText(tier),
                                          WindowsText(pair), GuardText(tier, pair), tier.burn[i].ToString(),
                                          PeriodText(config.period), BudgetLastsText(config.period, tier.burn[i])));
}

void ExplainLatency(const Config& config, const Tier& tier, size_t i, YamlReader& reader) {
  const AlertPair& pair = config.pairs[i];
  const Threshold threshold(tier.latency_burn[i], LatencyObjective());
  std::string hint;
  if (threshold.ToDouble() > 0.5 && !SetsLatencyBurn(tier, pair, reader)) {
    hint = fmt::format("; this late because it inherits {}x, latency_burn_rate_{} sets its own",
                       tier.latency_burn[i].ToString(), pair.name);
  }
  const std::string_view subject = tier.alert_by == AlertBy::kEndpoint ? " of any one endpoint" : "";
  reader.Note(TierPath(tier), fmt::format("{} {} when more than {} %{} are slower than {} {}{}", pair.name,
                                          ActionText(pair), threshold.ToPercentString(), subject,
                                          LatencyText(*tier.latency_limit), WindowsText(pair), hint));
}

// An endpoint that fails entirely makes as large a share of the tier fail as it has of the traffic.
void ExplainDilution(const Config& config, const Tier& tier, YamlReader& reader) {
  const bool many = tier.endpoints.size() > 1 || tier.endpoints.front().starts_with('~');
  if (!many) return;
  if (tier.alert_by == AlertBy::kEndpoint) {
    return reader.Note(TierPath(tier), "no dilution: each endpoint is evaluated alone (alert_by: endpoint)");
  }
  std::string shares;
  for (size_t i = 0; i < config.pairs.size(); ++i) {
    shares += fmt::format("{}{} % ({})", i == 0 ? "" : " or ",
                          Threshold(tier.burn[i], tier.objective).ToPercentString(), config.pairs[i].name);
  }
  reader.Note(TierPath(tier),
              fmt::format("dilution: one endpoint, all of whose requests fail, is seen only with more than {} of the "
                          "tier's traffic; alert_by: endpoint evaluates each alone",
                          shares));
}

// The lowest burn of any pair: up to it nobody is told.
void ExplainBlindSpot(const Config& config, const Tier& tier, YamlReader& reader) {
  const Decimal& lowest = *std::min_element(tier.burn.begin(), tier.burn.end());
  const Decimal one = Decimal::FromParts(1, 0);
  if (!(one < lowest)) return;
  reader.Note(TierPath(tier),
              fmt::format("below every pair: a lasting burn of {0}x or less alerts nobody, though at "
                          "{0}x it spends {0} times the {1} budget and empties it in {2}",
                          lowest.ToString(), PeriodText(config.period), BudgetLastsText(config.period, lowest)));
}

// Events say their source themselves, so that no file shows which a tier will get.
void ExplainSource(const Tier& tier, YamlReader& reader) {
  if (tier.slo_source == Source::kRum) return;
  reader.Note(TierPath(tier),
              "only synthetic events count (slo_source): a tier that gets none has no data, whatever "
              "its real users see");
}

void ExplainTier(const Config& config, const Tier& tier, YamlReader& reader) {
  for (size_t i = 0; i < config.pairs.size(); ++i) ExplainAvailability(config, tier, i, reader);
  for (size_t i = 0; i < config.pairs.size() && tier.latency_limit.has_value(); ++i) {
    ExplainLatency(config, tier, i, reader);
  }
  ExplainDilution(config, tier, reader);
  ExplainBlindSpot(config, tier, reader);
  ExplainSource(tier, reader);
}

void ExplainDestinations(const NotifyConfig& notify, YamlReader& reader) {
  const std::vector<DestinationEntry> destinations = AllDestinations(notify);
  if (destinations.empty()) return;
  reader.Note("notify", fmt::format("pages go to {}; tickets go to {}", ReceiversText(destinations, Severity::kPage),
                                    ReceiversText(destinations, Severity::kTicket)));
}

}  // namespace

void ExplainConfig(const Config& config, YamlReader& reader) {
  for (const Tier& tier : config.tiers) ExplainTier(config, tier, reader);
  ExplainDestinations(config.notify, reader);
}

}  // namespace firebreak
