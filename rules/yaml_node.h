#ifndef FIREBREAK_RULES_YAML_NODE_H_
#define FIREBREAK_RULES_YAML_NODE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/finding_list.h"
#include "rules/place.h"

namespace firebreak {

// Limits on one YAML text; what lies beyond is refused before it can cost anything.
inline constexpr size_t kMaxYamlBytes = 1 << 20;
inline constexpr int kMaxYamlNodes = 100000;  // scalars, lists and maps, keys included
inline constexpr size_t kMaxYamlDepth = 32;

// A YAML value and where it stands. Unlike yaml-cpp's own tree it keeps duplicate keys, so that they can be refused.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  Place place;
  std::string text;              // of a scalar
  std::vector<YamlNode> keys;    // of a map, parallel to values
  std::vector<YamlNode> values;  // of a map or a sequence
};

// Reads `text` as one YAML document without aliases, anchors and tags, within the limits above. What is wrong goes to
// `findings` as an error, and the result is nullopt: the first fault of syntax hides those after it. Never throws.
std::optional<YamlNode> ReadYaml(std::string_view text, FindingList& findings);

// The same of a text of any number of documents, in their order. The limits hold for all of them together.
std::optional<std::vector<YamlNode>> ReadYamlDocuments(std::string_view text, FindingList& findings);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_YAML_NODE_H_
