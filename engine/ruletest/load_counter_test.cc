#include "engine/ruletest/load_counter.h"

#include <cstdint>
#include <numeric>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;

TrafficLoad Load(int64_t rate_digits, int rate_scale, absl::Duration per = absl::Seconds(1)) {
  TrafficLoad load;
  load.endpoint = "/a";
  load.rate = Decimal::FromParts(rate_digits, rate_scale);
  load.per = per;
  load.failures = {{Answer{503, ""}, 1}};
  load.successes = {{Answer{200, ""}, 1}};
  load.latencies = {{std::nullopt, 1}};
  return load;
}

std::vector<int64_t> CountsAfter(const TrafficLoad& load, absl::Duration elapsed) {
  std::vector<int64_t> counts;
  LoadCounter(load).Count(elapsed, counts);
  return counts;
}

int64_t Sum(const std::vector<int64_t>& counts) { return std::accumulate(counts.begin(), counts.end(), int64_t{0}); }

TEST(LoadCounterTest, CountsRequestsExactly) {
  struct Row {
    TrafficLoad load;
    absl::Duration elapsed;
    int64_t wanted;
  };
  const Row rows[] = {
      {Load(50, 0), absl::Hours(1), 180000},
      {Load(25, 1), absl::Seconds(1), 2},
      {Load(25, 1), absl::Seconds(2), 5},
      {Load(1, 6), absl::Seconds(999999), 0},
      {Load(1, 6), absl::Seconds(1000000), 1},
      {Load(7, 0, absl::Hours(1)), absl::Minutes(30), 3},
      {Load(7, 0, absl::Hours(1)), absl::Hours(1), 7},
      {Load(1000000, 0), absl::Hours(24 * 366), 31622400000000},
  };
  for (const Row& row : rows) EXPECT_EQ(Sum(CountsAfter(row.load, row.elapsed)), row.wanted);
}

// 0.05 % of 250 requests every 5 s: one in every 2000, none lost between.
TEST(LoadCounterTest, CarriesWhatAShareLeavesOver) {
  TrafficLoad load = Load(50, 0);
  load.errors = Decimal::FromParts(5, 4);
  EXPECT_THAT(CountsAfter(load, absl::Seconds(39)), ElementsAre(0, 0, 1950, 0));
  EXPECT_THAT(CountsAfter(load, absl::Seconds(40)), ElementsAre(1, 0, 1999, 0));
  EXPECT_THAT(CountsAfter(load, absl::Hours(24)), ElementsAre(2160, 0, 4317840, 0));
}

TEST(LoadCounterTest, SharesByWeightAndGivesTheLastTheRest) {
  TrafficLoad load = Load(10, 0);
  load.successes = {{Answer{200, ""}, 2}, {Answer{404, ""}, 1}, {Answer{301, ""}, 0}};
  const std::vector<int64_t> counts = CountsAfter(load, absl::Seconds(10));
  EXPECT_THAT(counts, ElementsAre(0, 0, 66, 0, 34, 0, 0, 0));
}

TEST(LoadCounterTest, NothingIsLostAndEveryCountOnlyGrows) {
  rc::check("counts add up and never fall", [] {
    TrafficLoad load = Load(*rc::gen::inRange<int64_t>(0, 100000), *rc::gen::inRange(0, 4));
    load.errors = Decimal::FromParts(*rc::gen::inRange<int64_t>(0, 1001), 3);
    load.late = Decimal::FromParts(*rc::gen::inRange<int64_t>(0, 101), 2);
    load.failures.clear();
    for (int i = 0; i < 3; ++i) load.failures.push_back({Answer{500 + i, ""}, *rc::gen::inRange<int64_t>(0, 5)});
    load.failures.push_back({Answer{504, ""}, 1});
    load.latencies = {{absl::Seconds(1), *rc::gen::inRange<int64_t>(0, 5)}, {std::nullopt, 3}};
    const LoadCounter counter(load);
    std::vector<int64_t> before(counter.kinds().size());
    for (int second = 1; second < 40; ++second) {
      std::vector<int64_t> counts;
      counter.Count(absl::Seconds(second), counts);
      RC_ASSERT(counts.size() == before.size());
      for (size_t i = 0; i < counts.size(); ++i) RC_ASSERT(counts[i] >= before[i]);
      RC_ASSERT(Sum(counts) == Sum(CountsAfter(Load(load.rate.digits(), load.rate.scale()), absl::Seconds(second))));
      before = counts;
    }
  });
}

}  // namespace
}  // namespace firebreak
