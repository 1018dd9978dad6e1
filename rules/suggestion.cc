#include "rules/suggestion.h"

#include <algorithm>

#include "fmt/format.h"

namespace firebreak {
namespace {

// Longer words are not typing mistakes, and the distance costs the product of both lengths.
constexpr size_t kMaxWordBytes = 64;

// A third of a short word may be wrong; three letters of a long one.
int LargestTypingMistake(std::string_view word) { return std::clamp(static_cast<int>(word.size()) / 3, 1, 3); }

}  // namespace

int EditDistance(std::string_view a, std::string_view b) {
  // Row i holds the distances of a's first i letters to each beginning of b.
  std::vector<int> before_last(b.size() + 1);
  std::vector<int> last(b.size() + 1);
  std::vector<int> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kMaxWordBytes) return "";
  const std::string* nearest = nullptr;
  int nearest_distance = LargestTypingMistake(word) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kMaxWordBytes) continue;
    const int distance = EditDistance(word, candidate);
    if (distance >= nearest_distance) continue;
    nearest = &candidate;
    nearest_distance = distance;
  }
  return nearest == nullptr ? "" : fmt::format(", did you mean \"{}\"?", *nearest);
}

}  // namespace firebreak
