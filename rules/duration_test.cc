#include "rules/duration.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;

TEST(DurationTest, ReadsPrometheusNotation) {
  const struct {
    std::string_view text;
    absl::Duration want;
  } kRows[] = {
      {"0s", absl::ZeroDuration()},
      {"90s", absl::Seconds(90)},
      {"5m", absl::Minutes(5)},
      {"1h", absl::Hours(1)},
      {"6h", absl::Hours(6)},
      {"30d", absl::Hours(720)},
      {"2w", absl::Hours(336)},
      {"250ms", absl::Milliseconds(250)},
      {"1h30m", absl::Minutes(90)},
      {"1w2d3h4m5s6ms", absl::Hours(9 * 24 + 3) + absl::Minutes(4) + absl::Seconds(5) + absl::Milliseconds(6)},
      {"1s500ms", absl::Milliseconds(1500)},
      {"120m", absl::Hours(2)},
      {"007s", absl::Seconds(7)},
      {"36500d", absl::Hours(36500 * 24)},
  };
  for (const auto& row : kRows) {
    const absl::StatusOr<absl::Duration> duration = ParseDuration(row.text);
    ASSERT_TRUE(duration.ok()) << row.text << ": " << duration.status();
    EXPECT_EQ(*duration, row.want) << row.text;
  }
}

TEST(DurationTest, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "5",
                                      "0",
                                      "m",
                                      "5 m",
                                      " 5m",
                                      "5m ",
                                      "-5m",
                                      "+5m",
                                      "1.5h",
                                      "5M",
                                      "5min",
                                      "5us",
                                      "1y",
                                      "30m1h",
                                      "5m5m",
                                      "1h1h",
                                      "ms",
                                      "5sm",
                                      "1d1w",
                                      "1e3s",
                                      "36500d1ms",
                                      "99999999999999999999s",
                                      "9223372036854775807ms",
                                      "5m\n"}) {
    const absl::StatusOr<absl::Duration> duration = ParseDuration(text);
    ASSERT_FALSE(duration.ok()) << text;
    EXPECT_THAT(duration.status().ToString(), HasSubstr("is not a duration such as 90s")) << text;
  }
}

TEST(DurationTest, WritesWhatPeopleWouldWrite) {
  const struct {
    absl::Duration duration;
    std::string_view want;
  } kRows[] = {
      {absl::ZeroDuration(), "0s"}, {absl::Milliseconds(1), "1ms"},
      {absl::Seconds(90), "1m30s"}, {absl::Minutes(5), "5m"},
      {absl::Hours(6), "6h"},       {absl::Hours(24), "1d"},
      {absl::Hours(720), "30d"},    {absl::Hours(168), "7d"},
      {absl::Minutes(90), "1h30m"}, {absl::Milliseconds(1500), "1s500ms"},
  };
  for (const auto& row : kRows) EXPECT_EQ(DurationText(row.duration), row.want);
}

TEST(DurationProperty, TextRoundTrips) {
  EXPECT_TRUE(rc::check("ParseDuration(DurationText(d)) == d", [] {
    const absl::Duration duration = absl::Milliseconds(*rc::gen::oneOf(
        rc::gen::inRange<int64_t>(0, int64_t{36500} * 24 * 3600 * 1000), rc::gen::inRange<int64_t>(0, 100000)));
    const absl::StatusOr<absl::Duration> back = ParseDuration(DurationText(duration));
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == duration);
  }));
}

}  // namespace
}  // namespace firebreak
