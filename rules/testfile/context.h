#ifndef FIREBREAK_RULES_TESTFILE_CONTEXT_H_
#define FIREBREAK_RULES_TESTFILE_CONTEXT_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "rules/rule_set.h"
#include "rules/testfile/test_file.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// What the parts of one test need to know of the whole.
struct TestContext {
  YamlReader& reader;
  const RuleSet& rules;
  absl::Duration step;
  // Set once the traffic is read.
  bool recorded = false;
  absl::Duration end;                                           // of traffic that is not recorded
  std::vector<std::pair<absl::Duration, absl::Duration>> down;  // (from, to] of each restart

  const Config& config() const { return rules.config; }
};

// What is wrong with `endpoint` as one that somebody means, or "": it falls to the tier for unknown endpoints and looks
// like one that a tier lists.
std::string EndpointFault(const RuleSet& rules, std::string_view endpoint);

// What may have been meant by `word`: the nearest of `names`, or when none is near, all of them.
std::string Hint(std::string_view word, const std::vector<std::string>& names);

// The one key of a map out of `keys` that says what it is; "" after a fault when there is none, or are several.
std::string ChooseKey(const Field& map, const std::vector<std::string>& keys, YamlReader& reader);

bool HasKey(const YamlNode& map, std::string_view key);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_CONTEXT_H_
