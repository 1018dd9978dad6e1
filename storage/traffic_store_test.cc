#include "storage/traffic_store.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ApplyResult = TrafficStore::ApplyResult;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
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
  static Delta BadRequest(int64_t seconds, int code) {
    Delta delta = Requests(seconds, "/a", 1, 1);
    delta.bad_codes = {{code, 1}};
    return delta;
  }
  ApplyResult Apply(const Delta& delta) { return store_.Apply(delta); }
  int64_t TierTotal(int64_t end, absl::Duration window) const { return store_.TierSum(0, kRum, At(end), window).total; }
  std::vector<std::string> EndpointNames(int tier = 0) const {
    std::vector<std::string> names;
    for (int i = 0; i < store_.num_endpoints(tier); ++i) names.emplace_back(store_.endpoint_name(tier, i));
    return names;
  }
  // Over 5 minutes; absent where the tier has no such endpoint.
  std::optional<int64_t> EndpointTotal(int tier, std::string_view name, int64_t end) const {
    for (int i = 0; i < store_.num_endpoints(tier); ++i) {
      if (store_.endpoint_name(tier, i) == name)
        return store_.EndpointSum(tier, i, kRum, At(end), absl::Minutes(5)).total;
    }
    return std::nullopt;
  }

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

TEST_F(TrafficStoreTest, ATierCountsWithoutEndpoints) {
  ASSERT_EQ(store_.CountTier(0, kRum, SlotOf(At(5), kFinest), {.total = 10, .bad = 2}), ApplyResult::kCounted);
  EXPECT_EQ(store_.TierSum(0, kRum, At(5), absl::Minutes(5)), (Counts{.total = 10, .bad = 2}));
  EXPECT_EQ(store_.FirstEvent(0, kRum), At(5));
  EXPECT_EQ(store_.LastEvent(0, kRum), At(5));
  EXPECT_THAT(EndpointNames(), ElementsAre("/a", "/b"));
  EXPECT_EQ(EndpointTotal(0, "/a", 5), 0);
  store_.AdvanceTo(At(0) + absl::Hours(24 * 40));
  EXPECT_EQ(store_.CountTier(0, kRum, SlotOf(At(10), kFinest), {.total = 10}), ApplyResult::kLate);
  EXPECT_EQ(store_.LastEvent(0, kRum), At(5));
}

TEST_F(TrafficStoreTest, TiersAndSourcesAreKeptApart) {
  Delta delta = Requests(5, "/a", 10);
  Apply(delta);
  delta.source = kSynthetic;
  delta.counts.total = 100;
  Apply(delta);
  delta.tier = 1;
  delta.counts.total = 1000;
  Apply(delta);
  EXPECT_EQ(store_.TierSum(0, kRum, At(5), absl::Minutes(5)).total, 10);
  EXPECT_EQ(store_.TierSum(0, kSynthetic, At(5), absl::Minutes(5)).total, 100);
  EXPECT_EQ(store_.TierSum(1, kRum, At(5), absl::Minutes(5)).total, 0);
  EXPECT_EQ(store_.TierSum(1, kSynthetic, At(5), absl::Minutes(5)).total, 1000);
}

TEST_F(TrafficStoreTest, ConfiguredEndpointsAreThereFromTheStart) {
  EXPECT_THAT(EndpointNames(), ElementsAre("/a", "/b"));
  EXPECT_EQ(store_.num_tiers(), 2);
  EXPECT_EQ(store_.num_endpoints(1), 0);
  EXPECT_EQ(store_.EndpointSum(0, 0, kRum, At(0), absl::Minutes(5)), Counts());
  EXPECT_EQ(store_.Cumulative(0, 0, kRum), nullptr);
}

TEST_F(TrafficStoreTest, EndpointsBeyondTheCapAreCountedTogether) {
  Apply(Requests(5, "/new", 1));     // the third of three places
  Apply(Requests(5, "/extra", 10));  // no place left
  Apply(Requests(5, "/more", 100));
  EXPECT_THAT(EndpointNames(), ElementsAre("/a", "/b", "/new", "__other__"));
  EXPECT_EQ(store_.EndpointSum(0, 3, kRum, At(5), absl::Minutes(5)).total, 110);
  EXPECT_EQ(TierTotal(5, absl::Minutes(5)), 111);
  Apply(Requests(5, "/a", 1000));  // configured: its place was kept
  EXPECT_EQ(store_.EndpointSum(0, 0, kRum, At(5), absl::Minutes(5)).total, 1000);
}

