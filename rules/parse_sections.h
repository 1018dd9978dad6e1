#ifndef FIREBREAK_RULES_PARSE_SECTIONS_H_
#define FIREBREAK_RULES_PARSE_SECTIONS_H_

#include "rules/config.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// The sections of a configuration, one reader each. Faults go to `reader`; what could not be read keeps its default.

// So many that nobody misses more, so few that no file makes the server's memory large.
inline constexpr size_t kMaxTiers = 100;
inline constexpr size_t kMaxPairs = 16;

// The pairs of a file that says nothing: fast, slow.
std::vector<AlertPair> DefaultPairs();

// alerts: changes the default pairs in `pairs` field by field, and adds others.
void ReadAlerts(const Field& field, YamlReader& reader, std::vector<AlertPair>& pairs);

// slo_tiers. REQUIRES: config.pairs is complete.
void ReadTiers(const Field& field, YamlReader& reader, Config& config);

// classification. REQUIRES: config.tiers is complete.
void ReadClassification(const Field& field, YamlReader& reader, Config& config);

void ReadNotify(const Field& field, YamlReader& reader, NotifyConfig& notify);

void ReadServer(const Field& field, YamlReader& reader, ServerConfig& server);

// A URL, or a path on this server.
void ReadRunbookUrl(const Field& field, YamlReader& reader, std::string& out);

// The keys `<prefix>file` and `<prefix>env`, of which a file gives one at most.
std::vector<FieldRule> SecretRules(std::string_view prefix, YamlReader& reader, SecretSource& secret);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_PARSE_SECTIONS_H_
