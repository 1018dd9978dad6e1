#include "api/lab/test_report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Mark = TestFailure::Mark;

FinishedTest Passed(std::string name) {
  return {"a.yaml", std::move(name), {3, 5}, {2, {}, {}}, absl::Milliseconds(2)};
}

FinishedTest Failed(std::vector<TestFailure::Line> difference) {
  FinishedTest test = Passed("fails");
  test.outcome.failures = {{{7, 9}, "timeline web", std::move(difference)}};
  return test;
}

TEST(TestTextTest, SaysWhereAndHowItDiffers) {
  EXPECT_EQ(TestText(Passed("works")), "ok    works\n");
  EXPECT_EQ(TestText(Failed({{Mark::kSame, "a"}, {Mark::kExpected, "b"}, {Mark::kActual, "c"}})),
            "FAIL  fails\n"
            "  a.yaml:7:9: timeline web\n"
            "        a\n"
            "      - b\n"
            "      + c\n");
}

TEST(TestTextTest, LeavesOutWhatIsFarFromADifference) {
  std::vector<TestFailure::Line> lines;
  for (int i = 0; i < 20; ++i) lines.push_back({i == 10 ? Mark::kActual : Mark::kSame, std::to_string(i)});
  const std::string text = TestText(Failed(lines));
  EXPECT_THAT(
      text,
      HasSubstr(
          "        …\n        7\n        8\n        9\n      + 10\n        11\n        12\n        13\n        …\n"));
  EXPECT_THAT(text, Not(HasSubstr(" 6\n")));
}

TEST(TestTextTest, ShowsNotes) {
  FinishedTest test = Passed("works");
  test.outcome.notes = {"cut off"};
  EXPECT_EQ(TestText(test), "ok    works\n  note: cut off\n");
}

TEST(TestSummaryTextTest, Counts) { EXPECT_EQ(TestSummaryText({Passed("a"), Failed({})}), "1 passed, 1 failed\n"); }

TEST(TestsJsonTest, HasEverything) {
  const auto json = nlohmann::json::parse(TestsJson({Passed("a"), Failed({{Mark::kExpected, "b"}})}));
  EXPECT_EQ(json["passed"], 1);
  EXPECT_EQ(json["tests"][0]["expectations"], 2);
  EXPECT_EQ(json["tests"][1]["failures"][0]["difference"][0]["mark"], "expected");
}

TEST(TestsJUnitTest, EscapesAndGroupsByFile) {
  FinishedTest other = Passed("<&\"\x01>");
  other.file = "b.yaml";
  const std::string xml = TestsJUnit({Passed("a"), Failed({{Mark::kExpected, "x < y"}}), other});
  EXPECT_THAT(xml, HasSubstr("<testsuites tests=\"3\" failures=\"1\">"));
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"a.yaml\" tests=\"2\" failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"b.yaml\" tests=\"1\" failures=\"0\""));
  EXPECT_THAT(xml, HasSubstr("name=\"&lt;&amp;&quot;?&gt;\""));
  EXPECT_THAT(xml, HasSubstr("- x &lt; y"));
}

}  // namespace
}  // namespace firebreak