TEST_F(TrafficStoreTest, CapIsSharedByTheSources) {
  Apply(Requests(5, "/new", 1));
  Delta synthetic = Requests(5, "/new", 1);
  synthetic.source = kSynthetic;
  Apply(synthetic);
  synthetic.endpoint = "/extra";
  Apply(synthetic);
  EXPECT_THAT(EndpointNames(), ElementsAre("/a", "/b", "/new", "__other__"));
}

TEST_F(TrafficStoreTest, OtherTakesNoPlace) {
  Apply(Requests(5, "__other__", 1));
  Apply(Requests(5, "/new", 1));
  EXPECT_THAT(EndpointNames(), ElementsAre("/a", "/b", "__other__", "/new"));
}

TEST_F(TrafficStoreTest, LatenessDependsOnTheNewestTimeOfTheStore) {
  const int64_t month = 720 * 3600;
  Apply(Requests(5, "/a", 1));
  Delta elsewhere = Requests(2 * month, "/c", 1);
  elsewhere.tier = 1;
  Apply(elsewhere);
  EXPECT_EQ(Apply(Requests(5, "/a", 1)), ApplyResult::kLate);
  EXPECT_EQ(Apply(Requests(2 * month - 60, "/a", 1)), ApplyResult::kCounted);
}

TEST_F(TrafficStoreTest, AdvanceToMakesOlderEventsLate) {
  store_.AdvanceTo(At(1000 * 3600));
  store_.AdvanceTo(At(0));
  EXPECT_EQ(Apply(Requests(5, "/a", 1)), ApplyResult::kLate);
}

TEST_F(TrafficStoreTest, RefusedDeltaChangesNothing) {
  Apply(Requests(5, "/a", 10, 1));
  const CumulativeCounts before = *store_.Cumulative(0, 0, kRum);
  EXPECT_EQ(Apply(Requests(1000 * 3600, "/a", int64_t{1} << 40, 1)), ApplyResult::kOverflow);
  EXPECT_EQ(Apply(Requests(-1000 * 3600, "/new", 1, 1)), ApplyResult::kLate);
  EXPECT_EQ(store_.Cumulative(0, 0, kRum)->by_status, before.by_status);
  EXPECT_THAT(EndpointNames(), ElementsAre("/a", "/b"));
  EXPECT_EQ(store_.FirstEvent(0, kRum), At(5));
  EXPECT_EQ(store_.LastEvent(0, kRum), At(5));
  EXPECT_EQ(TierTotal(5, absl::Minutes(5)), 10);
  EXPECT_THAT(store_.CauseSums(0, kRum, At(5), absl::Minutes(5)), UnorderedElementsAre(Pair(503, 1)));
  EXPECT_EQ(Apply(Requests(10, "/a", 1)), ApplyResult::kCounted);  // the head has not moved either
}

TEST_F(TrafficStoreTest, FirstAndLastEventSpanWhatWasCounted) {
  EXPECT_EQ(store_.FirstEvent(0, kRum), std::nullopt);
  EXPECT_EQ(store_.LastEvent(0, kRum), std::nullopt);
  Apply(Requests(101, "/a", 1));
  Apply(Requests(300, "/b", 1));
  Apply(Requests(48, "/b", 1));
  EXPECT_EQ(store_.FirstEvent(0, kRum), At(50));
  EXPECT_EQ(store_.LastEvent(0, kRum), At(300));
  EXPECT_EQ(store_.FirstEvent(0, kSynthetic), std::nullopt);
}

TEST_F(TrafficStoreTest, FirstEventIsAbsentWhenTheOnlyOneWasLate) {
  store_.AdvanceTo(At(1000 * 3600));
  ASSERT_EQ(Apply(Requests(5, "/a", 1)), ApplyResult::kLate);
  EXPECT_EQ(store_.FirstEvent(0, kRum), std::nullopt);
}

