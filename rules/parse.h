#ifndef FIREBREAK_RULES_PARSE_H_
#define FIREBREAK_RULES_PARSE_H_

#include <optional>
#include <string>
#include <string_view>

#include "rules/config.h"
#include "rules/finding.h"

namespace firebreak {

struct ParsedConfig {
  std::optional<Config> config;  // set exactly when findings hold no error
  Findings findings;             // errors, warnings and notes, in the order of the file
};

// Reads one YAML configuration. `file` is only used in findings. Every fault is reported at once, each with its place.
// Unknown keys (with a suggestion), duplicate keys, aliases, more than 1 MiB or 100,000 nodes are errors. Pure.
ParsedConfig ParseConfig(std::string_view text, std::string_view file);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_PARSE_H_
