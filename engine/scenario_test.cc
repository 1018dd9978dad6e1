#include "engine/scenario.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kFolder[] = "testdata/scenarios";

std::vector<std::string> ScenarioNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".scenario") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// One test for each file.
class ScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, Holds) {
  const std::string path = fmt::format("{}/{}.scenario", kFolder, GetParam());
  const absl::StatusOr<Scenario> scenario = ParseScenario(ReadFile(path), path);
  ASSERT_TRUE(scenario.ok()) << scenario.status().message();
  EXPECT_THAT(RunScenario(*scenario, path), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Files, ScenarioTest, ::testing::ValuesIn(ScenarioNames()),
                         [](const auto& test) { return test.param; });

// --- The language itself: what is wrong is said, with its line.

constexpr char kConfig[] =
    "config\n"
    "  slo_tiers:\n"
    "    checkout: {availability: 0.999, burn_rate_fast: 14.4, burn_rate_slow: 6, endpoints: [/pay]}\n"
    "end\n";  // four lines
constexpr char kHolds[] = "at 5s expect checkout/fast inactive\n";

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<Scenario> scenario = ParseScenario(text, "s");
  return scenario.ok() ? "" : std::string(scenario.status().message());
}

TEST(ParseScenarioTest, EveryMistakeIsAnErrorWithItsLine) {
  const struct {
    const char* statement;  // in line 5
    const char* message;
  } kRows[] = {
      {"lode 10s /pay good=1 x1", "s:5: \"lode\": wanted config, step"},
      {"load 10s /pay god=1 x1", "s:5: \"god\": wanted good, bad"},
      {"load 10s /pay good=1", "s:5: wanted \"load"},
      {"load 10s /pay good=1 bad=2", "s:5: the last segment has no xN"},
      {"load 10s /pay good=1 y1", "s:5: \"y1\": wanted KIND=N or xN"},
      {"load 10s /pay good=1 x0", "s:5: wanted x1"},
      {"load 10s /pay good=-1 x1", "s:5: \"-1\": wanted a whole number"},
      {"load 0s /pay good=1 x1", "s:5: load: wanted a duration above 0s"},
      {"load 10 /pay good=1 x1", "s:5: "},
      {"load 10s /pay slow=1 x1", "s:5: slow: checkout has no p95_ms"},
      {"load 10s /pay timeouts=1 x1", "s:5: timeouts: checkout has no timeout"},
      {"load 10s /pay source=probe good=1 x1", "s:5: source \"probe\": wanted rum or synthetic"},
      {"silence", "s:5: wanted \"silence DURATION\""},
      {"heartbeat 1m from=0s source=rum", "s:5: heartbeat: wanted from= and to="},
      {"heartbeat 1m from=0s till=1m", "s:5: option \"till\": wanted one of from, to, source"},
      {"at 5s expect chekout/fast firing", "s:5: no tier is called \"chekout\""},
      {"at 5s expect checkout/fats firing", "s:5: no pair is called \"fats\""},
      {"at 5s expect checkout/nodata firing", "s:5: no pair is called \"nodata\""},
      {"at 5s expect checkout/latency/fast firing", "s:5: checkout has no latency SLO"},
      {"at 5s expect checkout/uptime/fast firing", "s:5: slo \"uptime\": wanted one of"},
      {"at 5s expect checkout/fast fireing", "s:5: status \"fireing\": wanted one of inactive, pending"},
      {"at 5s expect checkout/fast firing sinc=1s", "s:5: option \"sinc\": wanted one of since, fired, as, reason"},
      {"at 5s expect checkout/fast firing as=alarm", "s:5: severity \"alarm\""},
      {"at 5s expect checkout/fast resolved reason=bored", "s:5: reason \"bored\""},
      {"at 5s expect checkout/fast inactive since=1s", "s:5: an inactive alert has no since"},
      {"at 5s expect checkout/fast short", "s:5: wanted bad=N, total=N or excluded=N"},
      {"at 5s expect checkout/fast short god=1", "s:5: option \"god\""},
      {"at 5s expect checkout feed=dead", "s:5: feed \"dead\": wanted one of traffic, idle, lost"},
      {"at 6s expect checkout/fast firing", "s:5: 6s: no tick happens then, wanted a multiple of 5s"},
      {"at 0s expect checkout/fast firing", "s:5: 0s: no tick happens then"},
      {"at 5s checkout/fast is firing", "s:5: wanted \"at TIME expect"},
      {"at 5s maintenance", "s:5: wanted \"at TIME maintenance"},
      {"at 5s maintenance remove", "s:5: wanted \"at TIME maintenance"},
      {"at 5s maintenance checkout from=1m to=2m", "s:5: wanted \"at TIME maintenance"},
      {"at 5s maintenance chekout from=1m to=2m id=a", "s:5: no tier is called \"chekout\""},
      {"at 5s maintenance checkout from=1m till=2m id=a", "s:5: option \"till\": wanted one of from, to, id"},
      {"at 6s maintenance remove a", "s:5: 6s: no tick happens then"},
      {"at 5s restart", "s:5: wanted \"at TIME restart down=DURATION\""},
      {"at 5s restart up=5s", "s:5: wanted \"at TIME restart down=DURATION\""},
      {"at 6s restart down=5s", "s:5: 6s: no tick happens then"},
      {"at 5s restart down=6s", "s:5: down=6s: wanted a multiple of 5s"},
      {"at 5s restart down=5s\nat 10s restart down=5s", "s:6: it is not up again since the restart before"},
      {"at 5s restart down=5s\nat 10s expect checkout/fast firing", "s:6: no tick happens at 10s: it is down from 5s"},
      {"transitions chekout", "s:5: no tier is called \"chekout\""},
      {"transitions", "s:7: the block has no \"end\""},
      {"step 1m 2m", "s:5: wanted \"step DURATION\""},
      {"step 7s", "s:5: step 7s: wanted a multiple of 5s"},
      {"until 6s", "s:5: 6s: no tick happens then"},
      {"config", "s:5: wanted one block"},
      {"reload 5s", "s:5: wanted \"reload at TIME\""},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(ErrorOf(std::string(kConfig) + row.statement + "\n" + kHolds), StartsWith(row.message))
        << row.statement;
  }
}

