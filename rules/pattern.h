#ifndef FIREBREAK_RULES_PATTERN_H_
#define FIREBREAK_RULES_PATTERN_H_

#include <string>
#include <string_view>

namespace firebreak {

// Limits on the regular expressions of a configuration (RE2), so that no file makes them costly.
inline constexpr size_t kMaxPatternBytes = 1024;
inline constexpr int kMaxPatterns = 1000;

// What is wrong with `pattern` as an RE2 within the limits above, or "".
std::string PatternFault(std::string_view pattern);

// What is wrong with `rewrite` as a replacement for matches of `pattern` (\1 … \9 are its groups), or "".
// REQUIRES: PatternFault(pattern).empty().
std::string RewriteFault(std::string_view pattern, std::string_view rewrite);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_PATTERN_H_
