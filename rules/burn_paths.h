#ifndef FIREBREAK_RULES_BURN_PATHS_H_
#define FIREBREAK_RULES_BURN_PATHS_H_

#include <string>

#include "rules/config.h"
#include "rules/yaml_reader.h"

namespace firebreak {

inline std::string TierPath(const Tier& tier) { return "slo_tiers." + tier.name; }

// Where the file sets the burn of a tier's availability rule; where it does not, the objective it stands for.
std::string BurnPath(const Tier& tier, const AlertPair& pair, const YamlReader& reader);

// The same for the latency rule, and whether the file sets that burn for latency itself.
std::string LatencyBurnPath(const Tier& tier, const AlertPair& pair, const YamlReader& reader);
bool SetsLatencyBurn(const Tier& tier, const AlertPair& pair, const YamlReader& reader);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_BURN_PATHS_H_
