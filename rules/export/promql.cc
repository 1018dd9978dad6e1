#include "rules/export/promql.h"

#include "fmt/format.h"
#include "rules/quoted.h"

namespace firebreak {

std::string PromqlText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string PromqlSelector(std::string_view metric, const std::vector<LabelMatcher>& matchers) {
  std::string selector;
  for (const LabelMatcher& matcher : matchers) {
    selector +=
        fmt::format("{}{}{}{}", selector.empty() ? "" : ",", matcher.label, matcher.op, PromqlText(matcher.value));
  }
  return fmt::format("{}{{{}}}", metric, selector);
}

std::string MetricNameFault(std::string_view name) {
  constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:";
  constexpr std::string_view kOthers = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789";
  const bool sound = !name.empty() && kFirst.find(name.front()) != std::string_view::npos &&
                     name.find_first_not_of(kOthers) == std::string_view::npos;
  if (sound) return "";
  return fmt::format("{} is not the name of a metric, wanted letters, digits, _ and :, not a digit first",
                     Quoted(name));
}

}  // namespace firebreak
