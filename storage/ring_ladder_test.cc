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

// One event at `event`, one window (end - window, end]: is the event in it?
TEST_F(RingLadderTest, WindowEdgesAtEveryLevel) {
  const int64_t hour = 3600, day = 24 * hour;
  struct Row {
    const char* what;
    int64_t event;
    int64_t end;
    absl::Duration window;
    int64_t total;
  };
  const Row rows[] = {
      {"5s level: the end is in", 300, 300, absl::Minutes(5), 1},
      {"5s level: just after the end is out", 301, 300, absl::Minutes(5), 0},
      {"5s level: the start is out", 0, 300, absl::Minutes(5), 0},
      {"5s level: just after the start is in", 1, 300, absl::Minutes(5), 1},
      {"5s level: one slot is a window", 5, 5, absl::Seconds(5), 1},
      {"5s level: one slot, the one before", 0, 5, absl::Seconds(5), 0},
      {"1h is still the 5s level: left edge exact", 10, 3610, absl::Hours(1), 0},
      {"1h is still the 5s level: first slot", 11, 3610, absl::Hours(1), 1},
      {"1h5s is the 30s level: left edge at the border before", 1, 3615, absl::Seconds(3605), 1},
      {"1h5s is the 30s level: the border itself is out", 0, 3615, absl::Seconds(3605), 0},
      {"30s level: right edge exact, in", 3615, 3615, absl::Hours(6), 1},
      {"30s level: right edge exact, out", 3616, 3615, absl::Hours(6), 0},
      {"30s level: on the grid, start out", 0, 6 * hour, absl::Hours(6), 0},
      {"30s level: on the grid, after start in", 1, 6 * hour, absl::Hours(6), 1},
      {"12h is still the 30s level: left edge 0", 0, 12 * hour + 25, absl::Hours(12), 0},
      {"12h is still the 30s level: after it", 1, 12 * hour + 25, absl::Hours(12), 1},
      {"12h5s is the 5min level: left edge 0", 0, 12 * hour + 295, absl::Hours(12) + absl::Seconds(5), 0},
      {"12h5s is the 5min level: after it", 1, 12 * hour + 295, absl::Hours(12) + absl::Seconds(5), 1},
      {"5min level: right edge exact, in", 12 * hour + 290, 12 * hour + 290, absl::Hours(13), 1},
      {"5min level: right edge exact, out", 12 * hour + 291, 12 * hour + 290, absl::Hours(13), 0},
      {"4d is still the 5min level: left edge 0", 0, 4 * day + 295, absl::Hours(96), 0},
      {"4d is still the 5min level: after it", 1, 4 * day + 295, absl::Hours(96), 1},
      {"4d5s is the 1h level: left edge 0", 0, 4 * day + hour - 5, absl::Hours(96) + absl::Seconds(5), 0},
      {"4d5s is the 1h level: after it", 1, 4 * day + hour - 5, absl::Hours(96) + absl::Seconds(5), 1},
      {"1h level: right edge exact, in", 4 * day + hour - 5, 4 * day + hour - 5, absl::Hours(100), 1},
      {"1h level: right edge exact, out", 4 * day + hour - 4, 4 * day + hour - 5, absl::Hours(100), 0},
      {"1h level: the finest part is a whole slot less 5s", 4 * day + 1, 4 * day + hour - 5, absl::Hours(100), 1},
      {"period: on the grid, start out", 0, 30 * day, kMonth, 0},
      {"period: on the grid, after start in", 1, 30 * day, kMonth, 1},
      {"period: left edge at the hour before", 1, 30 * day + hour - 5, kMonth, 1},
      {"period: the hour border itself is out", 0, 30 * day + hour - 5, kMonth, 0},
  };
  for (const Row& row : rows) {
    RingLadder ladder(LadderShape::For(kFinest, kMonth, kSlack));
    ASSERT_EQ(ladder.Add(SlotOf(At(row.event), kFinest), Counts{.total = 1}), AddResult::kCounted);
    EXPECT_EQ(ladder.Sum(At(row.end), row.window).total, row.total) << row.what;
    // The same with the head as far beyond the end as it may be.
    ladder.AdvanceTo(SlotOf(At(row.end) + kSlack, kFinest));
    EXPECT_EQ(ladder.Sum(At(row.end), row.window).total, row.total) << row.what << ", head ahead by the slack";
  }
}

