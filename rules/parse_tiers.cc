#include <map>

#include "fmt/format.h"
#include "rules/parse_sections.h"
#include "rules/pattern.h"
#include "rules/quoted.h"

namespace firebreak {
namespace {

constexpr int64_t kMostEvents = 1'000'000'000'000;
constexpr int64_t kMostEndpoints = 100'000;
constexpr std::string_view kOverflowEndpoint = "__other__";

// Reads the tiers one after the other; remembers what must be unique among all of them.
class TierReader {
 public:
  TierReader(YamlReader& reader, Config& config) : reader_(reader), config_(config) {}

  void Read(const std::string& name, const Field& field);

 private:
  void ReadObjective(const Field& field, Tier& tier);
  void ReadLatencyLimit(const Field& field, Tier& tier);
  void ReadTimeout(const Field& field, Tier& tier);
  void ReadEndpoints(const Field& field, Tier& tier);
  void ReadEndpoint(const Field& field, Tier& tier);
  // What is wrong with an endpoint by itself, or "".
  std::string EndpointFault(std::string_view endpoint);
  // The keys of one tier: fixed ones, and two for each pair.
  std::vector<FieldRule> Rules(Tier& tier);
  void AddBurnRules(std::vector<FieldRule>& rules, Tier& tier);
  // Fills the burns the tier leaves out.
  void InheritBurns(const Field& field, Tier& tier);

  struct Listed {
    std::string tier;
    std::string path;
  };

