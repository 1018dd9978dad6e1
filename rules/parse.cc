#include "rules/parse.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "rules/check_config.h"
#include "rules/classifier.h"
#include "rules/explain.h"
#include "rules/finding_list.h"
#include "rules/parse_sections.h"
#include "rules/parse_tree.h"
#include "rules/runbook_url.h"
#include "rules/yaml_node.h"
#include "rules/yaml_reader.h"

namespace firebreak {
namespace {

// Sections that need others first are put aside, so that a file may have them in any order.
struct Postponed {
  std::optional<Field> alerts;
  std::optional<Field> tiers;
  std::optional<Field> classification;
};

std::vector<FieldRule> TopLevelRules(YamlReader& reader, Config& config, Postponed& postponed) {
  const auto duration = [&reader](absl::Duration least, absl::Duration most, absl::Duration& out) {
    return [&reader, least, most, &out](const Field& f) { reader.ReadDuration(f, least, most, out); };
  };
  constexpr absl::Duration kNone = absl::ZeroDuration();
  return {
      {"service", [&](const Field& f) { reader.ReadLabel(f, config.service); }},
      {"period", duration(absl::Hours(1), absl::Hours(24 * 366), config.period)},
      {"evaluation_interval", duration(absl::Seconds(1), absl::Minutes(5), config.evaluation_interval)},
      {"evaluation_delay", duration(kNone, absl::Hours(1), config.evaluation_delay)},
      {"allowed_lateness", duration(kNone, absl::Hours(1), config.allowed_lateness)},
      {"no_data_hold", duration(kNone, absl::Hours(24 * 7), config.no_data_hold)},
      {"source_lost_after", duration(absl::Seconds(1), absl::Hours(24 * 7), config.source_lost_after)},
      {"external_url", [&](const Field& f) { reader.ReadUrl(f, config.external_url); }},
      {"runbook_url", [&](const Field& f) { ReadRunbookUrl(f, reader, config.runbook_url); }},
      {"slo_tiers", [&](const Field& f) { postponed.tiers.emplace(f); }},
      {"alerts", [&](const Field& f) { postponed.alerts.emplace(f); }},
      {"classification", [&](const Field& f) { postponed.classification.emplace(f); }},
      {"notify", [&](const Field& f) { ReadNotify(f, reader, config.notify); }},
      {"server", [&](const Field& f) { ReadServer(f, reader, config.server); }},
  };
}

void ReadConfig(const YamlNode& root, YamlReader& reader, Config& config) {
  const Field file{root, "", root.place, root.place};
  Postponed postponed;
  reader.ReadMap(file, TopLevelRules(reader, config, postponed));
  reader.Require(file, "slo_tiers", "a map of tiers");

  config.pairs = DefaultPairs();
  if (postponed.alerts.has_value()) ReadAlerts(*postponed.alerts, reader, config.pairs);
  if (postponed.tiers.has_value()) ReadTiers(*postponed.tiers, reader, config);
  config.classification.unknown_endpoint_tier = config.tiers.empty() ? 0 : config.tiers.size() - 1;
  if (postponed.classification.has_value()) ReadClassification(*postponed.classification, reader, config);
}

// Patterns that are fine one by one may still be too large together.
void CheckClassifier(const Config& config, YamlReader& reader) {
  const absl::Status status = Classifier::Create(config).status();
  if (!status.ok()) reader.Fault("slo_tiers", std::string(status.message().data(), status.message().size()));
}

}  // namespace

// Like a URL it is never quoted.
void ReadRunbookUrl(const Field& field, YamlReader& reader, std::string& out) {
  std::string text;
  reader.ReadText(field, text);
  if (text.empty()) return;
  if (const std::string fault = RunbookUrlFault(text); !fault.empty()) return reader.Fault(field, fault);
  out = text;
}

ParsedConfig ParseConfig(std::string_view text, std::string_view file) {
  FindingList findings(file);
  if (const std::optional<YamlNode> root = ReadYaml(text, findings)) return ParseConfigTree(*root, file);
  return {std::nullopt, findings.Take()};
}

ParsedConfig ParseConfigTree(const YamlNode& root, std::string_view file) {
  FindingList findings(file);
  Config config;
  YamlReader reader(findings);
  ReadConfig(root, reader, config);
  CheckConfig(config, reader);
  if (!findings.has_errors()) CheckClassifier(config, reader);
  if (!findings.has_errors()) ExplainConfig(config, reader);
  ParsedConfig parsed;
  if (!findings.has_errors()) parsed.config = std::move(config);
  parsed.findings = findings.Take();
  return parsed;
}

}  // namespace firebreak
