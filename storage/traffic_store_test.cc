#include "storage/traffic_store.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ApplyResult = TrafficStore::ApplyResult;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kFinest = absl::Seconds(5);
constexpr int kRum = 0;
constexpr int kSynthetic = 1;
constexpr int kBuckets = 3;

class TrafficStoreTest : public ::testing::Test {
 protected:
  static absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(1'764'000'000) + absl::Seconds(seconds); }
  static Delta Requests(int64_t seconds, std::string endpoint, int64_t total, int64_t bad = 0) {
    Delta delta;
    delta.slot = SlotOf(At(seconds), kFinest);
    delta.endpoint = std::move(endpoint);
    delta.events = 1;
    delta.counts = {.total = total, .bad = bad};
    delta.by_status[1] = total - bad;
    delta.by_status[4] = bad;
    if (bad > 0) delta.bad_codes = {{503, bad}};
    return delta;
  }
  ApplyResult Apply(const Delta& delta) { return store_.Apply(delta); }
  int64_t TierTotal(int64_t end, absl::Duration window) const { return store_.TierSum(0, kRum, At(end), window).total; }

  TrafficStore store_{
      {.shape = LadderShape::For(kFinest, absl::Hours(720), absl::Seconds(330)), .latency_buckets = kBuckets},
      {{.name = "interactive", .max_endpoints = 3, .endpoints = {"/a", "/b"}}, {.name = "batch"}}};
};

TEST_F(TrafficStoreTest, CountsInTierEndpointAndCause) {
  ASSERT_EQ(Apply(Requests(5, "/b", 10, 2)), ApplyResult::kCounted);
  EXPECT_EQ(store_.TierSum(0, kRum, At(5), absl::Minutes(5)), (Counts{.total = 10, .bad = 2}));
  EXPECT_EQ(store_.EndpointSum(0, 1, kRum, At(5), absl::Minutes(5)), (Counts{.total = 10, .bad = 2}));
  EXPECT_EQ(store_.EndpointSum(0, 0, kRum, At(5), absl::Minutes(5)), Counts());
  EXPECT_THAT(store_.CauseSums(0, kRum, At(5), absl::Minutes(5)), UnorderedElementsAre(Pair(503, 2)));
  EXPECT_EQ(store_.TierSum(1, kRum, At(5), absl::Minutes(5)), Counts());
  EXPECT_EQ(store_.TierSum(0, kSynthetic, At(5), absl::Minutes(5)), Counts());
}

}  // namespace
}  // namespace firebreak