TEST_F(RingLadderTest, EventsOnEitherSideOfASlotBorder) {
  for (const absl::Duration width : {absl::Seconds(5), absl::Seconds(30), absl::Minutes(5), absl::Hours(1)}) {
    const int64_t seconds = width / absl::Seconds(1);
    RingLadder ladder(LadderShape::For(kFinest, kMonth, kSlack));
    ladder.Add(SlotOf(At(seconds), kFinest), Counts{.total = 1});
    ladder.Add(SlotOf(At(seconds) + absl::Nanoseconds(1), kFinest), Counts{.total = 10});
    EXPECT_EQ(ladder.Sum(At(seconds), width).total, 1) << width;
    EXPECT_EQ(ladder.Sum(At(2 * seconds), width).total, 10) << width;
    EXPECT_EQ(ladder.Sum(At(2 * seconds), 2 * width).total, 11) << width;
  }
}

TEST_F(RingLadderTest, EndBeyondTheHeadCountsNothingMore) {
  Add(300);
  EXPECT_EQ(Total(305, absl::Minutes(5)), 1);
  EXPECT_EQ(Total(595, absl::Minutes(5)), 1);
  EXPECT_EQ(Total(600, absl::Minutes(5)), 0);
  EXPECT_EQ(Total(3600, absl::Hours(100)), 1);
  EXPECT_EQ(Total(400 * 24 * 3600, kMonth), 0);
}

TEST_F(RingLadderTest, LateEventsChangeOnlySumsThatReachBackToThem) {
  Add(100);
  Add(300);
  ASSERT_EQ(Add(200, 10), AddResult::kCounted);
  EXPECT_EQ(Total(300, absl::Minutes(5)), 12);
  EXPECT_EQ(Total(200, absl::Seconds(5)), 10);
  EXPECT_EQ(Total(195, absl::Minutes(3)), 1);
  EXPECT_EQ(Total(300, absl::Seconds(100)), 1);
}

TEST_F(RingLadderTest, LateEventCountsInTheLevelsThatStillHoldIt) {
  AdvanceTo(24 * 3600);
  ASSERT_EQ(Add(3600, 1), AddResult::kCounted);  // 23 h late: only the 5 min and the 1 h level
  EXPECT_EQ(Total(24 * 3600, absl::Hours(12)), 0);
  EXPECT_EQ(Total(24 * 3600, absl::Hours(24)), 1);
  EXPECT_EQ(Total(24 * 3600, absl::Hours(22)), 0);
  EXPECT_EQ(Total(24 * 3600, kMonth), 1);
}

// The last level holds 720 h, 330 s rounded up to 1 h, and the hour of the head: 722 slots.
TEST_F(RingLadderTest, EventIsLateExactlyWhenTheLastLevelHasForgottenIt) {
  const int64_t head = 1000 * 3600;
  AdvanceTo(head);
  EXPECT_EQ(Add(head - 722 * 3600), AddResult::kLate);
  EXPECT_EQ(Total(head, kMonth), 0);
  EXPECT_EQ(Add(head - 722 * 3600 + 1), AddResult::kCounted);
  EXPECT_EQ(Add(head - 720 * 3600 + 1), AddResult::kCounted);
  EXPECT_EQ(Total(head, kMonth), 1);
}

TEST_F(RingLadderTest, FirstAddMakesAHeadToBeLateFor) {
  ASSERT_EQ(Add(1000 * 3600), AddResult::kCounted);
  EXPECT_EQ(Add(0), AddResult::kLate);
}

TEST_F(RingLadderTest, HeadNeverMovesBack) {
  AdvanceTo(1000 * 3600);
  AdvanceTo(0);
  EXPECT_EQ(Add(0), AddResult::kLate);
}

