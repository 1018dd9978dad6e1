#ifndef FIREBREAK_RULES_SUGGESTION_H_
#define FIREBREAK_RULES_SUGGESTION_H_

#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

// How many letters must be inserted, dropped, replaced or swapped with their neighbour to make `b` out of `a`
// (optimal string alignment).
int EditDistance(std::string_view a, std::string_view b);

// `, did you mean "objective"?` with the candidate nearest to `word`, or "" when none is near enough to be meant.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_SUGGESTION_H_
