#include "storage/ring_ladder.h"

#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

using AddResult = RingLadder::AddResult;

constexpr absl::Duration kFinest = absl::Seconds(5);
constexpr absl::Duration kSlack = absl::Seconds(330);
constexpr absl::Duration kMonth = absl::Hours(30 * 24);
constexpr int64_t kTooMany = int64_t{1} << 40;

// The default ladder, spoken to in seconds. Zero is a border of every level.
class RingLadderTest : public ::testing::Test {
 protected:
  static absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(1'764'000'000) + absl::Seconds(seconds); }
  AddResult Add(int64_t seconds, const Counts& counts) { return ladder_.Add(SlotOf(At(seconds), kFinest), counts); }
  AddResult Add(int64_t seconds, int64_t total = 1) { return Add(seconds, Counts{.total = total}); }
  void AdvanceTo(int64_t seconds) { ladder_.AdvanceTo(SlotOf(At(seconds), kFinest)); }
  int64_t Total(int64_t end, absl::Duration window) const { return ladder_.Sum(At(end), window).total; }

  RingLadder ladder_{LadderShape::For(kFinest, kMonth, kSlack)};
};

TEST_F(RingLadderTest, EmptyLadderSumsToZero) {
  EXPECT_EQ(Total(0, absl::Minutes(5)), 0);
  EXPECT_EQ(Total(0, kMonth), 0);
  AdvanceTo(3600);
  EXPECT_EQ(Total(3600, kMonth), 0);
}

TEST_F(RingLadderTest, KeepsAllCountersApart) {
  const Counts counts{.total = 100, .bad = 7, .client_errors = 30, .timed = 60, .slow = 5, .retries = 2};
  ASSERT_EQ(Add(5, counts), AddResult::kCounted);
  ASSERT_EQ(Add(10, counts), AddResult::kCounted);
  for (const absl::Duration window : {absl::Minutes(5), absl::Hours(6), absl::Hours(72), kMonth}) {
    EXPECT_EQ(ladder_.Sum(At(10), window), counts + counts) << window;
  }
  EXPECT_EQ(ladder_.Sum(At(10), kFinest), counts);
}

TEST_F(RingLadderTest, DefaultLadderTakesAtMost128KiB) {
  EXPECT_LE(ladder_.memory_bytes(), 128 * 1024);
  const size_t before = ladder_.memory_bytes();
  for (int64_t hour = 0; hour < 40 * 24; ++hour) Add(hour * 3600);
  EXPECT_EQ(ladder_.memory_bytes(), before);
}

TEST_F(RingLadderTest, WindowIsOpenOnTheLeftAndClosedOnTheRight) {
  Add(0);      // ends at 0: not in (0, 300]
  Add(1, 10);  // the slot (0, 5]
  Add(300, 100);
  Add(301, 1000);
  EXPECT_EQ(Total(300, absl::Seconds(300)), 110);
  EXPECT_EQ(Total(305, absl::Seconds(300)), 1100);
  EXPECT_EQ(Total(305, absl::Seconds(305)), 1110);
  EXPECT_EQ(Total(305, absl::Seconds(310)), 1111);
}

TEST_F(RingLadderTest, RefusesWhatWouldFillACounter) {
  ASSERT_EQ(Add(5, kTooMany - 2), AddResult::kCounted);
  EXPECT_EQ(Add(10, 2), AddResult::kOverflow);
  EXPECT_EQ(Total(10, kMonth), kTooMany - 2);
  EXPECT_EQ(Add(10, 1), AddResult::kCounted);
  EXPECT_EQ(Add(10, 1), AddResult::kOverflow);
  EXPECT_EQ(Total(10, kMonth), kTooMany - 1);
  EXPECT_EQ(Add(10, std::numeric_limits<int64_t>::max()), AddResult::kOverflow);
}

}  // namespace
}  // namespace firebreak
