// Any lines as a recording: they are read or refused, and following them ends.

#include <cstdint>
#include <string_view>

#include "api/record/recording_follower.h"
#include "rules/parse.h"
#include "rules/rule_set.h"

namespace firebreak {
namespace {

class NoSink : public TransitionSink {
 public:
  void OnTransition(const Transition&) override {}
};

std::shared_ptr<const RuleSet> MakeRules() {
  ParsedConfig parsed = ParseConfig(
      "period: 1d\nslo_tiers:\n  web: {availability: 0.99, p95_ms: 500, endpoints: [/pay]}\n"
      "  probes: {availability: 0.9, alert_by: endpoint, endpoints: [\"~^/probe/.*\"]}\n"
      "alerts: {fast: {burn: 2, for: 0s}, slow: {burn: 1.5, for: 5s}}\n",
      "fuzz.yaml");
  return *RuleSet::Create(*std::move(parsed.config));
}

void Follow(std::string_view text) {
  static const std::shared_ptr<const RuleSet> rules = MakeRules();
  NoSink sink;
  RecordedReplay replay(rules, {}, absl::Seconds(5), sink);
  RecordingFollower follower(rules->config, replay);
  follower.BeginFile("fuzz");
  for (int64_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const absl::Status taken = follower.Take(number, line);
    if (!taken.ok() && !absl::IsInvalidArgument(taken)) return;
  }
  follower.EndFile(RecordingFollower::FileEnd::kWhole);
  follower.Finish();
  if (follower.notes().size() > RecordingFollower::kMaxNotes + 1) std::abort();
  replay.Finish();
}

}  // namespace
}  // namespace firebreak

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firebreak::Follow({reinterpret_cast<const char*>(data), size});
  return 0;
}
