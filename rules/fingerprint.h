#ifndef FIREBREAK_RULES_FINGERPRINT_H_
#define FIREBREAK_RULES_FINGERPRINT_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "rules/config.h"

namespace firebreak {

// Everything of a configuration that decides how an event is counted: its tier, and whether it is bad, timed, slow or
// outside the total. Counts made under equal fingerprints mean the same; thresholds, windows and objectives may differ.
// A plain value: setting path -> its value in one canonical text.
//   "slo_tiers.tier1.p95_ms" -> "1200 ms"; "classification.errors" -> "5xx, timeout"
//   "slo_tiers.tier1.endpoints" -> exact names sorted, then patterns
//   "slo_tiers (order of patterns)" -> the patterns of all tiers as they are tried, where several tiers have some
// What is not set has the value "none".
using Fingerprint = std::map<std::string, std::string>;

Fingerprint FingerprintOf(const Config& config);

// A line for each setting: path, tab, value. Text that FingerprintFromText reads back.
std::string FingerprintText(const Fingerprint& fingerprint);
// Errors: InvalidArgument for a line without a tab, an unknown escape, or a path given twice.
absl::StatusOr<Fingerprint> FingerprintFromText(std::string_view text);

// One setting that two fingerprints disagree on; "" where one has no such setting (its tier is not there).
struct ChangedSetting {
  std::string path;
  std::string before;
  std::string after;

  friend bool operator==(const ChangedSetting&, const ChangedSetting&) = default;
};
// In the order of the paths.
std::vector<ChangedSetting> ChangedSettings(const Fingerprint& before, const Fingerprint& after);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_FINGERPRINT_H_
