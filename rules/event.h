#ifndef FIREBREAK_RULES_EVENT_H_
#define FIREBREAK_RULES_EVENT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace firebreak {

// Who made the request: a real user, or a probe. The two never mix in one SLO.
enum class Source : uint8_t { kRum = 0, kSynthetic = 1 };
inline constexpr int kNumSources = 2;
std::string_view SourceName(Source source);  // "rum", "synthetic"

// One request as its caller saw it, before it is classified. Views point into the caller's buffer.
struct Event {
  absl::Time time;
  std::string_view endpoint;              // as sent, query included; never empty
  std::optional<int> status;              // HTTP status 100..599
  std::optional<absl::Duration> latency;  // not negative
  std::string_view outcome;               // "", "ok", "timeout", "shape_mismatch", anything else = failed
  std::string_view region;                // "" = not said
  Source source = Source::kRum;
  int64_t retries = 0;  // 0..1,000,000: wire attempts beyond the first
  int64_t count = 1;    // 1..1,000,000: equal requests this event stands for
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_EVENT_H_
