// Any bytes as a test file: ParseTestFile answers, and what it accepts is what its contract promises.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "rules/parse.h"
#include "rules/testfile/parse.h"

namespace firebreak {
namespace {

constexpr std::string_view kConfig =
    "slo_tiers:\n"
    "  tier1_interactive: {p95_ms: 1200, availability: 0.999, endpoints: [/userid/, /post-detail/]}\n"
    "  tier2_search: {availability: 0.99, alert_by: endpoint, endpoints: [/search-video/, \"~^/x/[0-9]+$\"]}\n"
    "notify: {slack: [{name: team, url_file: x}], pagerduty: [{name: oncall, routing_key_file: y}]}\n";

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckTest(const RuleTest& test) {
  Check(!test.name.empty() && test.rules != nullptr && !test.expectations.empty());
  Check(test.step >= test.rules->config.evaluation_interval);
  Check(test.step % test.rules->config.evaluation_interval == absl::ZeroDuration());
  if (const auto* traffic = std::get_if<SegmentTraffic>(&test.traffic)) {
    for (const TrafficSegment& segment : traffic->segments) {
      for (const TrafficLoad& load : segment.loads) {
        Check(!load.failures.empty() && !load.successes.empty() && !load.latencies.empty());
        Check(load.per > absl::ZeroDuration() && !load.endpoint.empty());
      }
    }
  }
}

absl::StatusOr<NamedText> Read(const std::string& path) {
  if (path.find("rules.yml") != std::string::npos) return NamedText{path, "groups: []\n"};
  return NamedText{path, std::string(kConfig)};
}

}  // namespace
}  // namespace firebreak

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firebreak;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const PromtoolContext* promtool = new PromtoolContext{*RuleSet::Create(*ParseConfig(kConfig, "c").config),
                                                               [](const std::string&) { return "groups: []\n"; }};
  const ParsedTestFile parsed = ParseTestFile(text, "f", Read, *promtool);
  Check(parsed.tests.has_value() == parsed.findings.empty());
  for (const Finding& finding : parsed.findings) {
    Check(finding.line >= 1 && finding.column >= 1);
    Check(finding.message.find('\n') == std::string::npos);
  }
  if (parsed.tests) {
    Check(!parsed.tests->tests.empty());
    for (const RuleTest& test : parsed.tests->tests) CheckTest(test);
  }
  return 0;
}
