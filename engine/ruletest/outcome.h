#ifndef FIREBREAK_ENGINE_RULETEST_OUTCOME_H_
#define FIREBREAK_ENGINE_RULETEST_OUTCOME_H_

#include <cstdint>
#include <string>
#include <vector>

#include "rules/place.h"

namespace firebreak {

// One expectation that did not hold.
struct TestFailure {
  // A line of the difference: as expected, missing, or not expected.
  enum class Mark { kSame, kExpected, kActual };
  struct Line {
    Mark mark = Mark::kSame;
    std::string text;
  };
  Place place;       // of the expectation
  std::string what;  // "alert tier1/availability/fast at +2h3m"
  std::vector<Line> difference;
};

// What came of one test.
struct TestOutcome {
  int64_t expectations = 0;
  std::vector<TestFailure> failures;  // in the order of the file
  std::vector<std::string> notes;     // what people should know of how it was run

  bool passed() const { return failures.empty(); }
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_OUTCOME_H_
