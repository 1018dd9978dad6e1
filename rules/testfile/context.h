#ifndef FIREBREAK_RULES_TESTFILE_CONTEXT_H_
#define FIREBREAK_RULES_TESTFILE_CONTEXT_H_

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "rules/rule_set.h"
#include "rules/testfile/test_file.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// How long the story of a test may be.
inline constexpr absl::Duration kLongestTest = absl::Hours(24 * 366);

// What the parts of one test need to know of the whole.
struct TestContext {
  YamlReader& reader;
  const RuleSet& rules;
  absl::Duration step;
  // Set once the traffic is read.
  bool recorded = false;
  absl::Duration end;                                           // of traffic that is not recorded
  std::vector<std::pair<absl::Duration, absl::Duration>> down;  // (from, to] of each restart
  std::vector<std::set<std::string>> called;                    // by tier, as counted: if it is not recorded

  const Config& config() const { return rules.config; }
};

// What is wrong with an endpoint that the traffic calls, or "": one that no tier lists, by name or pattern, must be
// called so on purpose (`unknown: true` beside it), and others must not.
enum class Unknown { kMeant, kNotMeant };
std::string CalledFault(const RuleSet& rules, std::string_view endpoint, Unknown unknown);
// The traffic calls it.
void Call(std::string_view endpoint, TestContext& context);

// What may have been meant by `word`: the nearest of `names`, or when none is near, all of them.
std::string Hint(std::string_view word, const std::vector<std::string>& names);

// The same of endpoints, which may be many: all of them only when they are few.
std::string EndpointHint(std::string_view word, const std::vector<std::string>& endpoints);

// The one key of a map out of `keys` that says what it is; "" after a fault when there is none, or are several.
std::string ChooseKey(const Field& map, const std::vector<std::string>& keys, YamlReader& reader);

bool HasKey(const YamlNode& map, std::string_view key);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_CONTEXT_H_
