#ifndef FIREBREAK_RULES_TESTFILE_RULE_FILE_H_
#define FIREBREAK_RULES_TESTFILE_RULE_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "rules/testfile/parse.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// Reads the alerting rules of a Prometheus rule file that Firebreak exported: what its alerts are labelled and say.
// `exported` is what it must be, comments and empty lines apart.
// Errors: InvalidArgument with the place in that file: another rule, or a label or annotation that is a template.
absl::StatusOr<std::vector<PromtoolAlert>> ReadRuleFile(const NamedText& file, std::string_view exported);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_RULE_FILE_H_
