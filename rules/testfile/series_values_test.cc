#include "rules/testfile/series_values.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Samples = std::vector<std::optional<int64_t>>;
constexpr std::nullopt_t kNone = std::nullopt;

Samples MustParse(std::string_view text) {
  absl::StatusOr<Samples> samples = ParseSeriesValues(text);
  EXPECT_TRUE(samples.ok()) << text << ": " << samples.status();
  return samples.ok() ? *std::move(samples) : Samples();
}

// As promtool 2.42 reads them.
TEST(ParseSeriesValues, ReadsPromtoolsNotation) {
  struct Row {
    std::string_view text;
    Samples wanted;
  };
  const Row rows[] = {
      {"", {}},
      {"5", {5}},
      {" 1  2 ", {1, 2}},
      {"0+5x3", {0, 5, 10, 15}},
      {"9-3x3", {9, 6, 3, 0}},
      {"4x2", {4, 4, 4}},
      {"0x2", {0, 0, 0}},
      {"7+1x0", {7}},
      {"_", {kNone}},
      {"_x3", {kNone, kNone, kNone}},
      {"_x0", {}},
      {"0+1x1 _x2 stale", {0, 1, kNone, kNone, kNone}},
      {"3x1 stale 0+2x1", {3, 3, kNone, 0, 2}},
  };
  for (const Row& row : rows) EXPECT_EQ(MustParse(row.text), row.wanted) << row.text;
}

TEST(ParseSeriesValues, RefusesWhatIsNoCounterOfRequests) {
  for (const std::string_view text :
       {"1.5", "-1", "1-1x2", "NaN", "Inf", "1e3", "0+1", "0+1x", "4x", "0+1X3", "0 + 1x3", "_3", "_x", "stalex3",
        "0x5x5", "+3", "9000000000000001", "0+9000000000000000x2"}) {
    EXPECT_FALSE(ParseSeriesValues(text).ok()) << text;
  }
}

TEST(ParseSeriesValues, RefusesTooManySamples) {
  EXPECT_THAT(MustParse("0+1x199999"), SizeIs(200000));
  for (const std::string_view text : {"0+1x200000", "_x200000", "0+1x199999 1", "0+1x9000000000000000"}) {
    EXPECT_FALSE(ParseSeriesValues(text).ok()) << text;
  }
}

TEST(ParseSeriesSelector, ReadsNameAndLabels) {
  const absl::StatusOr<SeriesSelector> selector = ParseSeriesSelector(R"( up:x{ a="b", c = "d\"\\\n" ,} )");
  ASSERT_TRUE(selector.ok()) << selector.status();
  EXPECT_EQ(selector->name, "up:x");
  EXPECT_THAT(selector->labels, ElementsAre(std::pair<std::string, std::string>("a", "b"),
                                            std::pair<std::string, std::string>("c", "d\"\\\n")));
  EXPECT_THAT(ParseSeriesSelector("up")->labels, IsEmpty());
  EXPECT_THAT(ParseSeriesSelector("up{}")->labels, IsEmpty());
}

TEST(ParseSeriesSelector, RefusesWhatIsNone) {
  for (const std::string_view text : {"", "{a=\"b\"}", "up{", "up{a}", "up{a=b}", "up{a=\"b}", "up{a=\"b\" c=\"d\"}",
                                      "up{a=\"b\"}x", "up{a=\"\\q\"}", "up{a=\"1\",a=\"2\"}", "up{a!=\"b\"}"}) {
    EXPECT_FALSE(ParseSeriesSelector(text).ok()) << text;
  }
}

}  // namespace
}  // namespace firebreak
