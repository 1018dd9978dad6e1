#include "engine/ruletest/list_difference.h"

#include <algorithm>

namespace firebreak {
namespace {

using Line = TestFailure::Line;
using Mark = TestFailure::Mark;

constexpr size_t kMostCells = 1'000'000;

// The length of the longest common subsequence of what lies behind each pair of positions.
class CommonLengths {
 public:
  CommonLengths(size_t begin, size_t expected, size_t actual, const std::function<bool(size_t, size_t)>& matches)
      : begin_(begin), width_(actual - begin + 1), lengths_((expected - begin + 1) * width_) {
    for (size_t e = expected; e-- > begin;) {
      for (size_t a = actual; a-- > begin;) {
        At(e, a) = matches(e, a) ? At(e + 1, a + 1) + 1 : std::max(At(e + 1, a), At(e, a + 1));
      }
    }
  }

  int& At(size_t e, size_t a) { return lengths_[(e - begin_) * width_ + (a - begin_)]; }

 private:
  const size_t begin_;
  const size_t width_;
  std::vector<int> lengths_;
};

}  // namespace

std::vector<Line> ListDifference(const std::vector<std::string>& expected, const std::vector<std::string>& actual,
                                 const std::function<bool(size_t, size_t)>& matches) {
  std::vector<Line> lines;
  size_t same = 0;
  while (same < expected.size() && same < actual.size() && matches(same, same)) {
    lines.push_back({Mark::kSame, expected[same++]});
  }
  if (same == expected.size() && same == actual.size()) return {};
  size_t e = same;
  size_t a = same;
  if ((expected.size() - same + 1) * (actual.size() - same + 1) <= kMostCells) {
    CommonLengths lengths(same, expected.size(), actual.size(), matches);
    while (e < expected.size() && a < actual.size()) {
      if (matches(e, a)) {
        lines.push_back({Mark::kSame, expected[e++]});
        ++a;
      } else if (lengths.At(e + 1, a) >= lengths.At(e, a + 1)) {
        lines.push_back({Mark::kExpected, expected[e++]});
      } else {
        lines.push_back({Mark::kActual, actual[a++]});
      }
    }
  }
  for (; e < expected.size(); ++e) lines.push_back({Mark::kExpected, expected[e]});
  for (; a < actual.size(); ++a) lines.push_back({Mark::kActual, actual[a]});
  return lines;
}

}  // namespace firebreak
