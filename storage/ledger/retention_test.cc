#include "storage/ledger/retention.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

constexpr absl::Duration kSlack = absl::Seconds(330);
const absl::Time kNow = absl::FromUnixSeconds(1'764'000'000);  // on the grid of every width

LadderShape ShapeOf(absl::Duration finest) { return LadderShape::For(finest, absl::Hours(720), kSlack); }

struct FateRow {
  absl::Duration finest;
  absl::Duration width;
  absl::Duration age;  // of the border
  std::optional<absl::Duration> wider;
};

void Expect(const Retention& retention, const FateRow& row) {
  SCOPED_TRACE(absl::FormatDuration(row.finest) + " " + absl::FormatDuration(row.width));
  const Retention::Fate fate = retention.FateOf(row.width, kNow);
  EXPECT_EQ(kNow - fate.border, row.age);
  EXPECT_EQ(fate.wider, row.wider);
}

TEST(RetentionTest, EndpointsAgeAlongTheLadder) {
  const FateRow rows[] = {
      {absl::Seconds(5), absl::Seconds(5), absl::Hours(1) + kSlack + absl::Seconds(5), absl::Seconds(30)},
      {absl::Seconds(5), absl::Seconds(30), absl::Hours(12) + kSlack + absl::Seconds(30), absl::Minutes(5)},
      {absl::Seconds(5), absl::Minutes(5), absl::Hours(96) + absl::Minutes(10) + absl::Minutes(5), absl::Hours(1)},
      {absl::Seconds(5), absl::Hours(1), absl::Hours(720 + 1 + 1), std::nullopt},
      {absl::Minutes(1), absl::Minutes(1), absl::Hours(12) + absl::Minutes(6 + 1), absl::Minutes(5)},
      // Widths of a shape that was another: folded up to now.
      {absl::Minutes(1), absl::Seconds(5), absl::ZeroDuration(), absl::Minutes(1)},
      {absl::Seconds(5), absl::Seconds(10), absl::ZeroDuration(), absl::Seconds(30)},
      {absl::Seconds(10), absl::Seconds(15), absl::ZeroDuration(), absl::Seconds(30)},
  };
  for (const FateRow& row : rows) Expect(Retention::ForEndpoints(ShapeOf(row.finest)), row);
}

TEST(RetentionTest, TiersAreFoldedUpTo30SecondsAndKept) {
  const absl::Duration keep = absl::Hours(24 * 44);
  const FateRow rows[] = {
      {absl::Seconds(5), absl::Seconds(5), absl::Hours(1) + kSlack + absl::Seconds(5), absl::Seconds(30)},
      {absl::Seconds(5), absl::Seconds(30), keep, std::nullopt},
      {absl::Seconds(30), absl::Seconds(30), keep, std::nullopt},
      {absl::Minutes(1), absl::Minutes(1), keep, std::nullopt},
      {absl::Minutes(1), absl::Seconds(30), keep, std::nullopt},
      {absl::Minutes(1), absl::Seconds(5), absl::ZeroDuration(), absl::Seconds(30)},
  };
  for (const FateRow& row : rows) Expect(Retention::ForTiers(ShapeOf(row.finest), keep), row);
}

TEST(RetentionTest, TiersAreKeptAsLongAsTheRingsHoldThem) {
  const Retention retention = Retention::ForTiers(ShapeOf(absl::Seconds(5)), absl::Hours(1));
  EXPECT_EQ(kNow - retention.FateOf(absl::Seconds(30), kNow).border, absl::Hours(722));
}

}  // namespace
}  // namespace firebreak