TEST(ParseScenarioTest, AFaultOfTheYamlHasItsLineInTheScenario) {
  EXPECT_THAT(ErrorOf("# a comment\nconfig\n  slo_tiers:\n    checkout: {availabilty: 0.999}\nend\n"),
              StartsWith("s:4: "));
}

TEST(ParseScenarioTest, AScenarioThatExpectsNothingIsAnError) {
  EXPECT_THAT(ErrorOf(kConfig), HasSubstr("expects nothing"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("no config"));
  EXPECT_THAT(ErrorOf(kHolds), StartsWith("s:1: the first statement must be config"));
}

// A test that cannot fail tests nothing: expectations that do not hold are reported.
TEST(RunScenarioTest, WhatDoesNotHoldIsReportedWithItsLine) {
  const struct {
    const char* expectation;  // in line 6
    const char* message;
  } kRows[] = {
      {"at 5s expect checkout/fast firing", "s:6: found pending page since=5s (windows 10/10 and 10/10)"},
      {"at 5s expect checkout/fast inactive", "s:6: found pending"},
      {"at 5s expect checkout/fast pending since=10s", "s:6: found pending"},
      {"at 2m5s expect checkout/fast firing fired=2m", "s:6: found firing page since=5s fired=2m5s"},
      {"at 2m5s expect checkout/fast firing as=ticket", "s:6: found firing page"},
      {"at 5s expect checkout/NoData firing", "s:6: found inactive"},
      {"at 5s expect checkout/fast short bad=9", "s:6: found bad=10 total=10"},
      {"at 5s expect checkout/fast long total=11", "s:6: found bad=10 total=10"},
      {"at 5s expect checkout/fast long excluded=1", "s:6: found bad=10 total=10 excluded=0"},
      {"at 5s expect checkout feed=idle", "s:6: found feed=traffic"},
      {"at 5s maintenance remove a\nat 5s expect checkout/fast pending", "s:6: there is no maintenance window called"},
      {"at 5s maintenance * from=2s to=1s id=a\nat 5s expect checkout/fast pending", "s:6: to: not after from"},
      {"transitions checkout/availability/fast\nend", "s:6: found these transitions:\n  +5s checkout/avail"},
  };
  for (const auto& row : kRows) {
    const std::string text = fmt::format("{}load 10s /pay bad=10 x30\n{}\n", kConfig, row.expectation);
    const absl::StatusOr<Scenario> scenario = ParseScenario(text, "s");
    ASSERT_TRUE(scenario.ok()) << scenario.status().message();
    EXPECT_THAT(RunScenario(*scenario, "s"), ::testing::ElementsAre(StartsWith(row.message))) << row.expectation;
  }
}

}  // namespace
}  // namespace firebreak
