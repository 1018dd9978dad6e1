// SloHistory against RingLadder on random histories: every window at every tick must be equal. Runs 20 histories for
// each ladder; RC_PARAMS="max_success=1000" runs more.

#include "engine/lab/slo_history.h"

#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

#include "engine/testing.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "storage/ring_ladder.h"

namespace firebreak {
namespace {

LadderShape DefaultShape() { return LadderShape::For(absl::Seconds(5), absl::Hours(24 * 30), absl::Minutes(5)); }

int64_t SlotAt(absl::Duration offset) { return SlotOf(kTestStart + offset, absl::Seconds(5)); }

void ExpectCounts(const SloCounts& actual, int64_t bad, int64_t total) {
  EXPECT_EQ(actual.bad, bad);
  EXPECT_EQ(actual.total, total);
}

TEST(SloHistoryTest, WithoutASlotEverythingIsZero) {
  const SloHistory history(DefaultShape(), {});
  ExpectCounts(history.Sum(kTestStart, absl::Hours(1)), 0, 0);
  ExpectCounts(history.Between(kTestStart, kTestStart + absl::Hours(1)), 0, 0);
  ExpectCounts(history.Total(), 0, 0);
  EXPECT_EQ(history.first(), std::nullopt);
}

TEST(SloHistoryTest, AWindowIsLeftOpen) {
  const SloHistory history(DefaultShape(), {{SlotAt(absl::Seconds(5)), {1, 10}}, {SlotAt(absl::Seconds(10)), {2, 20}}});
  ExpectCounts(history.Sum(kTestStart + absl::Seconds(10), absl::Seconds(5)), 2, 20);
  ExpectCounts(history.Sum(kTestStart + absl::Seconds(10), absl::Seconds(10)), 3, 30);
  ExpectCounts(history.Sum(kTestStart + absl::Seconds(15), absl::Seconds(5)), 0, 0);
  EXPECT_EQ(history.first(), kTestStart + absl::Seconds(5));
  EXPECT_EQ(history.last(), kTestStart + absl::Seconds(10));
}

TEST(SloHistoryTest, StretchesAreTakenOutwardToTheGrid) {
  const SloHistory history(DefaultShape(), {{SlotAt(absl::Seconds(5)), {1, 10}}, {SlotAt(absl::Seconds(10)), {2, 20}}});
  ExpectCounts(history.Between(kTestStart, kTestStart + absl::Seconds(5)), 1, 10);
  ExpectCounts(history.Between(kTestStart + absl::Seconds(4), kTestStart + absl::Seconds(6)), 3, 30);
  ExpectCounts(history.Between(kTestStart + absl::Seconds(5), kTestStart + absl::Seconds(6)), 2, 20);
  ExpectCounts(history.Between(kTestStart + absl::Seconds(5), kTestStart + absl::Seconds(5)), 0, 0);
}

// Traffic with silences on a ladder of `finest` slots, ticked at a random step.
void CheckLikeTheRings(absl::Duration finest, const std::vector<absl::Duration>& windows) {
  std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
  const LadderShape shape = LadderShape::For(finest, absl::Hours(24 * 7), absl::Minutes(5));
  const int64_t step = 1 + random() % 12;
  const int64_t start = SlotOf(kTestStart, finest);
  RingLadder rings(shape);
  std::vector<SloHistory::Slot> slots;
  std::vector<std::pair<int64_t, std::vector<SloCounts>>> expected;  // by tick, the sums of each window
  int64_t slot = start;
  for (int64_t tick = start; expected.size() < 400; tick += step) {
    for (; slot <= tick; ++slot) {
      if (random() % 3 > 0) continue;
      const SloCounts counts{static_cast<int64_t>(random() % 5), static_cast<int64_t>(5 + random() % 50)};
      slots.push_back({slot, counts});
      rings.Add(slot, {counts.total, counts.bad, 0, 0, 0, 0});
    }
    rings.AdvanceTo(tick);
    std::vector<SloCounts>& sums = expected.emplace_back(tick, std::vector<SloCounts>()).second;
    for (const absl::Duration window : windows) {
      sums.push_back(CountsFor(Slo::kAvailability, rings.Sum(SlotEnd(tick, finest), window)));
    }
    if (random() % 30 == 0) tick += step * (static_cast<int64_t>(random() % 20) * absl::Hours(1) / (step * finest));
  }
  const SloHistory history(shape, slots);
  const absl::Duration delay = static_cast<int>(random() % 5) * finest;
  const int64_t ticks = (expected.back().first - start) / step + 1;
  for (size_t w = 0; w < windows.size(); ++w) {
    const WindowSums walked = history.SumAt({SlotEnd(start, finest) + delay, step * finest, ticks}, delay, windows[w]);
    RC_ASSERT(walked.size() == static_cast<size_t>(ticks));
    for (const auto& [tick, sums] : expected) {
      const SloCounts one = history.Sum(SlotEnd(tick, finest), windows[w]);
      const SloCounts& of_walk = walked[static_cast<size_t>((tick - start) / step)];
      RC_ASSERT(std::pair(one.bad, one.total) == std::pair(sums[w].bad, sums[w].total));
      RC_ASSERT(std::pair(of_walk.bad, of_walk.total) == std::pair(sums[w].bad, sums[w].total));
    }
  }
}

TEST(SloHistoryTest, SaysWhatTheRingsSaid) {
  const bool ok = rc::check("5 s slots",
                            [] {
                              CheckLikeTheRings(absl::Seconds(5),
                                                {absl::Seconds(5), absl::Minutes(5), absl::Hours(1), absl::Hours(6),
                                                 absl::Hours(12), absl::Hours(24), absl::Hours(24 * 5)});
                            }) &&
                  rc::check("30 s slots", [] {
                    CheckLikeTheRings(absl::Seconds(30), {absl::Seconds(30), absl::Minutes(5), absl::Hours(12),
                                                          absl::Hours(12) + absl::Seconds(30), absl::Hours(24 * 7)});
                  });
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace firebreak

int main(int argc, char** argv) {
  setenv("RC_PARAMS", "max_success=20", 0);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
