#ifndef FIREBREAK_RULES_EXPLAIN_H_
#define FIREBREAK_RULES_EXPLAIN_H_

#include "rules/config.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// Adds notes that say in words what each rule of a sound configuration does, and what none of them sees.
void ExplainConfig(const Config& config, YamlReader& reader);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_EXPLAIN_H_
