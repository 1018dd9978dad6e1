#include "api/lab/test_report.h"

#include <algorithm>
#include <string_view>

#include "api/notify/utf8.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;
using Line = TestFailure::Line;
using Mark = TestFailure::Mark;

constexpr size_t kContext = 3;  // lines around what differs

struct TestCounts {
  int64_t passed = 0;
  int64_t failed = 0;
  int64_t errors = 0;
};

TestCounts CountTests(const std::vector<FinishedTest>& tests) {
  TestCounts counts;
  for (const FinishedTest& test : tests) {
    int64_t& count = test.error ? counts.errors : test.passed() ? counts.passed : counts.failed;
    ++count;
  }
  return counts;
}

std::string CountsXml(const TestCounts& counts) {
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"", counts.passed + counts.failed + counts.errors,
                     counts.failed, counts.errors);
}

std::string_view MarkText(Mark mark) {
  switch (mark) {
    case Mark::kExpected:
      return "-";
    case Mark::kActual:
      return "+";
    case Mark::kSame:
      break;
  }
  return " ";
}

// Whether a line lies within kContext lines of one that differs.
bool IsShown(const std::vector<Line>& lines, size_t at) {
  const size_t first = at < kContext ? 0 : at - kContext;
  for (size_t i = first; i < std::min(lines.size(), at + kContext + 1); ++i) {
    if (lines[i].mark != Mark::kSame) return true;
  }
  return false;
}

std::string DifferenceText(const std::vector<Line>& lines) {
  std::string text;
  bool skipping = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool shown = IsShown(lines, i);
    if (shown) text += fmt::format("      {} {}\n", MarkText(lines[i].mark), lines[i].text);
    if (!shown && !skipping) text += "        …\n";
    skipping = !shown;
  }
  return text;
}

std::string FailureText(const std::string& file, const TestFailure& failure) {
  return fmt::format("  {}:{}:{}: {}\n{}", file, failure.place.line, failure.place.column, failure.what,
                     DifferenceText(failure.difference));
}

std::string FailuresText(const FinishedTest& test) {
  std::string text;
  for (const TestFailure& failure : test.outcome.failures) text += FailureText(test.file, failure);
  return text;
}

std::string ErrorText(const FinishedTest& test) {
  return fmt::format("  {}:{}:{}: {}\n", test.file, test.error->place.line, test.error->place.column,
                     test.error->message);
}

std::string_view MarkName(Mark mark) {
  switch (mark) {
    case Mark::kExpected:
      return "expected";
    case Mark::kActual:
      return "actual";
    case Mark::kSame:
      break;
  }
  return "same";
}

Json FailureJson(const TestFailure& failure) {
  Json json = {{"line", failure.place.line},
               {"column", failure.place.column},
               {"what", failure.what},
               {"difference", Json::array()}};
  for (const Line& line : failure.difference) {
    json["difference"].push_back({{"mark", MarkName(line.mark)}, {"text", line.text}});
  }
  return json;
}

Json TestJson(const FinishedTest& test) {
  Json json = {{"file", test.file},
               {"line", test.place.line},
               {"name", test.name},
               {"passed", test.passed()},
               {"expectations", test.outcome.expectations},
               {"failures", Json::array()},
               {"notes", test.outcome.notes}};
  for (const TestFailure& failure : test.outcome.failures) json["failures"].push_back(FailureJson(failure));
  if (test.error) {
    json["error"] = {
        {"line", test.error->place.line}, {"column", test.error->place.column}, {"message", test.error->message}};
  }
  return json;
}

// Whether XML 1.0 has the character (its production Char).
bool IsXmlCharacter(const Rune& rune) {
  if (!rune.valid || rune.value == 0xfffe || rune.value == 0xffff) return false;
  return rune.value >= 0x20 || rune.value == '\t' || rune.value == '\n' || rune.value == '\r';
}

// A character as it is written in content and attributes alike.
std::string_view XmlCharacter(std::string_view character) {
  switch (character[0]) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\r':
      return "&#13;";
    default:
      return character;
  }
}

// Text as XML's content or attribute.
std::string Xml(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string escaped;
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    escaped += IsXmlCharacter(rune) ? XmlCharacter(text.substr(0, rune.size)) : kReplacement;
    text.remove_prefix(rune.size);
  }
  return escaped;
}

// What a test has to say that did not pass.
std::string VerdictXml(const FinishedTest& test) {
  if (test.error) {
    return fmt::format("<error message=\"{}\">{}</error>", Xml(test.error->message), Xml(ErrorText(test)));
  }
  return fmt::format("<failure message=\"{} of {} expectations did not hold\">{}</failure>",
                     test.outcome.failures.size(), test.outcome.expectations, Xml(FailuresText(test)));
}

std::string CaseXml(const FinishedTest& test) {
  std::string text =
      fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.6f}\"", Xml(test.file),
                  Xml(test.name), Xml(test.file), test.place.line, absl::ToDoubleSeconds(test.took));
  if (test.passed()) return text + "/>\n";
  return fmt::format("{}>\n      {}\n    </testcase>\n", text, VerdictXml(test));
}

// The tests of one file, which stand together.
std::string SuiteXml(const std::vector<FinishedTest>& tests) {
  std::string cases;
  absl::Duration took;
  for (const FinishedTest& test : tests) {
    cases += CaseXml(test);
    took += test.took;
  }
  return fmt::format("  <testsuite name=\"{}\" {} time=\"{:.6f}\">\n{}  </testsuite>\n", Xml(tests[0].file),
                     CountsXml(CountTests(tests)), absl::ToDoubleSeconds(took), cases);
}

}  // namespace

std::string TestText(const FinishedTest& test) {
  if (test.error) return fmt::format("ERROR {}\n{}", test.name, ErrorText(test));
  std::string text = fmt::format("{}  {}\n", test.passed() ? "ok  " : "FAIL", test.name);
  text += FailuresText(test);
  for (const std::string& note : test.outcome.notes) text += fmt::format("  note: {}\n", note);
  return text;
}

std::string TestSummaryText(const std::vector<FinishedTest>& tests) {
  const TestCounts counts = CountTests(tests);
  const std::string errors = counts.errors == 0 ? "" : fmt::format(", {} could not run", counts.errors);
  return fmt::format("{} passed, {} failed{}\n", counts.passed, counts.failed, errors);
}

std::string TestsJson(const std::vector<FinishedTest>& tests) {
  const TestCounts counts = CountTests(tests);
  Json json = {
      {"tests", Json::array()}, {"passed", counts.passed}, {"failed", counts.failed}, {"errors", counts.errors}};
  for (const FinishedTest& test : tests) json["tests"].push_back(TestJson(test));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string TestsJUnit(const std::vector<FinishedTest>& tests) {
  std::string suites;
  for (size_t begin = 0; begin < tests.size();) {
    size_t end = begin;
    while (end < tests.size() && tests[end].file == tests[begin].file) ++end;
    suites += SuiteXml(
        {tests.begin() + static_cast<std::ptrdiff_t>(begin), tests.begin() + static_cast<std::ptrdiff_t>(end)});
    begin = end;
  }
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n{}</testsuites>\n",
                     CountsXml(CountTests(tests)), suites);
}

}  // namespace firebreak