  YamlReader& reader_;
  Config& config_;
  std::map<std::string, Listed> listed_;  // every endpoint so far
  int num_patterns_ = 0;
};

void TierReader::Read(const std::string& name, const Field& field) {
  if (config_.tiers.size() == kMaxTiers) return reader_.Fault(field, fmt::format("wanted at most {} tiers", kMaxTiers));
  if (const std::string fault = LabelFault(name); !fault.empty()) return reader_.Fault(field, fault);
  Tier& tier = config_.tiers.emplace_back();
  tier.name = name;
  tier.burn.resize(config_.pairs.size());
  tier.latency_burn.resize(config_.pairs.size());
  reader_.ReadMap(field, Rules(tier));
  reader_.Require(field, "availability", "an objective such as 0.999 or 99.9%");
  reader_.Require(field, "endpoints", "a list of endpoints");
  InheritBurns(field, tier);
}

std::vector<FieldRule> TierReader::Rules(Tier& tier) {
  std::vector<FieldRule> rules = {
      {"availability", [&](const Field& f) { ReadObjective(f, tier); }},
      {"p95_ms", [&](const Field& f) { ReadLatencyLimit(f, tier); }},
      {"timeout", [&](const Field& f) { ReadTimeout(f, tier); }},
      {"slo_source",
       [&](const Field& f) {
         size_t choice = static_cast<size_t>(tier.slo_source);
         reader_.ReadChoice(f, {"rum", "synthetic"}, choice);
         tier.slo_source = static_cast<Source>(choice);
       }},
      {"alert_by",
       [&](const Field& f) {
         size_t choice = static_cast<size_t>(tier.alert_by);
         reader_.ReadChoice(f, {"tier", "endpoint"}, choice);
         tier.alert_by = static_cast<AlertBy>(choice);
       }},
      {"min_total", [&](const Field& f) { reader_.ReadInteger(f, 0, kMostEvents, tier.min_total); }},
      {"min_bad", [&](const Field& f) { reader_.ReadInteger(f, 0, kMostEvents, tier.min_bad); }},
      {"max_endpoints",
       [&](const Field& f) {
         int64_t most = tier.max_endpoints;
         reader_.ReadInteger(f, 1, kMostEndpoints, most);
         tier.max_endpoints = static_cast<int>(most);
       }},
      {"runbook_url", [&](const Field& f) { ReadRunbookUrl(f, reader_, tier.runbook_url); }},
      {"endpoints", [&](const Field& f) { ReadEndpoints(f, tier); }},
  };
  AddBurnRules(rules, tier);
  return rules;
}

void TierReader::AddBurnRules(std::vector<FieldRule>& rules, Tier& tier) {
  for (size_t i = 0; i < config_.pairs.size(); ++i) {
    const std::string& pair = config_.pairs[i].name;
    rules.push_back({"burn_rate_" + pair, [&, i](const Field& f) { reader_.ReadBurn(f, tier.burn[i]); }});
    rules.push_back(
        {"latency_burn_rate_" + pair, [&, i](const Field& f) { reader_.ReadBurn(f, tier.latency_burn[i]); }});
  }
}

void TierReader::InheritBurns(const Field& field, Tier& tier) {
  for (size_t i = 0; i < config_.pairs.size(); ++i) {
    const AlertPair& pair = config_.pairs[i];
    if (!reader_.Has(fmt::format("{}.burn_rate_{}", field.path, pair.name))) tier.burn[i] = pair.burn;
    if (!reader_.Has(fmt::format("{}.latency_burn_rate_{}", field.path, pair.name)))
      tier.latency_burn[i] = tier.burn[i];
  }
}

void TierReader::ReadObjective(const Field& field, Tier& tier) {
  constexpr std::string_view kWanted = "an objective above 0 and below 1, such as 0.999 or 99.9%";
  Decimal objective;
  reader_.ReadDecimal(field, kWanted, objective);
  if (!reader_.IsSound(field.path)) return;
  const Decimal one = Decimal::FromParts(1, 0);
  if (objective == one) {
    return reader_.Fault(field, fmt::format("100 % leaves no error budget to burn, wanted {}", kWanted));
  }
  if (objective == Decimal() || one < objective) {
    return reader_.Fault(field, fmt::format("{} is out of range, wanted {}", objective.ToString(), kWanted));
  }
  tier.objective = objective;
}

void TierReader::ReadLatencyLimit(const Field& field, Tier& tier) {
  constexpr std::string_view kWanted = "milliseconds above 0, at most 86400000, with at most 6 digits after the point";
  Decimal milliseconds;
  reader_.ReadDecimal(field, kWanted, milliseconds);
  if (!reader_.IsSound(field.path)) return;
  constexpr int kNanosecondDigits = 6;
  const bool in_range = Decimal() < milliseconds && !(Decimal::FromParts(86'400'000, 0) < milliseconds);
  if (!in_range || milliseconds.scale() > kNanosecondDigits) {
    return reader_.Fault(field, fmt::format("{}, wanted {}", milliseconds.ToString(), kWanted));
  }
  int64_t nanoseconds = milliseconds.digits();
  for (int scale = milliseconds.scale(); scale < kNanosecondDigits; ++scale) nanoseconds *= 10;
  tier.latency_limit = absl::Nanoseconds(nanoseconds);
}

void TierReader::ReadTimeout(const Field& field, Tier& tier) {
  absl::Duration timeout;
  reader_.ReadDuration(field, absl::Milliseconds(1), absl::Hours(24), timeout);
  if (reader_.IsSound(field.path)) tier.timeout = timeout;
}

void TierReader::ReadEndpoints(const Field& field, Tier& tier) {
  reader_.ReadList(field, [&](const Field& item) { ReadEndpoint(item, tier); });
  if (field.node.kind == YamlNode::Kind::kSequence && field.node.values.empty()) {
    reader_.Fault(field, "an empty list, wanted at least one endpoint");
  }
}

void TierReader::ReadEndpoint(const Field& field, Tier& tier) {
  std::string endpoint;
  reader_.ReadText(field, endpoint);
  if (endpoint.empty()) return;
  if (const std::string fault = EndpointFault(endpoint); !fault.empty()) return reader_.Fault(field, fault);
  const auto [first, is_new] = listed_.try_emplace(endpoint, Listed{tier.name, field.path});
  if (is_new) {
    tier.endpoints.push_back(endpoint);
    return;
  }
  const Listed& other = first->second;
  reader_.Fault(field,
                other.tier == tier.name
                    ? fmt::format("{} is listed twice, first in {}", Quoted(endpoint), reader_.LineOf(other.path))
                    : fmt::format("{} is already in tier {} ({}), wanted it in one tier only", Quoted(endpoint),
                                  Quoted(other.tier), reader_.LineOf(other.path)));
}

std::string TierReader::EndpointFault(std::string_view endpoint) {
  if (endpoint.starts_with('~')) {
    if (++num_patterns_ > kMaxPatterns) return fmt::format("wanted at most {} patterns in a file", kMaxPatterns);
    return PatternFault(endpoint.substr(1));
  }
  if (endpoint == kOverflowEndpoint) {
    return fmt::format("{} is where endpoints beyond max_endpoints are counted, wanted another name",
                       kOverflowEndpoint);
  }
  if (endpoint.find_first_of("?#") != std::string_view::npos) {
    return "an endpoint is looked up without its query, wanted the path alone";
  }
  return "";
}

}  // namespace

void ReadTiers(const Field& field, YamlReader& reader, Config& config) {
  TierReader tiers(reader, config);
  reader.ReadNamedMap(field, [&](const std::string& name, const Field& child) { tiers.Read(name, child); });
  if (field.node.kind == YamlNode::Kind::kMap && field.node.keys.empty()) {
    reader.Fault(field, "an empty map, wanted at least one tier");
  }
}

}  // namespace firebreak
