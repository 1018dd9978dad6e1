#ifndef FIREBREAK_RULES_TESTFILE_PROMTOOL_H_
#define FIREBREAK_RULES_TESTFILE_PROMTOOL_H_

#include <optional>
#include <vector>

#include "rules/testfile/parse.h"
#include "rules/testfile/test_file.h"
#include "rules/yaml_node.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// Reads a unit-test file of promtool: rule_files that Firebreak exported, input_series and alert_rule_test. Its tests
// get the verdict of `promtool test rules`, or a fault that names what stands in the way:
//   (1) The rule files must be what the context exports, so that they mean what its configuration means. Without data
//       an exported alert ends at once: the tests run with no_data_hold 0s.
//   (2) promql_expr_test, templates in annotations, patterns in rule_files, external_labels and external_url are not
//       supported.
//   (3) Where Prometheus estimates, it may decide otherwise: series must have a sample at every interval from their
//       first, which is 0, to their last, which the series of a tier share; windows and evaluations must fall on them.
void ReadPromtoolFile(const YamlNode& root, const std::optional<PromtoolContext>& context, const FileReader& read,
                      YamlReader& reader, std::vector<RuleTest>& tests);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_PROMTOOL_H_