TEST_F(RingLadderTest, SumsStayRightWhileTheRingsTurnOver) {
  const int64_t week = 7 * 24 * 3600;
  for (int64_t seconds = 60; seconds <= 6 * week; seconds += 60) {
    ASSERT_EQ(Add(seconds), AddResult::kCounted);
    if (seconds % week != 0) continue;
    EXPECT_EQ(Total(seconds, absl::Minutes(5)), 5);
    EXPECT_EQ(Total(seconds, absl::Hours(6)), 6 * 60);
    EXPECT_EQ(Total(seconds, absl::Hours(72)), 72 * 60);
    EXPECT_EQ(Total(seconds, kMonth), std::min<int64_t>(seconds / 60, 30 * 24 * 60));
  }
}

TEST_F(RingLadderTest, JumpOfMoreThanTheRingForgetsEverything) {
  Add(5, 7);
  const int64_t later = 100 * 24 * 3600;
  ASSERT_EQ(Add(later, 1), AddResult::kCounted);
  for (const absl::Duration window : {absl::Minutes(5), absl::Hours(6), absl::Hours(72), kMonth}) {
    EXPECT_EQ(Total(later, window), 1) << window;
  }
  ASSERT_EQ(Add(later - 60, 1), AddResult::kCounted);
  EXPECT_EQ(Total(later, absl::Minutes(5)), 2);
}

// The 5 s level has 788 entries, (3600 + 330) / 5 + 2: jumps of about one turn, and of exactly one.
TEST_F(RingLadderTest, JumpOfAboutOneTurnOfTheFinestRing) {
  for (const int64_t jump : {787, 788, 789}) {
    RingLadder ladder(LadderShape::For(kFinest, kMonth, kSlack));
    const int64_t start = SlotOf(At(5), kFinest);
    ladder.Add(start, Counts{.total = 7});
    ladder.Add(start + jump, Counts{.total = 1});
    const absl::Time end = SlotEnd(start + jump, kFinest);
    EXPECT_EQ(ladder.Sum(end, absl::Hours(1)).total, 1) << jump;
    EXPECT_EQ(ladder.Sum(end, absl::Hours(2)).total, 8) << jump;
  }
}

