#include "engine/clock.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

const absl::Time kNoon = absl::FromUnixSeconds(1764000000);

TEST(NextReadingTest, FollowsTheWall) {
  EXPECT_EQ(NextReading(kNoon, absl::Seconds(5), kNoon + absl::Seconds(5)), kNoon + absl::Seconds(5));
}

TEST(NextReadingTest, JumpForwardIsFollowedAtOnce) {
  EXPECT_EQ(NextReading(kNoon, absl::Seconds(5), kNoon + absl::Hours(1)), kNoon + absl::Hours(1));
}

TEST(NextReadingTest, AfterAJumpBackTimeGoesOnAtHalfSpeed) {
  EXPECT_EQ(NextReading(kNoon, absl::Seconds(10), kNoon - absl::Hours(12)), kNoon + absl::Seconds(5));
}

TEST(NextReadingTest, HalfSpeedEndsWhenTheWallHasCaughtUp) {
  absl::Time wall = kNoon - absl::Seconds(4);
  absl::Time reading = kNoon;
  for (int second = 0; second < 20; ++second) {
    wall += absl::Seconds(1);
    const absl::Time next = NextReading(reading, absl::Seconds(1), wall);
    EXPECT_GT(next, reading);
    reading = next;
  }
  EXPECT_EQ(reading, wall);
}

TEST(RealClockTest, NeverGoesBack) {
  RealClock clock;
  absl::Time last = clock.Now();
  for (int i = 0; i < 1000; ++i) {
    const absl::Time now = clock.Now();
    ASSERT_GE(now, last);
    last = now;
  }
  EXPECT_EQ(clock.RealUntil(last - absl::Seconds(1)), absl::ZeroDuration());
  EXPECT_GT(clock.RealUntil(last + absl::Hours(1)), absl::Minutes(59));
}

TEST(ScaledClockTest, RunsFasterAndMapsBackToTheWall) {
  const ScaledClock clock(kNoon, 60);
  EXPECT_GE(clock.Now(), kNoon);
  EXPECT_EQ(clock.ToWall(kNoon + absl::Minutes(1)) - clock.ToWall(kNoon), absl::Seconds(1));
  const absl::Duration wait = clock.RealUntil(kNoon + absl::Hours(60));
  EXPECT_LE(wait, absl::Hours(1));
  EXPECT_GT(wait, absl::Minutes(59));
}

TEST(SimulatedClockTest, MovesForwardOnly) {
  SimulatedClock clock(kNoon);
  clock.AdvanceTo(kNoon + absl::Seconds(1));
  clock.AdvanceTo(kNoon);
  EXPECT_EQ(clock.Now(), kNoon + absl::Seconds(1));
  EXPECT_EQ(clock.RealUntil(kNoon + absl::Hours(1)), absl::ZeroDuration());
}

}  // namespace
}  // namespace firebreak
