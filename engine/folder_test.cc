#include "engine/folder.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "engine/latency_buckets.h"
#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "storage/ladder_shape.h"

namespace firebreak {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// `checkout` with a latency limit and a timeout, and `rest` for unknown endpoints.
std::shared_ptr<const RuleSet> FolderRules() {
  Config config = TestConfig();
  config.tiers[0].latency_limit = absl::Milliseconds(1200);
  config.tiers[0].timeout = absl::Seconds(10);
  config.tiers.push_back(MakeTier("rest", "0.99", {"~/v[0-9]+/.*"}));
  config.classification.unknown_endpoint_tier = 1;
  config.classification.normalize = {{"^/users/[0-9]+", "/users/{id}"}};
  return MakeRules(std::move(config));
}

Event WithLatency(Event event, absl::Duration latency) {
  event.latency = latency;
  return event;
}

TEST(FolderTest, EqualSeriesAndSlotsBecomeOneDelta) {
  const auto rules = FolderRules();
  const FoldedBatch batch = Fold(rules, {MakeEvent(kTestStart + absl::Milliseconds(1), "/pay?card=1", 200, 3),
                                         MakeEvent(kTestStart + absl::Seconds(5), "/pay", 503, 2)});
  ASSERT_EQ(batch.deltas.size(), 1u);
  const Delta& delta = batch.deltas[0];
  EXPECT_EQ(delta.endpoint, "/pay");
  EXPECT_EQ(delta.tier, 0);
  EXPECT_EQ(delta.slot, SlotOf(kTestStart + absl::Seconds(5), absl::Seconds(5)));
  EXPECT_EQ(delta.events, 2);
  EXPECT_EQ(delta.counts.total, 5);
  EXPECT_EQ(delta.counts.bad, 2);
  EXPECT_THAT(delta.bad_codes, UnorderedElementsAre(Pair(503, 2)));
  EXPECT_EQ(batch.events, 2);
  EXPECT_EQ(batch.rules, rules);
}

TEST(FolderTest, SlotsSourcesAndEndpointsAreKeptApart) {
  const auto rules = FolderRules();
  Event probe = MakeEvent(kTestStart, "/pay", 200);
  probe.source = Source::kSynthetic;
  const FoldedBatch batch = Fold(rules, {MakeEvent(kTestStart, "/pay", 200), probe, MakeEvent(kTestStart, "/cart", 200),
                                         MakeEvent(kTestStart + absl::Milliseconds(1), "/pay", 200)});
  EXPECT_EQ(batch.deltas.size(), 4u);
}

TEST(FolderTest, UnknownAndNormalizedEndpointsGoWhereTheClassifierSays) {
  const auto rules = FolderRules();
  const FoldedBatch batch =
      Fold(rules, {MakeEvent(kTestStart, "/users/17/x", 200), MakeEvent(kTestStart, "/users/4/x", 200)});
  ASSERT_EQ(batch.deltas.size(), 1u);
  EXPECT_EQ(batch.deltas[0].endpoint, "/users/{id}/x");
  EXPECT_EQ(batch.deltas[0].tier, 1);
}

TEST(FolderTest, LatencyCountsTimedSlowBucketsAndSum) {
  const auto rules = FolderRules();
  const auto bounds = LatencyBucketBounds(rules->config);
  const FoldedBatch batch =
      Fold(rules, {WithLatency(MakeEvent(kTestStart, "/pay", 200, 2), absl::Milliseconds(1200)),
                   WithLatency(MakeEvent(kTestStart, "/pay", 200, 3), absl::Milliseconds(1201)),
                   WithLatency(MakeEvent(kTestStart, "/pay", 404), absl::Seconds(2)),   // the caller's own: not timed
                   WithLatency(MakeEvent(kTestStart, "/pay", 500), absl::Seconds(2)),   // bad: not timed
                   WithLatency(MakeEvent(kTestStart, "/pay", 200), absl::Seconds(11)),  // a timeout: bad, never slow
                   MakeEvent(kTestStart, "/pay", 200)});                                // no latency: not timed
  ASSERT_EQ(batch.deltas.size(), 1u);
  const Delta& delta = batch.deltas[0];
  EXPECT_EQ(delta.counts.total, 9);
  EXPECT_EQ(delta.counts.timed, 5);
  EXPECT_EQ(delta.counts.slow, 3);
  EXPECT_EQ(delta.counts.bad, 2);
  EXPECT_EQ(delta.counts.client_errors, 1);
  EXPECT_THAT(delta.latency_buckets, UnorderedElementsAre(Pair(LatencyBucketOf(bounds, absl::Milliseconds(1200)), 2),
                                                          Pair(LatencyBucketOf(bounds, absl::Milliseconds(1201)), 3),
                                                          Pair(LatencyBucketOf(bounds, absl::Seconds(2)), 2),
                                                          Pair(LatencyBucketOf(bounds, absl::Seconds(11)), 1)));
  EXPECT_DOUBLE_EQ(delta.latency_seconds, 2 * 1.2 + 3 * 1.201 + 2 + 2 + 11);
}

TEST(FolderTest, RetriesCountApartFromRequests) {
  Event event = MakeEvent(kTestStart, "/pay", 200, 4);
  event.retries = 2;
  const FoldedBatch batch = Fold(FolderRules(), {event});
  EXPECT_EQ(batch.deltas[0].counts.total, 4);
  EXPECT_EQ(batch.deltas[0].counts.retries, 8);
}

TEST(FolderTest, TakeStartsAnew) {
  Folder folder(FolderRules());
  folder.Add(MakeEvent(kTestStart, "/pay", 200));
  EXPECT_EQ(folder.Take().events, 1);
  EXPECT_THAT(folder.Take().deltas, IsEmpty());
  folder.Add(MakeEvent(kTestStart, "/pay", 503));
  const FoldedBatch batch = folder.Take();
  ASSERT_EQ(batch.deltas.size(), 1u);
  EXPECT_EQ(batch.deltas[0].counts.total, 1);
}

// --- Folding equals the sum of single events, in any order.

struct SeriesSlot {
  std::string endpoint;
  int tier = 0;
  int source = 0;
  int64_t slot = 0;
  auto operator<=>(const SeriesSlot&) const = default;
};

struct Tallies {
  int64_t events = 0;
  Counts counts;
  std::array<int64_t, kStatusKinds> by_status{};
  std::map<int, int64_t> bad_codes;
  std::map<int, int64_t> latency_buckets;
  bool operator==(const Tallies&) const = default;
};

void AddTo(std::map<SeriesSlot, Tallies>& sums, const FoldedBatch& batch) {
  for (const Delta& delta : batch.deltas) {
    Tallies& sum = sums[{delta.endpoint, delta.tier, delta.source, delta.slot}];
    sum.events += delta.events;
    sum.counts += delta.counts;
    for (int i = 0; i < kStatusKinds; ++i) sum.by_status[i] += delta.by_status[i];
    for (const auto& [code, bad] : delta.bad_codes) sum.bad_codes[code] += bad;
    for (const auto& [bucket, requests] : delta.latency_buckets) sum.latency_buckets[bucket] += requests;
  }
}

rc::Gen<Event> AnyEvent() {
  return rc::gen::exec([] {
    static constexpr std::string_view kEndpoints[] = {"/pay", "/cart", "/users/1", "/v1/x", "/pay?q", "/other"};
    static constexpr std::string_view kOutcomes[] = {"ok", "timeout", "shape_mismatch", "odd"};
    Event event = MakeEvent(kTestStart + absl::Milliseconds(*rc::gen::inRange(-12000, 12001)),
                            kEndpoints[*rc::gen::inRange(0, 6)], *rc::gen::inRange(100, 600), *rc::gen::inRange(1, 4));
    event.source = *rc::gen::element(Source::kRum, Source::kSynthetic);
    event.retries = *rc::gen::inRange(0, 3);
    if (*rc::gen::arbitrary<bool>()) event.latency = absl::Milliseconds(*rc::gen::inRange(0, 12000));
    if (*rc::gen::inRange(0, 4) == 0) event.outcome = kOutcomes[*rc::gen::inRange(0, 4)];
    return event;
  });
}

TEST(FolderPropertyTest, FoldingIsTheSumOfSingleEventsInAnyOrder) {
  const auto rules = FolderRules();
  EXPECT_TRUE(rc::check([&] {
    const std::vector<Event> events = *rc::gen::container<std::vector<Event>>(AnyEvent());
    std::map<SeriesSlot, Tallies> singly, together, shuffled;
    for (const Event& event : events) AddTo(singly, Fold(rules, {event}));
    const FoldedBatch batch = Fold(rules, events);
    AddTo(together, batch);
    RC_ASSERT(batch.deltas.size() == together.size());  // one for each series and slot
    RC_ASSERT(batch.events == static_cast<int64_t>(events.size()));
    std::vector<Event> reversed(events.rbegin(), events.rend());
    AddTo(shuffled, Fold(rules, reversed));
    RC_ASSERT(together == singly);
    RC_ASSERT(shuffled == singly);
  }));
}

}  // namespace
}  // namespace firebreak
