#ifndef FIREBREAK_RULES_YAML_TEXT_H_
#define FIREBREAK_RULES_YAML_TEXT_H_

#include <string>
#include <string_view>

namespace firebreak {

// `text` as a YAML value of one line that reads back as the same text: plain where nobody could take it for anything
// else (tier1_interactive, /userid/), else in double quotes with escapes. UTF-8 stays UTF-8; it is for Prometheus' and
// Alertmanager's readers as well as for ours.
std::string YamlText(std::string_view text);

// `text` as a comment: each of its lines behind `indent` and "# ". Control characters become spaces.
std::string YamlComment(std::string_view text, std::string_view indent = "");

}  // namespace firebreak

#endif  // FIREBREAK_RULES_YAML_TEXT_H_
