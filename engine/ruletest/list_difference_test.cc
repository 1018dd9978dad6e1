#include "engine/ruletest/list_difference.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Mark = TestFailure::Mark;

// " a", "-b", "+c": each line with its mark before it.
std::vector<std::string> Difference(const std::vector<std::string>& expected, const std::vector<std::string>& actual) {
  std::vector<std::string> texts;
  for (const TestFailure::Line& line :
       ListDifference(expected, actual, [&](size_t e, size_t a) { return expected[e] == actual[a]; })) {
    const char mark = line.mark == Mark::kSame ? ' ' : line.mark == Mark::kExpected ? '-' : '+';
    texts.push_back(mark + line.text);
  }
  return texts;
}

TEST(ListDifferenceTest, EqualListsHaveNone) {
  EXPECT_THAT(Difference({}, {}), IsEmpty());
  EXPECT_THAT(Difference({"a", "b"}, {"a", "b"}), IsEmpty());
}

TEST(ListDifferenceTest, ShowsTheFewestLines) {
  EXPECT_THAT(Difference({"a", "b", "c"}, {"a", "c"}), ElementsAre(" a", "-b", " c"));
  EXPECT_THAT(Difference({"a", "c"}, {"a", "b", "c"}), ElementsAre(" a", "+b", " c"));
  EXPECT_THAT(Difference({"a"}, {"b"}), ElementsAre("-a", "+b"));
  EXPECT_THAT(Difference({}, {"b"}), ElementsAre("+b"));
  EXPECT_THAT(Difference({"a"}, {}), ElementsAre("-a"));
}

TEST(ListDifferenceTest, BothListsCanBeReadOffIt) {
  rc::check("lines without + are what was expected, lines without - what was found", [] {
    const auto list = rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a", "b", "c"));
    const std::vector<std::string> expected = *list;
    const std::vector<std::string> actual = *list;
    std::vector<std::string> left;
    std::vector<std::string> right;
    const std::vector<std::string> lines = Difference(expected, actual);
    for (const std::string& line : lines) {
      if (line[0] != '+') left.push_back(line.substr(1));
      if (line[0] != '-') right.push_back(line.substr(1));
    }
    if (expected == actual) {
      RC_ASSERT(lines.empty());
    } else {
      RC_ASSERT(left == expected);
      RC_ASSERT(right == actual);
    }
  });
}

}  // namespace
}  // namespace firebreak
