#include "api/notify/outgoing_alert.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

constexpr int64_t kStart = 1764000000;

TEST(OutgoingAlertTest, TimesAreMappedToTheWall) {
  // A clock that began at epoch second 0 when the wall showed whatever it shows now, at 60 times real time.
  const ScaledClock clock(absl::UnixEpoch(), 60);
  const absl::Time wall_start = clock.ToWall(absl::UnixEpoch());
  AlertView view;
  view.status = AlertStatus::kResolved;
  view.firing_since = absl::UnixEpoch() + absl::Minutes(1);
  view.resolved_at = absl::UnixEpoch() + absl::Minutes(2);
  const OutgoingAlert alert = MakeOutgoing(view, clock, "http://x");
  EXPECT_LE(absl::AbsDuration(alert.starts_at - wall_start - absl::Seconds(1)), absl::Milliseconds(1));
  EXPECT_LE(absl::AbsDuration(*alert.ends_at - wall_start - absl::Seconds(2)), absl::Milliseconds(1));
}

TEST(OutgoingAlertTest, AFiringAlertHasNoEnd) {
  const SimulatedClock clock(absl::UnixEpoch());
  AlertView view;
  view.labels = {{"alertname", "NoData"}};
  view.annotations = {{"summary", "s"}};
  view.status = AlertStatus::kFiring;
  view.firing_since = absl::FromUnixSeconds(kStart) + absl::Microseconds(1500);
  const OutgoingAlert alert = MakeOutgoing(view, clock, "http://x");
  EXPECT_TRUE(alert.firing());
  EXPECT_EQ(alert.starts_at, absl::FromUnixSeconds(kStart) + absl::Milliseconds(1));
  EXPECT_EQ(alert.annotations.Get("summary"), "s");
  EXPECT_EQ(alert.generator_url, "http://x/v1/alerts?fingerprint=" + view.labels.FingerprintHex());
}

TEST(OutgoingAlertTest, TimesAreWrittenAsGoWritesThem) {
  const absl::Time time = absl::FromUnixSeconds(kStart);
  EXPECT_EQ(GoTime(time), "2025-11-24T16:00:00Z");
  EXPECT_EQ(GoTime(time + absl::Milliseconds(120)), "2025-11-24T16:00:00.12Z");
  EXPECT_EQ(GoTime(time + absl::Milliseconds(5)), "2025-11-24T16:00:00.005Z");
}

// Expected values: Go's strconv.Quote.
TEST(OutgoingAlertTest, TextIsQuotedAsGoQuotesIt) {
  const std::pair<std::string, std::string> kRows[] = {
      {"", R"("")"},
      {"tier1", R"("tier1")"},
      {"a\"b\\c", R"("a\"b\\c")"},
      {"\a\b\f\n\r\t\v", R"("\a\b\f\n\r\t\v")"},
      {std::string("\0\x01\x1f\x7f", 4), R"("\x00\x01\x1f\x7f")"},
      {"é世🔥", "\"é世🔥\""},
      {"\u0080\u00a0\u00ad\u200b\u2028\ufeff", R"("\u0080\u00a0\u00ad\u200b\u2028\ufeff")"},
      {"\U000e0001", R"("\U000e0001")"},
      {"\xff", R"("\xff")"},
      {"\xc3", R"("\xc3")"},
      {"\xc0\x80", R"("\xc0\x80")"},
      {"\xed\xa0\x80", R"("\xed\xa0\x80")"},
      {"\xf4\x90\x80\x80", R"("\xf4\x90\x80\x80")"},
      {"a\xe4\xb8z", R"("a\xe4\xb8z")"},
  };
  for (const auto& [text, quoted] : kRows) EXPECT_EQ(GoQuote(text), quoted);
}

}  // namespace
}  // namespace firebreak
