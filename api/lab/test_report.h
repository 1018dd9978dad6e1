#ifndef FIREBREAK_API_LAB_TEST_REPORT_H_
#define FIREBREAK_API_LAB_TEST_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/ruletest/outcome.h"
#include "rules/place.h"

namespace firebreak {

// Why a test could not run: its traffic cannot be read, or makes no sense.
struct TestError {
  Place place;
  std::string message;
};

// One test that was run, or could not be.
struct FinishedTest {
  std::string file;
  std::string name;
  Place place;
  TestOutcome outcome;
  absl::Duration took;             // real time
  std::optional<TestError> error;  // nothing came out then

  bool passed() const { return !error && outcome.passed(); }
};

// "ok    NAME", or "FAIL  NAME" with file:line:column and the difference of each expectation that did not hold, or
// "ERROR NAME", also with the place.
std::string TestText(const FinishedTest& test);

// "3 passed, 1 failed", and ", 1 could not run" where there is one.
std::string TestSummaryText(const std::vector<FinishedTest>& tests);

// All of it as one JSON object; docs/rule-lab.md has the format.
std::string TestsJson(const std::vector<FinishedTest>& tests);

// All of it as JUnit's XML, a suite for each file. Well-formed whatever the texts hold: what XML 1.0 cannot say is
// U+FFFD.
std::string TestsJUnit(const std::vector<FinishedTest>& tests);

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_TEST_REPORT_H_
