#include "rules/suggestion.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(EditDistanceTest, CountsTypingMistakes) {
  const struct {
    std::string_view a, b;
    int want;
  } kRows[] = {
      {"", "", 0},
      {"", "abc", 3},
      {"abc", "abc", 0},
      {"abc", "abd", 1},
      {"abc", "ab", 1},
      {"abc", "xabc", 1},
      {"abc", "acb", 1},
      {"ab", "ba", 1},
      {"kitten", "sitting", 3},
      {"p95-ms", "p95_ms", 1},
      {"availibility", "availability", 1},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(EditDistance(row.a, row.b), row.want) << row.a << " " << row.b;
    EXPECT_EQ(EditDistance(row.b, row.a), row.want) << row.b << " " << row.a;
  }
}

TEST(DidYouMeanTest, NamesTheNearest) {
  const std::vector<std::string> keys = {"short", "long", "burn", "for", "severity"};
  EXPECT_EQ(DidYouMean("shrot", keys), ", did you mean \"short\"?");
  EXPECT_EQ(DidYouMean("brun", keys), ", did you mean \"burn\"?");
  EXPECT_EQ(DidYouMean("fro", keys), ", did you mean \"for\"?");
}

TEST(DidYouMeanTest, IsSilentAboutWhatIsFarFromAll) {
  const std::vector<std::string> keys = {"short", "long", "for"};
  for (const std::string_view word : {"", "x", "window", "shoooort!"}) EXPECT_EQ(DidYouMean(word, keys), "") << word;
  EXPECT_EQ(DidYouMean(std::string(1000, 's'), keys), "");
}

}  // namespace
}  // namespace firebreak
