#include "rules/testfile/parse.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kRoot[] = "testdata/rule_tests/";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Reads files beside `file`.
FileReader Beside(const std::string& file) {
  return [file](const std::string& path) -> absl::StatusOr<NamedText> {
    const std::filesystem::path beside = std::filesystem::path(file).parent_path() / path;
    if (!std::filesystem::exists(beside)) return absl::NotFoundError(path + ": there is no such file");
    return NamedText{path, ReadFile(beside.string())};
  };
}

// What follows `prefix` in the lines of `text` that begin with it.
std::vector<std::string> LinesAfter(const std::string& text, const std::string& prefix) {
  std::vector<std::string> lines;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);) {
    if (line.starts_with(prefix)) lines.push_back(line.substr(prefix.size()));
  }
  return lines;
}

// "line:column: error: message" of each finding.
std::vector<std::string> Texts(const ParsedTestFile& parsed, const std::string& file) {
  std::vector<std::string> texts;
  for (const Finding& finding : parsed.findings) {
    const std::string text = finding.ToString();
    texts.push_back(finding.file == file ? text.substr(file.size() + 1) : text);
  }
  return texts;
}

constexpr std::string_view kRules = R"(
rules:
  slo_tiers:
    web: {availability: 0.999, p95_ms: 300, endpoints: [/a, /b]}
  notify: {webhooks: [{name: oncall, url: "http://127.0.0.1:1/"}]}
)";

// The tests of a file with kRules at its top. No fault is allowed.
std::vector<RuleTest> MustParse(const std::string& tests) {
  ParsedTestFile parsed = ParseTestFile(std::string(kRules) + tests, "f.yaml", Beside("f.yaml"));
  EXPECT_THAT(Texts(parsed, "f.yaml"), IsEmpty());
  return parsed.tests ? parsed.tests->tests : std::vector<RuleTest>();
}

const TrafficLoad& FirstLoad(const RuleTest& test) {
  return std::get<SegmentTraffic>(test.traffic).segments.at(0).loads.at(0);
}

TEST(BadFiles, EachSaysWhatItsCommentsWant) {
  const std::vector<std::string> files = FilesIn(std::string(kRoot) + "bad");
  ASSERT_THAT(files, SizeIs(Gt(20)));
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const std::string text = ReadFile(file);
    const ParsedTestFile parsed = ParseTestFile(text, file, Beside(file));
    EXPECT_FALSE(parsed.tests.has_value());
    EXPECT_EQ(Texts(parsed, file), LinesAfter(text, "# want: "));
  }
}

TEST(GoodFiles, HaveNoFaults) {
  const std::vector<std::string> files = FilesIn(std::string(kRoot) + "good");
  ASSERT_THAT(files, SizeIs(Gt(4)));
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const ParsedTestFile parsed = ParseTestFile(ReadFile(file), file, Beside(file));
    EXPECT_THAT(Texts(parsed, file), IsEmpty());
  }
}

TEST(ParseTestFile, ReadsALoadAndFillsInDefaults) {
  const std::vector<RuleTest> tests = MustParse(R"(
tests:
  - name: x
    traffic: [{for: 10m, endpoint: /a, rps: 2.5, errors: "0.05%"}]
    expect: [{at: 5m, alert: web/availability/fast, state: inactive}]
)");
  ASSERT_THAT(tests, SizeIs(1));
  EXPECT_EQ(tests[0].step, absl::Seconds(5));
  const TrafficLoad& load = FirstLoad(tests[0]);
  EXPECT_EQ(load.endpoint, "/a");
  EXPECT_EQ(load.rate, Decimal::FromParts(25, 1));
  EXPECT_EQ(load.per, absl::Seconds(1));
  EXPECT_EQ(load.errors, Decimal::FromParts(5, 4));
  EXPECT_EQ(load.failures.at(0).value.status, 503);
  EXPECT_EQ(load.successes.at(0).value.status, 200);
  EXPECT_EQ(load.latencies.at(0).value, std::nullopt);
}

TEST(ParseTestFile, ReadsRequestsOverTheWholeSegment) {
  const std::vector<RuleTest> tests = MustParse(R"(
tests:
  - name: x
    traffic: [{for: 1h, load: [{endpoint: /a, requests: 7}, {endpoint: /b, rps: 1}]}]
    expect: [{timeline: all, is: []}]
)");
  ASSERT_THAT(tests, SizeIs(1));
  EXPECT_EQ(FirstLoad(tests[0]).rate, Decimal::FromParts(7, 0));
  EXPECT_EQ(FirstLoad(tests[0]).per, absl::Hours(1));
  EXPECT_THAT(std::get<SegmentTraffic>(tests[0].traffic).segments.at(0).loads, SizeIs(2));
}

TEST(ParseTestFile, ReadsMixesInFileOrder) {
  const std::vector<RuleTest> tests = MustParse(R"(
tests:
  - name: x
    traffic:
      - {for: 1h, endpoint: /a, rps: 1, errors: 50%, fail_with: {timeout: 3, 504: 1}, latency: {2s: 5, none: 1, 80ms: 94}}
    expect: [{timeline: all, is: []}]
)");
  ASSERT_THAT(tests, SizeIs(1));
  const TrafficLoad& load = FirstLoad(tests[0]);
  ASSERT_THAT(load.failures, SizeIs(2));
  EXPECT_EQ(load.failures[0].value.outcome, "timeout");
  EXPECT_EQ(load.failures[0].weight, 3);
  EXPECT_EQ(load.failures[1].value.status, 504);
  ASSERT_THAT(load.latencies, SizeIs(3));
  EXPECT_EQ(load.latencies[0].value, absl::Seconds(2));
  EXPECT_EQ(load.latencies[1].value, std::nullopt);
}

