#include "engine/lab/thinned_series.h"

#include <algorithm>
#include <random>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

TEST(ThinnedSeriesTest, FewValuesStayAsTheyAre) {
  ThinnedSeries series(4);
  series.Add(At(1), 10);
  series.Add(At(2), std::nullopt);
  series.Add(At(3), 30);
  const auto points = series.points();
  ASSERT_EQ(points.size(), 5u);
  EXPECT_EQ(points[0].at, At(1));
  EXPECT_EQ(points[1].value, 10);
  EXPECT_EQ(points[2].at, At(2));
  EXPECT_EQ(points[2].value, std::nullopt);
  EXPECT_EQ(points[3].value, 30);
  EXPECT_EQ(points[4].at, At(3));
}

TEST(ThinnedSeriesTest, ABucketKeepsItsExtremesWhereTheyWere) {
  ThinnedSeries series(2);
  const double values[] = {5, 9, 1, 5, 7, 7, 7, 7};
  for (int i = 0; i < 8; ++i) series.Add(At(i), values[i]);
  const auto points = series.points();
  ASSERT_EQ(points.size(), 4u);
  EXPECT_EQ(points[0].at, At(1)) << "the peak came before the low";
  EXPECT_EQ(points[0].value, 9);
  EXPECT_EQ(points[1].at, At(2));
  EXPECT_EQ(points[1].value, 1);
}

TEST(ThinnedSeriesTest, AGapBesideValuesHidesNone) {
  ThinnedSeries series(2);
  series.Add(At(0), std::nullopt);
  series.Add(At(1), 3);
  series.Add(At(2), std::nullopt);
  series.Add(At(3), std::nullopt);
  const auto points = series.points();
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[0].value, 3);
  EXPECT_EQ(points[2].value, std::nullopt);
}

TEST(ThinnedSeriesTest, NoPeakIsLostHoweverManyValuesCome) {
  std::mt19937 random(3);
  for (int count : {1, 3, 4, 5, 1000, 100'001}) {
    ThinnedSeries series(100);
    double highest = -1;
    absl::Time highest_at;
    for (int i = 0; i < count; ++i) {
      const double value = static_cast<double>(random());
      if (value > highest) highest_at = At(i);
      highest = std::max(highest, value);
      series.Add(At(i), value);
    }
    const auto points = series.points();
    EXPECT_LE(points.size(), 200u);
    const auto by_value = [](const auto& a, const auto& b) { return *a.value < *b.value; };
    const auto peak = std::max_element(points.begin(), points.end(), by_value);
    EXPECT_EQ(peak->value, highest) << count;
    EXPECT_EQ(peak->at, highest_at) << count;
    EXPECT_TRUE(std::is_sorted(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.at < b.at; }));
  }
}

}  // namespace
}  // namespace firebreak
