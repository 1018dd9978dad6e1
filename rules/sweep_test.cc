#include "rules/sweep.h"

#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/duration.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Config TheConfig() {
  return *ParseConfig(
              "slo_tiers: {t: {availability: 0.999, endpoints: [/a]}}\n"
              "alerts: {mild: {short: 2h, long: 1d, burn: 3}}\n",
              "c.yaml")
              .config;
}

std::string Text(const SweepValue& value) {
  if (const auto* duration = std::get_if<absl::Duration>(&value)) return DurationText(*duration);
  if (const auto* decimal = std::get_if<Decimal>(&value)) return decimal->ToString();
  return fmt::format("{}", std::get<int64_t>(value));
}

// Each axis as "setting pair: values", or the faults.
std::vector<std::string> Read(std::string_view text) {
  const ParsedSweep parsed = ParseSweep(text, TheConfig());
  EXPECT_EQ(parsed.axes.has_value(), parsed.findings.empty());
  std::vector<std::string> texts;
  for (const Finding& finding : parsed.findings) texts.push_back(finding.ToString());
  if (!parsed.axes) return texts;
  for (const SweepAxis& axis : *parsed.axes) {
    std::string line =
        fmt::format("{} {}:", static_cast<int>(axis.setting), axis.pair ? static_cast<int>(*axis.pair) : -1);
    for (const SweepValue& value : axis.values) line += " " + Text(value);
    texts.push_back(line);
  }
  return texts;
}

TEST(SweepTest, ListsAndRangesAreRead) {
  EXPECT_THAT(
      Read("fast.burn=6..8/0.4,14.4 fast.for=0s,1m,2m\n slow.short=10m..30m/10m  mild.long=1d min_bad=0,5"),
      ElementsAre("2 0: 6 6.4 6.8 7.2 7.6 8 14.4", "3 0: 0s 1m 2m", "0 1: 10m 20m 30m", "1 2: 1d", "6 -1: 0 5"));
}

TEST(SweepTest, ARangeEndsAtOrBeforeItsEnd) {
  EXPECT_THAT(Read("fast.burn=1..2/0.3"), ElementsAre("2 0: 1 1.3 1.6 1.9"));
  EXPECT_THAT(Read("min_total=7..7/100"), ElementsAre("5 -1: 7"));
}

TEST(SweepTest, ValuesAscendEachOnce) { EXPECT_THAT(Read("fast.burn=9,3,3.0,5"), ElementsAre("2 0: 3 5 9")); }

TEST(SweepTest, EveryFaultIsToldWithItsColumn) {
  EXPECT_THAT(
      Read("fast.brun=6 fast.for=0s,soon slow.burn=0..5/1 fast.short=7s fast.for=1m min_bad=9..5/1 x min_total=1..9"),
      ElementsAre("--sweep:1:1: error: unknown setting \"fast.brun\", did you mean \"fast.burn\"?",
                  "--sweep:1:25: error: \"soon\", wanted a duration such as 5m",
                  "--sweep:1:40: error: 0, wanted a burn rate above 0",
                  "--sweep:1:58: error: a window of 7s, wanted a multiple of 5s",
                  "--sweep:1:61: error: fast.for is given twice",
                  "--sweep:1:81: error: \"9..5/1\" ends before it begins",
                  "--sweep:1:88: error: \"x\" without =, wanted such as fast.burn=6..20/0.4",
                  "--sweep:1:100: error: \"1..9\" without a step, wanted FROM..TO/STEP"));
}

TEST(SweepTest, FaultsOfOneValue) {
  struct Case {
    const char* text;
    const char* fault;
  };
  const Case cases[] = {{" ", "empty, wanted such as"},
                        {"fast.burn=", "\"\", wanted a burn rate above 0"},
                        {"fast.burn=6,,7", "--sweep:1:13: error: \"\""},
                        {"fast.burn=1.1234567", "at most 6 digits after the point"},
                        {"fast.burn=1..2/0", "--sweep:1:16: error: a step of 0"},
                        {"fast.burn=1..x/1", "--sweep:1:14: error: \"x\""},
                        {"fast.burn=1..5000/1", "more than 1000 values"},
                        {"fast.burn=99999999999999", "wanted a burn rate"},
                        {"fast.short=0s", "a window of 0s"},
                        {"fast.long=31d", "wanted at most the period 30d"},
                        {"fast.for=25h", "wanted at most 1d"},
                        {"min_bad=-1", "\"-1\", wanted a whole number"},
                        {"none.burn=1", "unknown setting \"none.burn\""},
                        {"a\x01=1", "control character"}};
  for (const Case& c : cases) EXPECT_THAT(Read(c.text), ElementsAre(HasSubstr(c.fault))) << c.text;
}

TEST(SweepTest, TheDefaultIsOneThatIsRead) {
  const std::string text = DefaultSweep(TheConfig(), Severity::kPage);
  EXPECT_THAT(text, HasSubstr("fast.burn=1,2,3,4,5,6,7,8,10,12,14,14.4,17,20,25,30"));
  EXPECT_THAT(text, HasSubstr("fast.short=5m,10m fast.long=30m,1h,2h fast.for=0s,1m,2m"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("slow")));
  EXPECT_EQ(Read(text).size(), 5u);
  const std::string all = DefaultSweep(TheConfig(), Severity::kTicket);
  EXPECT_THAT(all, HasSubstr("mild.long=12h,1d,2d"));
  EXPECT_EQ(Read(all).size(), 13u);
}

}  // namespace
}  // namespace firebreak