TEST_F(RingLadderTest, WorksBeforeTheEpoch) {
  RingLadder ladder(LadderShape::For(kFinest, kMonth, kSlack));
  const absl::Time end = absl::UnixEpoch() - absl::Seconds(35);
  ladder.Add(SlotOf(end, kFinest), Counts{.total = 1});
  ladder.Add(SlotOf(absl::UnixEpoch() + absl::Seconds(1), kFinest), Counts{.total = 10});
  EXPECT_EQ(ladder.Sum(end, absl::Minutes(5)).total, 1);
  EXPECT_EQ(ladder.Sum(end, kMonth).total, 1);
  EXPECT_EQ(ladder.Sum(absl::UnixEpoch() + absl::Seconds(5), absl::Seconds(40)).total, 10);
  EXPECT_EQ(ladder.Sum(absl::UnixEpoch() + absl::Seconds(5), absl::Seconds(45)).total, 11);
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

TEST_F(RingLadderTest, RefusesToFillTheCountersThatAreNotPartOfTheTotal) {
  ASSERT_EQ(Add(5, Counts{.client_errors = kTooMany - 1}), AddResult::kCounted);
  EXPECT_EQ(Add(5, Counts{.client_errors = 1}), AddResult::kOverflow);
  ASSERT_EQ(Add(5, Counts{.retries = kTooMany - 1}), AddResult::kCounted);
  EXPECT_EQ(Add(5, Counts{.retries = 1}), AddResult::kOverflow);
}

TEST_F(RingLadderTest, RefusedCountsDoNotMoveTheHead) {
  ASSERT_EQ(Add(5, 1), AddResult::kCounted);
  ASSERT_EQ(Add(1000 * 3600, kTooMany), AddResult::kOverflow);
  EXPECT_EQ(Add(10, 1), AddResult::kCounted);
  EXPECT_EQ(Total(10, absl::Minutes(5)), 2);
}

TEST_F(RingLadderTest, CountersHaveRoomAgainOnceTheLadderHasForgotten) {
  const int64_t period = 724 * 3600;
  for (int64_t turn = 0; turn < 5; ++turn) {
    ASSERT_EQ(Add(turn * period + 5, kTooMany - 1), AddResult::kCounted) << turn;
    EXPECT_EQ(Total(turn * period + 5, kMonth), kTooMany - 1) << turn;
  }
}

// A range (begin, end] of a month that ends at 0: from where to where its counts are taken.
TEST_F(RingLadderTest, BordersOfARangeAreMovedOutwardToTheSlotsOfTheirAge) {
  const int64_t hour = 3600, day = 24 * hour;
  const struct {
    const char* what;
    absl::Duration window;
    int64_t begin, end;
    int64_t from, to;
  } kRows[] = {
      {"on the grid nothing moves", kMonth, -600, -300, -600, -300},
      {"finest slots", kMonth, -598, -302, -600, -300},
      {"the youngest border that half minutes serve", kMonth, -3932, -3931, -3960, -3930},
      {"the oldest border that finest slots serve", kMonth, -3929, -3928, -3930, -3925},
      {"each border by its own age", kMonth, -12 * hour + 1, -301, -12 * hour, -300},
      {"the oldest that half minutes serve", kMonth, -43'499, -43'498, -43'500, -43'470},
      {"the youngest that five minutes serve", kMonth, -43'502, -43'501, -43'800, -43'500},
      {"the oldest that five minutes serve", kMonth, -4 * day + 1, -4 * day + 2, -4 * day, -4 * day + 300},
      {"the youngest that hours serve", kMonth, -4 * day - 2, -4 * day - 1, -4 * day - hour, -4 * day},
      {"never coarser than the window", absl::Hours(1), -hour + 1, -hour + 2, -hour, -hour + 5},
      {"never out of the window to the left", kMonth, -60 * day, -29 * day, -30 * day, -29 * day},
      {"never out of the window to the right", kMonth, -301, hour, -305, 0},
  };
  for (const auto& row : kRows) {
    ladder_ = RingLadder(LadderShape::For(kFinest, kMonth, kSlack));
    // Before, first, last and after the stretch that is counted, each told from the others by its number.
    Add(row.from, 1);
    Add(row.from + 5, 10);
    Add(row.to, 100);
    if (row.to < 0) Add(row.to + 5, 1000);
    AdvanceTo(0);
    const TimeRanges range = {{At(row.begin), At(row.end)}};
    const int64_t inside = ladder_.SumInside(At(0), row.window, range, SlotOf(At(0), kFinest)).total;
    EXPECT_EQ(inside, 110) << row.what;
  }
}

TEST_F(RingLadderTest, RangesThatMeetOnceTheirBordersAreMovedCountOnce) {
  AdvanceTo(-20 * 86'400);
  Add(-20 * 86'400, 1);
  AdvanceTo(0);
  const int64_t event = -20 * 86'400;
  const TimeRanges ranges = {{At(event - 3000), At(event - 2000)}, {At(event - 1000), At(event - 500)}};
  EXPECT_EQ(ladder_.SumInside(At(0), kMonth, ranges, SlotOf(At(0), kFinest)).total, 1);
}

TEST_F(RingLadderTest, NothingIsInsideOfNoRangeOrOfOneElsewhere) {
  Add(-5, 7);
  AdvanceTo(0);
  const auto inside = [&](const TimeRanges& ranges) {
    return ladder_.SumInside(At(0), absl::Minutes(5), ranges, SlotOf(At(0), kFinest)).total;
  };
  EXPECT_EQ(inside({}), 0);
  EXPECT_EQ(inside({{At(-900), At(-300)}}), 0) << "ends where the window begins";
  EXPECT_EQ(inside({{At(0), At(300)}}), 0) << "begins where the window ends";
  EXPECT_EQ(inside({{absl::InfinitePast(), absl::InfiniteFuture()}}), 7);
}

}  // namespace
}  // namespace firebreak
