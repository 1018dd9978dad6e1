#include "storage/ladder_shape.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kSlack = absl::Seconds(330);
constexpr absl::Duration kMonth = absl::Hours(30 * 24);

absl::Time At(double seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

// Each level as "width:span".
std::vector<std::string> Describe(const LadderShape& shape) {
  std::vector<std::string> levels;
  for (const auto& level : shape.levels) {
    levels.push_back(absl::FormatDuration(level.width) + ":" + absl::FormatDuration(level.span));
  }
  return levels;
}

std::vector<std::string> Ladder(absl::Duration finest, absl::Duration period) {
  return Describe(LadderShape::For(finest, period, kSlack));
}

TEST(SlotTest, EndBelongsToTheSlotAndStartDoesNot) {
  struct Row {
    double seconds;
    int64_t slot;
  };
  for (const Row& row : {
           Row{0, -1},
           Row{1e-9, 0},
           Row{4.999, 0},
           Row{5, 0},
           Row{5.000000001, 1},
           Row{10, 1},
           Row{1764000000, 352799999},
           Row{1764000000.5, 352800000},
           Row{-1e-9, -1},
           Row{-5, -2},
           Row{-4.5, -1},
           Row{-5.5, -2},
       }) {
    EXPECT_EQ(SlotOf(At(row.seconds), absl::Seconds(5)), row.slot) << row.seconds;
  }
}

TEST(SlotTest, EndOfASlotIsInTheSlot) {
  for (const int64_t slot : {-3, -1, 0, 1, 352799999}) {
    EXPECT_EQ(SlotOf(SlotEnd(slot, absl::Seconds(5)), absl::Seconds(5)), slot);
    EXPECT_EQ(SlotOf(SlotEnd(slot, absl::Seconds(5)) + absl::Nanoseconds(1), absl::Seconds(5)), slot + 1);
  }
}

TEST(LadderShapeTest, DefaultHasFourLevels) {
  EXPECT_THAT(Ladder(absl::Seconds(5), kMonth), ElementsAre("5s:1h", "30s:12h", "5m:96h", "1h:720h"));
}

TEST(LadderShapeTest, LevelNotWiderThanTheFinestLeavesItsSpanToIt) {
  EXPECT_THAT(Ladder(absl::Seconds(1), kMonth), ElementsAre("1s:1h", "30s:12h", "5m:96h", "1h:720h"));
  EXPECT_THAT(Ladder(absl::Seconds(30), kMonth), ElementsAre("30s:12h", "5m:96h", "1h:720h"));
  EXPECT_THAT(Ladder(absl::Seconds(60), kMonth), ElementsAre("1m:12h", "5m:96h", "1h:720h"));
  EXPECT_THAT(Ladder(absl::Minutes(5), kMonth), ElementsAre("5m:96h", "1h:720h"));
}

TEST(LadderShapeTest, ShortPeriodCutsTheLadder) {
  EXPECT_THAT(Ladder(absl::Seconds(5), absl::Minutes(30)), ElementsAre("5s:30m"));
  EXPECT_THAT(Ladder(absl::Seconds(5), absl::Hours(1)), ElementsAre("5s:1h"));
  EXPECT_THAT(Ladder(absl::Seconds(5), absl::Hours(1) + absl::Seconds(5)), ElementsAre("5s:1h", "30s:1h30s"));
  EXPECT_THAT(Ladder(absl::Seconds(5), absl::Hours(12)), ElementsAre("5s:1h", "30s:12h"));
  EXPECT_THAT(Ladder(absl::Seconds(5), absl::Hours(24)), ElementsAre("5s:1h", "30s:12h", "5m:24h"));
  EXPECT_THAT(Ladder(absl::Seconds(5), absl::Hours(96)), ElementsAre("5s:1h", "30s:12h", "5m:96h"));
  EXPECT_THAT(Ladder(absl::Minutes(5), absl::Hours(24)), ElementsAre("5m:24h"));
}

TEST(LadderShapeTest, LastSpanIsRoundedUpToWholeSlots) {
  EXPECT_THAT(Ladder(absl::Seconds(5), absl::Hours(100) + absl::Seconds(5)),
              ElementsAre("5s:1h", "30s:12h", "5m:96h", "1h:101h"));
  EXPECT_THAT(Ladder(absl::Minutes(1), absl::Seconds(61)), ElementsAre("1m:2m"));
}

TEST(LadderShapeTest, UpToEndsWithTheFirstLevelThatServes) {
  const LadderShape shape = LadderShape::For(absl::Seconds(5), kMonth, kSlack);
  EXPECT_THAT(Describe(shape.UpTo(absl::Minutes(5))), ElementsAre("5s:1h"));
  EXPECT_THAT(Describe(shape.UpTo(absl::Hours(1))), ElementsAre("5s:1h"));
  EXPECT_THAT(Describe(shape.UpTo(absl::Hours(6))), ElementsAre("5s:1h", "30s:12h"));
  EXPECT_THAT(Describe(shape.UpTo(absl::Hours(2000))), ElementsAre("5s:1h", "30s:12h", "5m:96h", "1h:720h"));
  EXPECT_EQ(shape.UpTo(absl::Hours(1)).slack, kSlack);
}

TEST(ValidateFinestSlotTest, AcceptsWhatFitsTheLadder) {
  for (const int seconds : {1, 2, 3, 5, 6, 10, 15, 30, 60, 150, 300}) {
    EXPECT_TRUE(ValidateFinestSlot(absl::Seconds(seconds)).ok()) << seconds;
  }
}

TEST(ValidateFinestSlotTest, RefusesWhatDoesNotAndSaysWhatWasWanted) {
  for (const double seconds :
       {-5.0, 0.0, 0.5, 2.5, 4.0, 7.0, 20.0, 45.0, 50.0, 75.0, 100.0, 90.0, 120.0, 301.0, 600.0, 3600.0}) {
    const absl::Status status = ValidateFinestSlot(absl::Seconds(seconds));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << seconds;
    EXPECT_THAT(std::string(status.message()), HasSubstr("whole seconds that divide 30s")) << seconds;
  }
  EXPECT_FALSE(ValidateFinestSlot(absl::InfiniteDuration()).ok());
}

}  // namespace
}  // namespace firebreak
