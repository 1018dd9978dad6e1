#include "rules/burn_paths.h"

#include <initializer_list>

namespace firebreak {
namespace {

// The first of `paths` that the file has; else the last.
std::string FirstInFile(std::initializer_list<std::string> paths, const YamlReader& reader) {
  for (const std::string& path : paths) {
    if (reader.Has(path)) return path;
  }
  return *(paths.end() - 1);
}

std::string OwnBurnPath(const Tier& tier, const AlertPair& pair) { return TierPath(tier) + ".burn_rate_" + pair.name; }

std::string OwnLatencyBurnPath(const Tier& tier, const AlertPair& pair) {
  return TierPath(tier) + ".latency_burn_rate_" + pair.name;
}

std::string PairBurnPath(const AlertPair& pair) { return "alerts." + pair.name + ".burn"; }

}  // namespace

std::string BurnPath(const Tier& tier, const AlertPair& pair, const YamlReader& reader) {
  return FirstInFile({OwnBurnPath(tier, pair), PairBurnPath(pair), TierPath(tier) + ".availability"}, reader);
}

std::string LatencyBurnPath(const Tier& tier, const AlertPair& pair, const YamlReader& reader) {
  return FirstInFile(
      {OwnLatencyBurnPath(tier, pair), OwnBurnPath(tier, pair), PairBurnPath(pair), TierPath(tier) + ".p95_ms"},
      reader);
}

bool SetsLatencyBurn(const Tier& tier, const AlertPair& pair, const YamlReader& reader) {
  return reader.Has(OwnLatencyBurnPath(tier, pair));
}

}  // namespace firebreak
