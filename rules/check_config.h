#ifndef FIREBREAK_RULES_CHECK_CONFIG_H_
#define FIREBREAK_RULES_CHECK_CONFIG_H_

#include "rules/config.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// Compares the values of a configuration with each other: adds an error for each rule that cannot hold, a warning for
// each that is hardly meant. Values that were unsound by themselves take no part.
void CheckConfig(const Config& config, YamlReader& reader);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_CHECK_CONFIG_H_
