#ifndef FIREBREAK_RULES_SWEEP_H_
#define FIREBREAK_RULES_SWEEP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "rules/config.h"
#include "rules/decimal.h"
#include "rules/finding.h"

namespace firebreak {

// What a sweep can vary: settings of a pair, and a tier's guards.
enum class SweepSetting { kShort, kLong, kBurn, kFor, kKeepFiringFor, kMinTotal, kMinBad };

using SweepValue = std::variant<absl::Duration, Decimal, int64_t>;

// One setting and the values it is to take, ascending, each once.
struct SweepAxis {
  SweepSetting setting = SweepSetting::kBurn;
  std::optional<size_t> pair;  // in Config::pairs; absent for the guards
  std::vector<SweepValue> values;
};

struct ParsedSweep {
  std::optional<std::vector<SweepAxis>> axes;  // set exactly when there are no findings
  Findings findings;                           // of the file "--sweep", line 1
};

// Reads "fast.burn=6..20/0.4 fast.for=0s,1m,2m min_bad=0,5": axes apart by white space; each `PAIR.SETTING=VALUES` with
// short, long, burn, for or keep_firing_for, or `min_total=` or `min_bad=`; values apart by commas, each one value or a
// range FROM..TO/STEP. Every fault at once, with its column. Windows must be multiples of config.evaluation_interval.
// Pure.
ParsedSweep ParseSweep(std::string_view text, const Config& config);

// What is tried when nobody says what, for the pairs of at least this severity: a text for ParseSweep.
std::string DefaultSweep(const Config& config, Severity severity);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_SWEEP_H_
