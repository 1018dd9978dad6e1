#ifndef FIREBREAK_ENGINE_RULETEST_LIST_DIFFERENCE_H_
#define FIREBREAK_ENGINE_RULETEST_LIST_DIFFERENCE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "engine/ruletest/outcome.h"

namespace firebreak {

// Where two lists differ: the fewest lines to take away and to add, in order. `matches(e, a)` says whether item e of
// the expected ones is item a of the actual ones. Empty when all match. Lists so long that comparing them takes a
// while are shown from their first difference on without looking for what they share.
std::vector<TestFailure::Line> ListDifference(const std::vector<std::string>& expected,
                                              const std::vector<std::string>& actual,
                                              const std::function<bool(size_t e, size_t a)>& matches);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_LIST_DIFFERENCE_H_
