#include "engine/signs_of_life.h"

#include <optional>
#include <random>
#include <set>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

absl::Time At(int seconds) { return absl::FromUnixSeconds(seconds); }

TEST(SignsOfLifeTest, NoneIsAbsent) {
  SignsOfLife lives;
  EXPECT_EQ(lives.LastUpTo(At(100)), std::nullopt);
  lives.ForgetBeforeLastUpTo(At(100));
  EXPECT_EQ(lives.LastUpTo(At(100)), std::nullopt);
}

TEST(SignsOfLifeTest, WhatIsAheadDoesNotSpeakForNow) {
  SignsOfLife lives;
  lives.Add(At(10));
  EXPECT_EQ(lives.LastUpTo(At(9)), std::nullopt);
  EXPECT_EQ(lives.LastUpTo(At(10)), At(10));
}

TEST(SignsOfLifeTest, ForgettingKeepsTheLastAndWhatIsAhead) {
  SignsOfLife lives;
  for (int at : {10, 20, 30}) lives.Add(At(at));
  lives.ForgetBeforeLastUpTo(At(25));
  EXPECT_EQ(lives.LastUpTo(At(19)), std::nullopt);
  EXPECT_EQ(lives.LastUpTo(At(25)), At(20));
  EXPECT_EQ(lives.LastUpTo(At(30)), At(30));
}

TEST(SignsOfLifeTest, AnyOrderIsThatOfASet) {
  std::mt19937 random(7);
  SignsOfLife lives;
  std::set<absl::Time> model;
  for (int i = 0; i < 2000; ++i) {
    const absl::Time when = At(static_cast<int>(random() % 300) + i / 4);
    lives.Add(when);
    model.insert(when);
    const absl::Time now = At(static_cast<int>(random() % 400) + i / 4);
    const auto after = model.upper_bound(now);
    const auto expected = after == model.begin() ? std::nullopt : std::optional(*std::prev(after));
    ASSERT_EQ(lives.LastUpTo(now), expected) << i;
    if (i % 50 == 49) {
      const absl::Time forgotten = At(i / 4);
      lives.ForgetBeforeLastUpTo(forgotten);
      const auto beyond = model.upper_bound(forgotten);
      if (beyond != model.begin()) model.erase(model.begin(), std::prev(beyond));
    }
  }
}

}  // namespace
}  // namespace firebreak
