#ifndef FIREBREAK_RULES_FINDING_H_
#define FIREBREAK_RULES_FINDING_H_

#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

enum class FindingKind { kError, kWarning, kNote };
std::string_view FindingKindName(FindingKind kind);  // "error", "warning", "note"

// Something `check` says about a place in a configuration. Lines and columns count from 1.
struct Finding {
  FindingKind kind = FindingKind::kError;
  std::string file;
  int line = 1;
  int column = 1;
  std::string message;  // "alerts.fast.short: 2h is not shorter than the long window 1h"

  // "file:line:column: error: message"
  std::string ToString() const;
};

using Findings = std::vector<Finding>;

bool HasErrors(const Findings& findings);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_FINDING_H_
