#include "api/lab/test_report.h"

#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Mark = TestFailure::Mark;

FinishedTest Passed(std::string name) {
  return {"a.yaml", std::move(name), {3, 5}, {2, {}, {}}, absl::Milliseconds(2), std::nullopt};
}

FinishedTest Failed(std::vector<TestFailure::Line> difference) {
  FinishedTest test = Passed("fails");
  test.outcome.failures = {{{7, 9}, "timeline web", std::move(difference)}};
  return test;
}

FinishedTest NotRun(std::string why) {
  FinishedTest test = Passed("not run");
  test.error = TestError{{4, 16}, std::move(why)};
  return test;
}

// The value of the attribute `name`.
std::string NameIn(const std::string& xml) {
  const std::string begin = " name=\"";
  const size_t from = xml.find(begin, xml.find("<testcase")) + begin.size();
  return xml.substr(from, xml.find('"', from) - from);
}

std::string NameInXml(std::string name) { return NameIn(TestsJUnit({Passed(std::move(name))})); }

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

TEST(TestTextTest, SaysWhyATestCouldNotRun) {
  EXPECT_EQ(TestText(NotRun("log: No such file")), "ERROR not run\n  a.yaml:4:16: log: No such file\n");
}

TEST(TestSummaryTextTest, Counts) {
  EXPECT_EQ(TestSummaryText({Passed("a"), Failed({})}), "1 passed, 1 failed\n");
  EXPECT_EQ(TestSummaryText({Passed("a"), NotRun("x"), NotRun("y")}), "1 passed, 0 failed, 2 could not run\n");
}

TEST(TestsJsonTest, HasEverything) {
  const auto json = nlohmann::json::parse(TestsJson({Passed("a"), Failed({{Mark::kExpected, "b"}})}));
  EXPECT_EQ(json["passed"], 1);
  EXPECT_EQ(json["tests"][0]["expectations"], 2);
  EXPECT_EQ(json["tests"][1]["failures"][0]["difference"][0]["mark"], "expected");
  EXPECT_FALSE(json["tests"][1].contains("error"));
}

TEST(TestsJsonTest, ATestThatCouldNotRunHasAnError) {
  const auto json = nlohmann::json::parse(TestsJson({Passed("a"), NotRun("log: No such file")}));
  EXPECT_EQ(json["passed"], 1);
  EXPECT_EQ(json["failed"], 0);
  EXPECT_EQ(json["errors"], 1);
  EXPECT_EQ(json["tests"][1]["passed"], false);
  EXPECT_EQ(json["tests"][1]["error"]["message"], "log: No such file");
  EXPECT_EQ(json["tests"][1]["error"]["column"], 16);
}

TEST(TestsJUnitTest, EscapesAndGroupsByFile) {
  FinishedTest other = Passed("<&\"\x01>");
  other.file = "b.yaml";
  const std::string xml = TestsJUnit({Passed("a"), Failed({{Mark::kExpected, "x < y"}}), other});
  EXPECT_THAT(xml, HasSubstr("<testsuites tests=\"3\" failures=\"1\" errors=\"0\">"));
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"a.yaml\" tests=\"2\" failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"b.yaml\" tests=\"1\" failures=\"0\""));
  EXPECT_THAT(xml, HasSubstr("name=\"&lt;&amp;&quot;\uFFFD&gt;\""));
  EXPECT_THAT(xml, HasSubstr("- x &lt; y"));
}

TEST(TestsJUnitTest, ATestThatCouldNotRunIsAnError) {
  const std::string xml = TestsJUnit({Passed("a"), NotRun("\"log\": No such file")});
  EXPECT_THAT(xml, HasSubstr("<testsuites tests=\"2\" failures=\"0\" errors=\"1\">"));
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"a.yaml\" tests=\"2\" failures=\"0\" errors=\"1\""));
  EXPECT_THAT(xml, HasSubstr("<error message=\"&quot;log&quot;: No such file\">  a.yaml:4:16: "));
}

TEST(TestsJUnitTest, SaysEveryCharacterThatXmlHas) {
  EXPECT_EQ(NameInXml("\u00e9 \u2028 \u0085 \x7f \ufffd \U0010FFFF \t\n\r"),
            "\u00e9 \u2028 \u0085 \x7f \ufffd \U0010FFFF \t\n&#13;");
}

TEST(TestsJUnitTest, ReplacesWhatXmlCannotSay) {
  for (char c = 1; c < 0x20; ++c) {
    const bool is_allowed = c == '\t' || c == '\n' || c == '\r';
    EXPECT_EQ(NameInXml(std::string("a") + c + "b") == "a\ufffdb", !is_allowed) << int{c};
  }
  const std::string rows[] = {
      std::string(1, '\0'),  // NUL
      "\ufffe",              // no characters
      "\uffff",
      "\xff",              // no UTF-8
      "\x80",              // the middle of something
      "\xe2\x82",          // cut off: two bytes
      "\xc0\xaf",          // overlong
      "\xed\xa0\x80",      // a surrogate
      "\xf4\x90\x80\x80",  // beyond U+10FFFF
  };
  for (const std::string& row : rows) {
    std::string name = NameInXml("a" + row + "b");
    size_t replaced = 0;
    for (size_t at = name.find("\ufffd"); at != std::string::npos; at = name.find("\ufffd")) {
      name.erase(at, 3);
      ++replaced;
    }
    EXPECT_EQ(name, "ab");
    EXPECT_GE(replaced, 1U);
  }
}

}  // namespace
}  // namespace firebreak
