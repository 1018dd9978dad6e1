#include "engine/testing.h"

#include <cstdlib>
#include <utility>

#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {

Decimal MustParseDecimal(std::string_view text) {
  const absl::StatusOr<Decimal> decimal = Decimal::Parse(text);
  if (!decimal.ok()) std::abort();
  return *decimal;
}

Tier MakeTier(std::string_view name, std::string_view objective, std::vector<std::string> endpoints) {
  Tier tier;
  tier.name = name;
  tier.objective = MustParseDecimal(objective);
  tier.burn = {MustParseDecimal("14.4"), MustParseDecimal("6")};
  tier.latency_burn = tier.burn;
  tier.endpoints = std::move(endpoints);
  return tier;
}

Config TestConfig() {
  Config config;
  config.service = "shop";
  config.pairs = {{"fast", absl::Minutes(5), absl::Hours(1), MustParseDecimal("14.4"), absl::Minutes(2),
                   absl::ZeroDuration(), Severity::kPage},
                  {"slow", absl::Minutes(30), absl::Hours(6), MustParseDecimal("6"), absl::Minutes(15),
                   absl::ZeroDuration(), Severity::kTicket}};
  config.tiers = {MakeTier("checkout", "0.999", {"/pay", "/cart"})};
  return config;
}

std::shared_ptr<const RuleSet> MakeRules(Config config) {
  auto rules = RuleSet::Create(std::move(config));
  if (!rules.ok()) std::abort();
  return *std::move(rules);
}

Event MakeEvent(absl::Time time, std::string_view endpoint, int status, int64_t count) {
  Event event;
  event.time = time;
  event.endpoint = endpoint;
  event.status = status;
  event.count = count;
  return event;
}

FoldedBatch Fold(const std::shared_ptr<const RuleSet>& rules, const std::vector<Event>& events) {
  Folder folder(rules);
  for (const Event& event : events) folder.Add(event);
  return folder.Take();
}

std::string Describe(const Transition& transition, absl::Time start) {
  const std::string_view name = transition.alert->labels.Get("alertname");
  std::string text = fmt::format("+{} {}", DurationText(transition.at - start), transition.tier);
  if (transition.tier.empty()) {
    text += name;
  } else {
    text += transition.slo.empty() ? fmt::format("/{}", name) : fmt::format("/{}/{}", transition.slo, transition.pair);
  }
  const std::string_view destination = transition.alert->labels.Get("destination");
  if (!destination.empty()) text += fmt::format("[{}]", destination);
  if (!transition.endpoint.empty()) text += fmt::format("[{}]", transition.endpoint);
  text += fmt::format(" {}>{}", AlertStatusName(transition.from), AlertStatusName(transition.to));
  text += fmt::format(" {}", transition.alert->labels.Get("severity"));
  if (!transition.reason.empty()) text += fmt::format(" ({})", transition.reason);
  return text;
}

std::string Describe(const AlertChange& change) {
  return fmt::format("{} {}>{}{}{}", SeverityName(change.severity), AlertStatusName(change.from),
                     AlertStatusName(change.to), change.reason.empty() ? "" : " ", change.reason);
}

std::vector<std::string> TransitionLog::Texts() const {
  std::vector<std::string> texts;
  for (const Transition& transition : all_) texts.push_back(Describe(transition, kTestStart));
  return texts;
}

}  // namespace firebreak
