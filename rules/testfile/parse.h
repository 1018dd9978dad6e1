#ifndef FIREBREAK_RULES_TESTFILE_PARSE_H_
#define FIREBREAK_RULES_TESTFILE_PARSE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rules/finding.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// The text of a file that a test file names.
struct NamedText {
  std::string name;  // for findings
  std::string text;
};
// Reads a file whose path is relative to the test file. Errors: a message that names the file.
using FileReader = std::function<absl::StatusOr<NamedText>(const std::string& path)>;

struct ParsedTestFile {
  std::optional<TestFile> tests;  // set exactly when there are no findings
  Findings findings;              // errors only, in the order of the file; then those of its configurations
};

// What a promtool file does not say: which configuration its rules were exported from.
struct PromtoolContext {
  std::shared_ptr<const RuleSet> rules;
  // The rule file that Firebreak exports for it, over a counter of requests.
  std::function<std::string(const std::string& metric)> exported;
};

// Reads one test file and the configurations it names. Every fault is reported at once, each with its place: whatever
// is misspelt is one, an expectation above all, and so is a test that expects nothing. Does no I/O but by `read`.
// A file with `rule_files` is one of promtool's; it takes a `promtool` context (promtool.h).
ParsedTestFile ParseTestFile(std::string_view text, std::string_view file, const FileReader& read,
                             const std::optional<PromtoolContext>& promtool = std::nullopt);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_PARSE_H_
