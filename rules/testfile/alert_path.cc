#include "rules/testfile/alert_path.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"
#include "rules/testfile/context.h"

namespace firebreak {
namespace {

absl::Status Wrong(std::string message) { return absl::InvalidArgumentError(std::move(message)); }

// Takes the part up to the next "/" off the beginning of `text`.
std::string_view TakePart(std::string_view& text) {
  const size_t length = std::min(text.find('/'), text.size());
  const std::string_view part = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return part;
}

// Tier names may have a "/" in them: the longest that fits is meant.
const Tier* TakeTier(std::string_view& text, const Config& config) {
  const Tier* found = nullptr;
  for (const Tier& tier : config.tiers) {
    const bool fits = text.starts_with(tier.name) && (text.size() == tier.name.size() || text[tier.name.size()] == '/');
    if (fits && (found == nullptr || tier.name.size() > found->name.size())) found = &tier;
  }
  if (found != nullptr) text.remove_prefix(std::min(found->name.size() + 1, text.size()));
  return found;
}

absl::Status NoSuchTier(std::string_view text, const Config& config) {
  std::vector<std::string> names;
  for (const Tier& tier : config.tiers) names.push_back(tier.name);
  const std::string name(TakePart(text));
  return Wrong(fmt::format("no tier {}{}", Quoted(name), Hint(name, names)));
}

absl::Status ReadSlo(std::string_view part, const Tier& tier, AlertPath& path) {
  const std::vector<std::string> known = {"availability", "latency", std::string(AlertPath::kNoData)};
  path.slo = part;
  if (std::find(known.begin(), known.end(), path.slo) == known.end()) {
    return Wrong(fmt::format("no SLO {}{}", Quoted(part), Hint(part, known)));
  }
  if (path.slo == "latency" && !tier.latency_limit) {
    return Wrong(fmt::format("{} has no p95_ms, and so no latency SLO", tier.name));
  }
  return absl::OkStatus();
}

absl::Status ReadPair(std::string_view part, const Config& config, AlertPath& path) {
  std::vector<std::string> names;
  for (const AlertPair& pair : config.pairs) names.push_back(pair.name);
  path.pair = part;
  if (std::find(names.begin(), names.end(), path.pair) != names.end()) return absl::OkStatus();
  return Wrong(fmt::format("no pair {}{}", Quoted(part), Hint(part, names)));
}

bool ListsByName(const Config& config, const std::string& endpoint) {
  return std::any_of(config.tiers.begin(), config.tiers.end(), [&](const Tier& tier) {
    return std::find(tier.endpoints.begin(), tier.endpoints.end(), endpoint) != tier.endpoints.end();
  });
}

const std::set<std::string>& CalledIn(size_t tier, const TestContext& context) {
  static const std::set<std::string> none;
  return tier < context.called.size() ? context.called[tier] : none;
}

// Nobody lists or calls it.
absl::Status NoSuchEndpoint(const AlertPath& path, const Tier& tier, const TestContext& context) {
  const std::set<std::string>& called = CalledIn(static_cast<size_t>(&tier - context.config().tiers.data()), context);
  std::vector<std::string> known(called.begin(), called.end());
  for (const std::string& name : tier.endpoints) {
    if (!name.starts_with('~') && !called.contains(name)) known.push_back(name);
  }
  return Wrong(fmt::format("{} does not list {}, and the test does not call it{}", tier.name, Quoted(path.endpoint),
                           EndpointHint(path.endpoint, known)));
}

absl::Status CheckEndpoint(const AlertPath& path, const Tier& tier, const TestContext& context) {
  if (path.endpoint.empty()) return absl::OkStatus();
  if (tier.alert_by != AlertBy::kEndpoint) {
    return Wrong(fmt::format("{} alerts as a whole (alert_by: tier), wanted no endpoint", tier.name));
  }
  if (path.endpoint == AlertPath::kOtherEndpoint) return absl::OkStatus();
  std::string scratch;
  const EndpointPlace place = context.rules.classifier.Place(path.endpoint, scratch);
  if (place.endpoint != path.endpoint) {
    return Wrong(fmt::format("{} is counted as {}, wanted that", Quoted(path.endpoint), Quoted(place.endpoint)));
  }
  const bool is_known = context.recorded || ListsByName(context.config(), path.endpoint) ||
                        CalledIn(place.tier, context).contains(path.endpoint);
  if (!is_known) return NoSuchEndpoint(path, tier, context);
  const std::string& home = context.config().tiers[place.tier].name;
  return home == tier.name ? absl::OkStatus() : Wrong(fmt::format("{} belongs to {}", Quoted(path.endpoint), home));
}

// Takes "[ENDPOINT]" off the end.
absl::Status TakeEndpoint(std::string_view& text, AlertPath& path) {
  if (!text.ends_with(']')) return absl::OkStatus();
  const size_t bracket = text.find('[');
  if (bracket == std::string_view::npos || bracket + 2 >= text.size()) {
    return Wrong(fmt::format("{}, wanted TIER/SLO/PAIR[ENDPOINT]", Quoted(text)));
  }
  path.endpoint = text.substr(bracket + 1, text.size() - bracket - 2);
  text = text.substr(0, bracket);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AlertPath> ParseAlertPath(std::string_view text, const TestContext& context) {
  AlertPath path;
  if (text == "all") return path;
  std::string_view rest = text;
  if (absl::Status status = TakeEndpoint(rest, path); !status.ok()) return status;
  const Tier* tier = TakeTier(rest, context.config());
  if (tier == nullptr) return NoSuchTier(rest, context.config());
  path.tier = tier->name;
  if (!rest.empty()) {
    if (absl::Status status = ReadSlo(TakePart(rest), *tier, path); !status.ok()) return status;
  }
  if (!rest.empty() && path.slo != AlertPath::kNoData) {
    if (absl::Status status = ReadPair(TakePart(rest), context.config(), path); !status.ok()) return status;
  }
  if (!rest.empty()) return Wrong(fmt::format("{} after {}, wanted nothing", Quoted(rest), path.ToString()));
  if (!path.endpoint.empty() && path.pair.empty()) {
    return Wrong(fmt::format("{}, wanted TIER/SLO/PAIR[ENDPOINT]", Quoted(text)));
  }
  if (absl::Status status = CheckEndpoint(path, *tier, context); !status.ok()) return status;
  return path;
}

absl::Status CheckIsOneAlert(const AlertPath& path, const TestContext& context) {
  if (!path.IsComplete()) return Wrong("wanted one alert: TIER/SLO/PAIR or TIER/NoData");
  for (const Tier& tier : context.config().tiers) {
    const bool lacks =
        tier.name == path.tier && tier.alert_by == AlertBy::kEndpoint && !path.pair.empty() && path.endpoint.empty();
    if (lacks)
      return Wrong(fmt::format("{0} alerts by endpoint, wanted \"{1}[ENDPOINT]\"", tier.name, path.ToString()));
  }
  return absl::OkStatus();
}

}  // namespace firebreak