TEST(ParseTestFile, ReadsEveryKindOfExpectation) {
  const std::vector<RuleTest> tests = MustParse(R"(
tests:
  - name: x
    traffic: [{silence: 1h, heartbeat: 1m}]
    expect:
      - {at: 5m, alert: web/availability/fast, state: firing, severity: page, since: 3m, fired: 5m}
      - {at: 5m, window: web/latency/slow/long, bad: 3, total: ">= 5", burn: "<14.4"}
      - {at: +5m, budget_left: web/availability, is: 87.50%}
      - {timeline: web, is: [+5m availability/fast firing page, +6m NoData resolved ticket recovered]}
      - {notifications: oncall, at: 5m, repeats: true, is: [+5m web/availability/fast firing repeat]}
)");
  ASSERT_THAT(tests, SizeIs(1));
  ASSERT_THAT(tests[0].expectations, SizeIs(5));
  const auto& alert = std::get<AlertExpectation>(tests[0].expectations[0]);
  EXPECT_EQ(alert.alert.ToString(), "web/availability/fast");
  EXPECT_EQ(alert.place.line, 11);
  EXPECT_EQ(alert.since->offset, absl::Minutes(3));
  const auto& window = std::get<WindowExpectation>(tests[0].expectations[1]);
  EXPECT_EQ(window.bad->sign, Comparison::Sign::kIs);
  EXPECT_EQ(window.total->sign, Comparison::Sign::kAtLeast);
  EXPECT_EQ(window.burn->sign, Comparison::Sign::kLess);
  EXPECT_EQ(window.burn->decimals, 1);
  const auto& budget = std::get<BudgetExpectation>(tests[0].expectations[2]);
  EXPECT_EQ(budget.left.value, Decimal::FromParts(875, 3));
  EXPECT_EQ(budget.left.decimals, 4);
  const auto& timeline = std::get<TimelineExpectation>(tests[0].expectations[3]);
  EXPECT_EQ(timeline.is.at(1).alert.ToString(), "web/NoData");
  EXPECT_EQ(timeline.is.at(1).words.reason, "recovered");
  const auto& told = std::get<NotificationsExpectation>(tests[0].expectations[4]);
  EXPECT_TRUE(told.is.at(0).is_repeat);
  EXPECT_EQ(told.at->offset, absl::Minutes(5));
}

TEST(ParseTestFile, ATestMayHaveItsOwnRules) {
  const std::vector<RuleTest> tests = MustParse(R"(
tests:
  - name: x
    rules: {evaluation_interval: 30s, slo_tiers: {other: {availability: 0.9, burn_rate_fast: 2, burn_rate_slow: 2, endpoints: [/a]}}}
    traffic: [{silence: 1h}]
    expect: [{timeline: other, is: []}]
)");
  ASSERT_THAT(tests, SizeIs(1));
  EXPECT_EQ(tests[0].step, absl::Seconds(30));
  EXPECT_EQ(tests[0].rules->config.tiers.at(0).name, "other");
}

TEST(ParseTestFile, OfARecordingTimesMayBeDates) {
  const std::vector<RuleTest> tests = MustParse(R"(
tests:
  - name: x
    recording: {file: a.ndjson.gz, format: events, lateness: 1m}
    expect: [{at: "2026-01-05T00:05:00Z", alert: web/availability/fast, state: inactive}]
)");
  ASSERT_THAT(tests, SizeIs(1));
  EXPECT_EQ(std::get<RecordedTraffic>(tests[0].traffic).path, "a.ndjson.gz");
  EXPECT_EQ(std::get<AlertExpectation>(tests[0].expectations[0]).at.time, absl::FromUnixSeconds(1767571500));
}

TEST(ParseTestFile, FaultsOfANamedConfigurationAreReportedWithItsPlaces) {
  const FileReader read = [](const std::string&) -> absl::StatusOr<NamedText> {
    return NamedText{"dir/rules.yaml", "slo_tiers: 5\n"};
  };
  const ParsedTestFile parsed = ParseTestFile(
      "config: rules.yaml\ntests: [{name: x, traffic: [{silence: 1h}], expect: [{timeline: all, is: []}]}]\n", "f.yaml",
      read);
  EXPECT_THAT(Texts(parsed, "f.yaml"), ElementsAre(HasSubstr("dir/rules.yaml:1:12: error: slo_tiers:")));
}

TEST(AlertPathTest, CoversWhatLiesInIt) {
  const AlertPath tier{"web", "", "", ""};
  const AlertPath alert{"web", "availability", "fast", ""};
  EXPECT_TRUE(AlertPath().Covers(alert));
  EXPECT_TRUE(tier.Covers(alert));
  EXPECT_FALSE(alert.Covers(tier));
  EXPECT_FALSE(tier.Covers({"web2", "availability", "fast", ""}));
  EXPECT_EQ(tier.Rest(alert), "availability/fast");
  EXPECT_EQ(AlertPath().Rest(alert), "web/availability/fast");
  EXPECT_EQ(alert.Rest(alert), "");
}

}  // namespace
}  // namespace firebreak
