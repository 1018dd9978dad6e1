#include "storage/time_ranges.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TimeRange Range(int begin, int end) { return {absl::FromUnixSeconds(begin), absl::FromUnixSeconds(end)}; }

TEST(TimeRangesTest, TheUnionIsAscendingAndJoinsWhatOverlapsOrTouches) {
  EXPECT_THAT(UnionOf({}), IsEmpty());
  EXPECT_THAT(UnionOf({Range(5, 9), Range(1, 3)}), ElementsAre(Range(1, 3), Range(5, 9)));
  EXPECT_THAT(UnionOf({Range(1, 6), Range(5, 9)}), ElementsAre(Range(1, 9)));
  EXPECT_THAT(UnionOf({Range(1, 5), Range(5, 9)}), ElementsAre(Range(1, 9)));
  EXPECT_THAT(UnionOf({Range(1, 5), Range(6, 9)}), ElementsAre(Range(1, 5), Range(6, 9)));
  EXPECT_THAT(UnionOf({Range(1, 9), Range(2, 3), Range(2, 3)}), ElementsAre(Range(1, 9)));
}

}  // namespace
}  // namespace firebreak
