#include "rules/finding_list.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "fmt/format.h"

namespace firebreak {

void FindingList::Add(FindingKind kind, Place place, std::string message) {
  if (kind == FindingKind::kError && ++num_errors_ > kMaxErrors) {
    if (num_errors_ > kMaxErrors + 1) return;
    message = fmt::format("more than {} errors: those left out will show once these are cured", kMaxErrors);
  }
  findings_.push_back({kind, file_, place.line, place.column, std::move(message)});
}

Findings FindingList::Take() {
  std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  num_errors_ = 0;
  return std::exchange(findings_, {});
}

}  // namespace firebreak
