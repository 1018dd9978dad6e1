#ifndef FIREBREAK_ENGINE_RULETEST_TESTING_H_
#define FIREBREAK_ENGINE_RULETEST_TESTING_H_

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ruletest/test_delivery.h"
#include "rules/testfile/parse.h"

namespace firebreak {

// What the tests of engine/ruletest/ share.

// A delivery that tells every alert's steps to "oncall" at once.
class InstantDelivery : public TestDelivery {
 public:
  void OnTransition(const Transition& transition) override {
    if (transition.to == AlertStatus::kFiring || transition.to == AlertStatus::kResolved) {
      told_.push_back({transition.at, "oncall", transition.alert});
    }
  }
  void AdvanceTo(absl::Time) override {}
  void Restart(absl::Time, TickObserver::Memory) override { ++restarts; }
  const std::vector<ToldAlert>& told() const override { return told_; }

  int restarts = 0;

 private:
  std::vector<ToldAlert> told_;
};

// The one test of a file that begins with these rules: tier `web` at 99.9 % with /a and /b, evaluated every minute.
inline RuleTest MustParseTest(const std::string& body) {
  const std::string text = R"(
rules:
  evaluation_interval: 30s
  slo_tiers:
    web: {availability: 0.999, p95_ms: 300, timeout: 10s, endpoints: [/a, /b]}
  notify: {webhooks: [{name: oncall, url: "http://127.0.0.1:1/"}]}
step: 1m
tests:
  - name: x
)" + body;
  ParsedTestFile parsed = ParseTestFile(text, "f.yaml", [](const std::string&) -> absl::StatusOr<NamedText> {
    return absl::NotFoundError("no files here");
  });
  std::string faults;
  for (const Finding& finding : parsed.findings) faults += finding.ToString() + "\n";
  if (!parsed.tests) throw std::invalid_argument(faults);
  return parsed.tests->tests.at(0);
}

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_TESTING_H_