TEST_F(TrafficStoreTest, CumulativeCountsGrowAndOutliveTheRings) {
  Delta delta = Requests(5, "/a", 10, 2);
  delta.counts.retries = 3;
  delta.latency_buckets = {{0, 4}, {2, 1}};
  delta.latency_seconds = 1.5;
  Apply(delta);
  store_.AdvanceTo(At(2000 * 3600));
  delta.slot = SlotOf(At(2000 * 3600), kFinest);
  Apply(delta);
  const CumulativeCounts& cumulative = *store_.Cumulative(0, 0, kRum);
  EXPECT_THAT(cumulative.by_status, ElementsAre(0, 16, 0, 0, 4, 0, 0, 0));
  EXPECT_THAT(cumulative.latency_buckets, ElementsAre(8, 0, 2));
  EXPECT_EQ(cumulative.latency_seconds, 3.0);
  EXPECT_EQ(cumulative.retries, 6);
  EXPECT_EQ(store_.Cumulative(0, 0, kSynthetic), nullptr);
}

TEST_F(TrafficStoreTest, ThirtyTwoCausesAreToldApart) {
  for (int code = 500; code < 540; ++code) Apply(BadRequest(5, code));
  const auto causes = store_.CauseSums(0, kRum, At(5), absl::Minutes(5));
  EXPECT_EQ(causes.size(), 33);
  EXPECT_THAT(causes, Contains(Pair(531, 1)));
  EXPECT_THAT(causes, Contains(Pair(TrafficStore::kOtherCause, 8)));
  Apply(BadRequest(5, 510));
  EXPECT_THAT(store_.CauseSums(0, kRum, At(5), absl::Minutes(5)), Contains(Pair(510, 2)));
}

TEST_F(TrafficStoreTest, ForgottenCausesMakeRoom) {
  for (int code = 500; code < 540; ++code) Apply(BadRequest(0, code));
  const int64_t last_reached = 12 * 3600 + 330 - 5;  // the causes' longest level, seen from a slack ago
  Apply(BadRequest(last_reached, 600));
  EXPECT_THAT(store_.CauseSums(0, kRum, At(last_reached), absl::Minutes(5)),
              ElementsAre(Pair(TrafficStore::kOtherCause, 1)));
  const int64_t forgotten = last_reached + 60;
  Apply(BadRequest(forgotten, 600));
  EXPECT_THAT(store_.CauseSums(0, kRum, At(forgotten), absl::Seconds(30)), ElementsAre(Pair(600, 1)));
}

TEST_F(TrafficStoreTest, CausesAreThoseOfTheWindow) {
  Apply(BadRequest(5, 500));
  Apply(BadRequest(600, 503));
  EXPECT_THAT(store_.CauseSums(0, kRum, At(600), absl::Minutes(5)), ElementsAre(Pair(503, 1)));
  EXPECT_THAT(store_.CauseSums(0, kRum, At(600), absl::Hours(6)), UnorderedElementsAre(Pair(500, 1), Pair(503, 1)));
}

// The whole history of a late bad request is in the tier, even where the causes' shorter history has forgotten it.
TEST_F(TrafficStoreTest, TooLateForTheCausesStillCounts) {
  store_.AdvanceTo(At(24 * 3600));
  EXPECT_EQ(Apply(BadRequest(5, 500)), ApplyResult::kCounted);
  EXPECT_EQ(TierTotal(24 * 3600, absl::Hours(24)), 1);
  EXPECT_THAT(store_.CauseSums(0, kRum, At(24 * 3600), absl::Hours(6)), IsEmpty());
}

TEST_F(TrafficStoreTest, ReconfigureKeepsTiersByName) {
  Apply(Requests(5, "/b", 10));
  Apply(Requests(5, "/new", 1));
  store_.Reconfigure({{.name = "fresh", .endpoints = {"/x"}},
                      {.name = "interactive", .max_endpoints = 1, .endpoints = {"/c", "/new"}}},
                     kBuckets);
  EXPECT_EQ(store_.num_tiers(), 2);
  EXPECT_EQ(store_.TierSum(0, kRum, At(5), absl::Minutes(5)).total, 0);
  EXPECT_EQ(store_.TierSum(1, kRum, At(5), absl::Minutes(5)).total, 11);
  // "/a" had no counts and is not configured any more.
  EXPECT_THAT(EndpointNames(1), UnorderedElementsAre("/b", "/c", "/new"));
  EXPECT_EQ(EndpointTotal(1, "/b", 5), 10);
  EXPECT_EQ(EndpointTotal(1, "/new", 5), 1);
  EXPECT_EQ(store_.FirstEvent(1, kRum), At(5));
}

