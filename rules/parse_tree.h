#ifndef FIREBREAK_RULES_PARSE_TREE_H_
#define FIREBREAK_RULES_PARSE_TREE_H_

#include <string_view>

#include "rules/parse.h"
#include "rules/yaml_node.h"

namespace firebreak {

// ParseConfig of YAML that is a part of another file. Findings have the places of the tree.
ParsedConfig ParseConfigTree(const YamlNode& root, std::string_view file);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_PARSE_TREE_H_
