#ifndef FIREBREAK_ENGINE_RULETEST_RUN_TEST_H_
#define FIREBREAK_ENGINE_RULETEST_RUN_TEST_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/ruletest/outcome.h"
#include "engine/ruletest/test_delivery.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// When the story of a test begins, unless its traffic is recorded: the beginning of an hour, as any would do.
inline const absl::Time kRuleTestStart = absl::FromUnixSeconds(1767571200);  // 2026-01-05T00:00:00Z

// Runs a test through the real Pipeline, driven as a recording of a server is (recorded_replay.h). Deterministic.
// Errors: traffic that contradicts itself, or of 2^40 requests or more. REQUIRES: it is not recorded; `delivery` begins
// at kRuleTestStart.
absl::StatusOr<TestOutcome> RunRuleTest(const RuleTest& test, TestDelivery& delivery);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_RUN_TEST_H_
