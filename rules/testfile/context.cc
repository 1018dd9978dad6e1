#include "rules/testfile/context.h"

#include <algorithm>
#include <iterator>

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

std::string EndpointHint(std::string_view word, const std::vector<std::string>& endpoints) {
  constexpr size_t kFew = 8;
  return endpoints.empty() || endpoints.size() > kFew ? DidYouMean(word, endpoints) : Hint(word, endpoints);
}

std::string CalledFault(const RuleSet& rules, std::string_view endpoint, Unknown unknown) {
  std::string scratch;
  const EndpointPlace place = rules.classifier.Place(endpoint, scratch);
  const std::string& tier = rules.config.tiers[place.tier].name;
  if (unknown == Unknown::kMeant) {
    return place.listed ? fmt::format("{} lists {}, wanted no unknown beside it", tier, Quoted(place.endpoint)) : "";
  }
  if (place.listed) return "";
  std::vector<std::string> listed;
  for (const Tier& other : rules.config.tiers) {
    std::copy_if(other.endpoints.begin(), other.endpoints.end(), std::back_inserter(listed),
                 [](const std::string& name) { return !name.starts_with('~'); });
  }
  return fmt::format("no tier lists {}{} (with unknown: true beside it, it counts in {})", Quoted(place.endpoint),
                     EndpointHint(place.endpoint, listed), tier);
}

void Call(std::string_view endpoint, TestContext& context) {
  std::string scratch;
  const EndpointPlace place = context.rules.classifier.Place(endpoint, scratch);
  context.called.resize(context.config().tiers.size());
  context.called[place.tier].emplace(place.endpoint);
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
