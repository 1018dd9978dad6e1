#include "rules/finding.h"

#include <algorithm>
#include <string_view>

#include "fmt/format.h"

namespace firebreak {

std::string_view FindingKindName(FindingKind kind) {
  switch (kind) {
    case FindingKind::kError:
      return "error";
    case FindingKind::kWarning:
      return "warning";
    case FindingKind::kNote:
      break;
  }
  return "note";
}

std::string Finding::ToString() const {
  return fmt::format("{}:{}:{}: {}: {}", file, line, column, FindingKindName(kind), message);
}

bool HasErrors(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.kind == FindingKind::kError; });
}

}  // namespace firebreak