TEST_F(TrafficStoreTest, ReconfigureKeepsTheHeadOfTime) {
  store_.AdvanceTo(At(1000 * 3600));
  store_.Reconfigure({{.name = "fresh"}}, kBuckets);
  EXPECT_EQ(Apply(Requests(5, "/a", 1)), ApplyResult::kLate);
}

TEST_F(TrafficStoreTest, EndpointConfiguredInAnotherTierStartsEmptyThere) {
  Apply(Requests(5, "/a", 10));
  store_.Reconfigure({{.name = "interactive", .max_endpoints = 3}, {.name = "batch", .endpoints = {"/a"}}}, kBuckets);
  EXPECT_EQ(EndpointTotal(0, "/a", 5), 10);
  EXPECT_EQ(EndpointTotal(1, "/a", 5), 0);
  EXPECT_EQ(store_.TierSum(1, kRum, At(5), absl::Minutes(5)).total, 0);
}

TEST_F(TrafficStoreTest, TierThatIsGoneTakesItsCountsWithIt) {
  Apply(Requests(5, "/a", 10));
  store_.Reconfigure({{.name = "batch"}}, kBuckets);
  store_.Reconfigure({{.name = "interactive", .max_endpoints = 3}}, kBuckets);
  EXPECT_EQ(TierTotal(5, absl::Minutes(5)), 0);
  EXPECT_EQ(store_.num_endpoints(0), 0);
}

TEST_F(TrafficStoreTest, HistogramIsResetWhenItsBucketsChange) {
  Delta delta = Requests(5, "/a", 10);
  delta.latency_buckets = {{2, 10}};
  delta.latency_seconds = 2;
  Apply(delta);
  const std::vector<TrafficStore::TierSpec> same = {{.name = "interactive", .endpoints = {"/a"}}};
  store_.Reconfigure(same, kBuckets);
  EXPECT_THAT(store_.Cumulative(0, 0, kRum)->latency_buckets, ElementsAre(0, 0, 10));
  store_.Reconfigure(same, kBuckets + 1);
  EXPECT_THAT(store_.Cumulative(0, 0, kRum)->latency_buckets, ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(store_.Cumulative(0, 0, kRum)->latency_seconds, 0);
  EXPECT_EQ(store_.Cumulative(0, 0, kRum)->by_status[1], 10);
  delta.latency_buckets = {{3, 10}};
  ASSERT_EQ(Apply(delta), ApplyResult::kCounted);
  EXPECT_THAT(store_.Cumulative(0, 0, kRum)->latency_buckets, ElementsAre(0, 0, 0, 10));
}

TEST_F(TrafficStoreTest, HistogramCanBeResetForOtherBounds) {
  Delta delta = Requests(5, "/a", 10);
  delta.latency_buckets = {{2, 10}};
  delta.latency_seconds = 2;
  Apply(delta);
  store_.ResetHistograms();
  EXPECT_THAT(store_.Cumulative(0, 0, kRum)->latency_buckets, ElementsAre(0, 0, 0));
  EXPECT_EQ(store_.Cumulative(0, 0, kRum)->latency_seconds, 0);
  EXPECT_EQ(store_.Cumulative(0, 0, kRum)->by_status[1], 10);
}

TEST_F(TrafficStoreTest, MemoryGrowsWithSeriesNotWithEvents) {
  const size_t empty = store_.memory_bytes();
  Apply(Requests(5, "/a", 1));
  const size_t one = store_.memory_bytes();
  EXPECT_LE(one - empty, 2 * 128 * 1024 + 1024);  // the tier's ladder and the endpoint's
  for (int64_t seconds = 5; seconds < 3600; seconds += 5) Apply(Requests(seconds, "/a", 1));
  EXPECT_EQ(store_.memory_bytes(), one);
}

}  // namespace
}  // namespace firebreak
