// Any bytes as a configuration: ParseConfig answers, and what it accepts is what its contract promises.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/classifier.h"
#include "rules/parse.h"
#include "rules/threshold.h"

namespace firebreak {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckTier(const Config& config, const Tier& tier) {
  Check(!tier.name.empty() && !tier.endpoints.empty());
  Check(Decimal() < tier.objective && tier.objective < Decimal::FromParts(1, 0));
  Check(tier.burn.size() == config.pairs.size() && tier.latency_burn.size() == config.pairs.size());
  Check(!tier.timeout || !tier.latency_limit || *tier.timeout > *tier.latency_limit);
  for (size_t i = 0; i < config.pairs.size(); ++i) {
    Check(!Threshold(tier.burn[i], tier.objective).CanNeverBeExceeded());
    Check(!tier.latency_limit || !Threshold(tier.latency_burn[i], LatencyObjective()).CanNeverBeExceeded());
  }
}

void CheckConfig(const Config& config) {
  Check(!config.tiers.empty() && config.pairs.size() >= 2);
  Check(config.classification.unknown_endpoint_tier < config.tiers.size());
  for (const Tier& tier : config.tiers) CheckTier(config, tier);
  for (const AlertPair& pair : config.pairs) {
    Check(pair.short_window < pair.long_window && pair.long_window <= config.period);
    Check(pair.short_window % config.evaluation_interval == absl::ZeroDuration());
    Check(pair.long_window % config.evaluation_interval == absl::ZeroDuration());
  }
  const absl::StatusOr<Classifier> classifier = Classifier::Create(config);
  Check(classifier.ok());
  std::string scratch;
  for (const Tier& tier : config.tiers) {
    Check(classifier->Place(tier.endpoints.front(), scratch).tier < config.tiers.size());
  }
}

}  // namespace
}  // namespace firebreak

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const firebreak::ParsedConfig parsed = firebreak::ParseConfig(text, "f");
  firebreak::Check(parsed.config.has_value() == !firebreak::HasErrors(parsed.findings));
  for (const firebreak::Finding& finding : parsed.findings) {
    firebreak::Check(finding.line >= 1 && finding.column >= 1);
    firebreak::Check(finding.message.find('\n') == std::string::npos);
  }
  if (parsed.config.has_value()) firebreak::CheckConfig(*parsed.config);
  return 0;
}
