#include "api/lab/test_report.h"

#include <algorithm>
#include <string_view>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;
using Line = TestFailure::Line;
using Mark = TestFailure::Mark;

constexpr size_t kContext = 3;  // lines around what differs

int64_t CountPassed(const std::vector<FinishedTest>& tests) {
  return std::count_if(tests.begin(), tests.end(), [](const FinishedTest& test) { return test.outcome.passed(); });
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
               {"passed", test.outcome.passed()},
               {"expectations", test.outcome.expectations},
               {"failures", Json::array()},
               {"notes", test.outcome.notes}};
  for (const TestFailure& failure : test.outcome.failures) json["failures"].push_back(FailureJson(failure));
  return json;
}

// Text as XML's content or attribute. Control characters, which XML 1.0 cannot say, are shown as "?".
std::string Xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 && c != '\n';
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += is_control ? '?' : c;
    }
  }
  return escaped;
}

std::string CaseXml(const FinishedTest& test) {
  std::string text =
      fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.6f}\"", Xml(test.file),
                  Xml(test.name), Xml(test.file), test.place.line, absl::ToDoubleSeconds(test.took));
  if (test.outcome.passed()) return text + "/>\n";
  const size_t failed = test.outcome.failures.size();
  return fmt::format(
      "{}>\n      <failure message=\"{} of {} expectations did not hold\">{}</failure>\n    </testcase>\n", text,
      failed, test.outcome.expectations, Xml(FailuresText(test)));
}

// The tests of one file, which stand together.
std::string SuiteXml(const std::vector<FinishedTest>& tests) {
  std::string cases;
  absl::Duration took;
  for (const FinishedTest& test : tests) {
    cases += CaseXml(test);
    took += test.took;
  }
  const auto total = static_cast<int64_t>(tests.size());
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{:.6f}\">\n{}  </testsuite>\n",
      Xml(tests[0].file), total, total - CountPassed(tests), absl::ToDoubleSeconds(took), cases);
}

}  // namespace

std::string TestText(const FinishedTest& test) {
  std::string text = fmt::format("{}  {}\n", test.outcome.passed() ? "ok  " : "FAIL", test.name);
  text += FailuresText(test);
  for (const std::string& note : test.outcome.notes) text += fmt::format("  note: {}\n", note);
  return text;
}

std::string TestSummaryText(const std::vector<FinishedTest>& tests) {
  const int64_t passed = CountPassed(tests);
  return fmt::format("{} passed, {} failed\n", passed, static_cast<int64_t>(tests.size()) - passed);
}

std::string TestsJson(const std::vector<FinishedTest>& tests) {
  const int64_t passed = CountPassed(tests);
  Json json = {{"tests", Json::array()}, {"passed", passed}, {"failed", static_cast<int64_t>(tests.size()) - passed}};
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
  const auto total = static_cast<int64_t>(tests.size());
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\">\n{}</testsuites>\n", total,
      total - CountPassed(tests), suites);
}

}  // namespace firebreak
