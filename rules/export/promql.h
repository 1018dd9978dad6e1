#ifndef FIREBREAK_RULES_EXPORT_PROMQL_H_
#define FIREBREAK_RULES_EXPORT_PROMQL_H_

#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

// `text` as a PromQL string, quotes included.
std::string PromqlText(std::string_view text);

// One condition on a label: op is "=", "!=" or "=~" (the value then is a pattern already).
struct LabelMatcher {
  std::string_view label;
  std::string_view op;
  std::string value;
};

// metric{label="value",…}
std::string PromqlSelector(std::string_view metric, const std::vector<LabelMatcher>& matchers);

// What is wrong with `name` as the name of a metric, or "".
std::string MetricNameFault(std::string_view name);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_EXPORT_PROMQL_H_
