#include "api/codec/time_text.h"

#include <string_view>
#include <utility>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

constexpr int64_t kNoon = 1'764'000'000;  // 2025-11-24T16:00:00Z

TEST(TimeTextTest, Rfc3339IsRead) {
  const std::pair<std::string_view, absl::Time> rows[] = {
      {"2025-11-24T16:00:00Z", absl::FromUnixSeconds(kNoon)},
      {"2025-11-24t16:00:00z", absl::FromUnixSeconds(kNoon)},
      {"2025-11-24T16:00:00+00:00", absl::FromUnixSeconds(kNoon)},
      {"2025-11-24T16:00:00-00:00", absl::FromUnixSeconds(kNoon)},
      {"2025-11-24T21:30:00+05:30", absl::FromUnixSeconds(kNoon)},
      {"2025-11-23T16:01:00-23:59", absl::FromUnixSeconds(kNoon)},
      {"2025-11-24T16:00:00.5Z", absl::FromUnixMillis(kNoon * 1000 + 500)},
      {"2025-11-24T16:00:00.000000001Z", absl::FromUnixNanos(kNoon * 1'000'000'000 + 1)},
      {"2025-11-24T16:00:00.0000000019999999999999999999999Z", absl::FromUnixNanos(kNoon * 1'000'000'000 + 1)},
      {"2024-02-29T00:00:00Z", absl::FromUnixSeconds(1'709'164'800)},
      {"2016-12-31T23:59:60Z", absl::FromUnixSeconds(1'483'228'800)},
      {"0001-01-01T00:00:00Z", absl::FromUnixSeconds(-62'135'596'800)},
      {"9999-12-31T23:59:59.999Z", NewestEventTime()},
      {"1973-03-03T09:46:40Z", OldestEventTime()},
  };
  for (const auto& [text, time] : rows) EXPECT_EQ(ParseRfc3339(text), time) << text;
}

TEST(TimeTextTest, OtherFormsAreNotRfc3339) {
  for (const std::string_view text : {"",
                                      "now",
                                      "2025",
                                      "2025-11-24",
                                      "2025-11-24T16:00:00",
                                      "2025-11-24 16:00:00Z",
                                      "2025-11-24T16:00Z",
                                      "2025-11-24T16:00:00.Z",
                                      "2025-11-24T16:00:00,5Z",
                                      "2025-11-24T16:00:00+0530",
                                      "2025-11-24T16:00:00+05",
                                      "2025-11-24T16:00:00+24:00",
                                      "2025-11-24T16:00:00+05:60",
                                      "2025-11-24T24:00:00Z",
                                      "2025-11-24T16:60:00Z",
                                      "2025-11-24T16:00:61Z",
                                      "2025-02-29T00:00:00Z",
                                      "2025-13-01T00:00:00Z",
                                      "2025-00-01T00:00:00Z",
                                      "2025-01-00T00:00:00Z",
                                      "2025-11-24T16:00:00Z ",
                                      " 2025-11-24T16:00:00Z",
                                      "2025-11-24T16:00:00ZZ",
                                      "+025-11-24T16:00:00Z",
                                      "20251-1-24T16:00:00Z",
                                      "12025-11-24T16:00:00Z",
                                      "infinite-future"}) {
    EXPECT_EQ(ParseRfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace firebreak
