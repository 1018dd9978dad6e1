#include "rules/testfile/test_file.h"

#include "fmt/format.h"

namespace firebreak {
namespace {

void Append(std::string& path, std::string_view part) {
  if (part.empty()) return;
  if (!path.empty()) path += '/';
  path += part;
}

}  // namespace

std::string AlertPath::ToString() const {
  std::string path;
  Append(path, tier);
  Append(path, slo);
  Append(path, pair);
  return endpoint.empty() ? path : fmt::format("{}[{}]", path, endpoint);
}

bool AlertPath::Covers(const AlertPath& other) const {
  const auto agrees = [](const std::string& mine, const std::string& theirs) { return mine.empty() || mine == theirs; };
  return agrees(tier, other.tier) && agrees(slo, other.slo) && agrees(pair, other.pair) &&
         agrees(endpoint, other.endpoint);
}

std::string AlertPath::Rest(const AlertPath& other) const {
  AlertPath rest = other;
  if (!tier.empty()) rest.tier.clear();
  if (!slo.empty()) rest.slo.clear();
  if (!pair.empty()) rest.pair.clear();
  if (!endpoint.empty()) rest.endpoint.clear();
  return rest.ToString();
}

}  // namespace firebreak
