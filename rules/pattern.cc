#include "rules/pattern.h"

#include "fmt/format.h"
#include "re2/re2.h"
#include "rules/pattern_options.h"

namespace firebreak {

std::string PatternFault(std::string_view pattern) {
  if (pattern.empty()) return "an empty pattern, wanted an RE2";
  if (pattern.size() > kMaxPatternBytes) {
    return fmt::format("a pattern of {} bytes, wanted at most {}", pattern.size(), kMaxPatternBytes);
  }
  const RE2 re2(pattern, PatternOptions());
  return re2.ok() ? "" : fmt::format("not a valid RE2: {}", re2.error());
}

std::string RewriteFault(std::string_view pattern, std::string_view rewrite) {
  if (rewrite.size() > kMaxPatternBytes) {
    return fmt::format("a replacement of {} bytes, wanted at most {}", rewrite.size(), kMaxPatternBytes);
  }
  const RE2 re2(pattern, PatternOptions());
  std::string error;
  return re2.CheckRewriteString(rewrite, &error) ? "" : error;
}

}  // namespace firebreak
