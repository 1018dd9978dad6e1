#ifndef FIREBREAK_API_CLI_TEST_RECORDING_H_
#define FIREBREAK_API_CLI_TEST_RECORDING_H_

#include <string>

#include "absl/status/statusor.h"
#include "engine/ruletest/outcome.h"
#include "engine/ruletest/test_delivery.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// Runs a test whose traffic is recorded, as `firebreak replay` would go through the file at `path`. One that is cut off
// is used up to the cut, and a note says so. Errors: what makes the recording unreadable.
absl::StatusOr<TestOutcome> RunRecordedTest(const RuleTest& test, const std::string& path, TestDelivery& delivery);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_TEST_RECORDING_H_
