#ifndef FIREBREAK_API_LAB_TEST_REPORT_H_
#define FIREBREAK_API_LAB_TEST_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/ruletest/outcome.h"
#include "rules/place.h"

namespace firebreak {

// One test that was run.
struct FinishedTest {
  std::string file;
  std::string name;
  Place place;
  TestOutcome outcome;
  absl::Duration took;  // real time
};

// "ok    NAME", or "FAIL  NAME" with file:line:column and the difference of each expectation that did not hold.
std::string TestText(const FinishedTest& test);

// "3 passed, 1 failed".
std::string TestSummaryText(const std::vector<FinishedTest>& tests);

// All of it as one JSON object; docs/rule-lab.md has the format.
std::string TestsJson(const std::vector<FinishedTest>& tests);

// All of it as JUnit's XML, a suite for each file.
std::string TestsJUnit(const std::vector<FinishedTest>& tests);

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_TEST_REPORT_H_
