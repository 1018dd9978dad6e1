#include "rules/testfile/context.h"

#include <algorithm>

#include "fmt/format.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"

namespace firebreak {

bool HasKey(const YamlNode& map, std::string_view key) {
  return std::any_of(map.keys.begin(), map.keys.end(), [key](const YamlNode& node) { return node.text == key; });
}

std::string Hint(std::string_view word, const std::vector<std::string>& names) {
  const std::string near = DidYouMean(word, names);
  return near.empty() ? fmt::format(", wanted {}", fmt::join(names, " or ")) : near;
}

std::string EndpointFault(const RuleSet& rules, std::string_view endpoint) {
  std::string scratch;
  const EndpointPlace place = rules.classifier.Place(endpoint, scratch);
  if (place.tier != rules.config.classification.unknown_endpoint_tier) return "";
  std::vector<std::string> listed;
  for (size_t i = 0; i < rules.config.tiers.size(); ++i) {
    for (const std::string& name : rules.config.tiers[i].endpoints) {
      const bool may_be_it = i == place.tier && (name == place.endpoint || name.starts_with('~'));
      if (may_be_it) return "";
      listed.push_back(name);
    }
  }
  const std::string hint = DidYouMean(place.endpoint, listed);
  return hint.empty() ? "" : fmt::format("no tier lists {}{}", Quoted(place.endpoint), hint);
}

std::string ChooseKey(const Field& map, const std::vector<std::string>& keys, YamlReader& reader) {
  if (map.node.kind != YamlNode::Kind::kMap) {
    reader.ReadMap(map, {});  // says so
    return "";
  }
  std::string chosen;
  for (const std::string& key : keys) {
    if (!HasKey(map.node, key)) continue;
    if (!chosen.empty()) {
      reader.Fault(map, fmt::format("has {} and {}, which exclude each other", chosen, key));
      return "";
    }
    chosen = key;
  }
  if (!chosen.empty()) return chosen;
  std::string hint;
  for (const YamlNode& key : map.node.keys) {
    if (hint.empty()) hint = DidYouMean(key.text, keys);
  }
  reader.Fault(map, fmt::format("has none of {}{}", fmt::join(keys, ", "), hint));
  return "";
}

}  // namespace firebreak
