#include "engine/lab/alert_name.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "fmt/format.h"
#include "rules/alertname.h"
#include "rules/suggestion.h"

namespace firebreak {
namespace {

bool ByEndpoint(const AlertName& name, const Config& config) {
  return name.slo && config.tiers[static_cast<size_t>(name.tier)].alert_by == AlertBy::kEndpoint;
}

// Every alert of a configuration, without endpoints.
std::vector<AlertName> AllAlerts(const Config& config) {
  std::vector<AlertName> names;
  for (int tier = 0; tier < static_cast<int>(config.tiers.size()); ++tier) {
    for (Slo slo : {Slo::kAvailability, Slo::kLatency}) {
      if (!HasSlo(slo, config.tiers[static_cast<size_t>(tier)])) continue;
      for (int pair = 0; pair < static_cast<int>(config.pairs.size()); ++pair) names.push_back({tier, slo, pair, ""});
    }
    names.push_back({tier, std::nullopt, 0, ""});
  }
  return names;
}

// Whether each part of `text` is how that of `name` begins: "checkout/avail/fast".
bool Abbreviates(std::string_view text, std::string_view name) {
  const std::vector<std::string> shortened = absl::StrSplit(absl::string_view(text.data(), text.size()), '/');
  const std::vector<std::string> parts = absl::StrSplit(absl::string_view(name.data(), name.size()), '/');
  const auto begins = [](const std::string& part, const std::string& whole) {
    return !part.empty() && whole.starts_with(part);
  };
  return std::equal(shortened.begin(), shortened.end(), parts.begin(), parts.end(), begins);
}

std::string Suggestion(std::string_view text, const std::vector<std::string>& names) {
  const auto abbreviated =
      std::find_if(names.begin(), names.end(), [&](const std::string& name) { return Abbreviates(text, name); });
  return abbreviated == names.end() ? DidYouMean(text, names) : fmt::format(", did you mean \"{}\"?", *abbreviated);
}

absl::Status Unknown(std::string_view text, const Config& config) {
  const std::vector<std::string> names = AlertNames(config);
  std::string list;
  for (const std::string& name : names) list += fmt::format("\n  {}", name);
  return absl::InvalidArgumentError(
      fmt::format("there is no alert \"{}\"{}; there are:{}", text, Suggestion(text, names), list));
}

// What follows the name of an alert: "" or an endpoint behind a space, or one that begins with a slash.
std::optional<std::string_view> EndpointBehind(std::string_view rest) {
  if (rest.empty() || rest.front() == '/') return rest;
  if (rest.front() == ' ' && rest.size() > 1) return rest.substr(1);
  return std::nullopt;
}

}  // namespace

std::string AlertNameText(const AlertName& name, const Config& config) {
  const std::string& tier = config.tiers[static_cast<size_t>(name.tier)].name;
  if (!name.slo) return fmt::format("{}/{}", tier, alertname::kNoData);
  const std::string& pair = config.pairs[static_cast<size_t>(name.pair)].name;
  return fmt::format("{}/{}/{}{}{}", tier, SloName(*name.slo), pair, name.endpoint.empty() ? "" : " ", name.endpoint);
}

std::vector<std::string> AlertNames(const Config& config) {
  std::vector<std::string> names;
  for (const AlertName& name : AllAlerts(config)) {
    names.push_back(AlertNameText(name, config) + (ByEndpoint(name, config) ? " …" : ""));
  }
  return names;
}

absl::StatusOr<AlertName> ParseAlertName(std::string_view text, const Config& config) {
  for (AlertName& name : AllAlerts(config)) {
    const std::string plain = AlertNameText(name, config);
    if (text.substr(0, plain.size()) != plain) continue;
    const std::optional<std::string_view> endpoint = EndpointBehind(text.substr(plain.size()));
    if (!endpoint) continue;
    if (endpoint->empty() == !ByEndpoint(name, config)) {
      name.endpoint = *endpoint;
      return name;
    }
    const std::string& tier = config.tiers[static_cast<size_t>(name.tier)].name;
    return absl::InvalidArgumentError(
        endpoint->empty() ? fmt::format("{}: wanted an endpoint behind it: {} has alert_by: endpoint", text, tier)
        : name.slo        ? fmt::format("{}: {} has alert_by: tier, its alerts have no endpoint", text, tier)
                          : fmt::format("{}: NoData is of the whole tier", text));
  }
  return Unknown(text, config);
}

}  // namespace firebreak
