// What comes back after a restart: stores restored from the rows that a ledger keeps, against stores that never
// stopped. Runs 1,000 histories; RC_PARAMS="max_success=100000 max_size=60" runs more.

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "storage/traffic_store.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using ApplyResult = TrafficStore::ApplyResult;

const std::vector<std::string>& Endpoints() {
  static const auto* names = new std::vector<std::string>{"/a", "/b", "/c", "/d", "__other__"};
  return *names;
}

const LadderShape& Shape() {
  static const auto* shape = new LadderShape{{{absl::Seconds(2), absl::Seconds(16)},
                                              {absl::Seconds(8), absl::Seconds(64)},
                                              {absl::Seconds(16), absl::Seconds(256)}},
                                             absl::Seconds(10)};
  return *shape;
}
constexpr int64_t kFinestSeconds = 2;
constexpr absl::Duration kLongestCauseWindow = absl::Seconds(64);

TrafficStore MakeStore() {
  return TrafficStore({.shape = Shape(), .longest_cause_window = kLongestCauseWindow, .latency_buckets = 2},
                      {{.name = "one", .max_endpoints = 3, .endpoints = {"/a"}}, {.name = "two", .max_endpoints = 2}});
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// --- A ledger, as plainly as possible

// The rows of all series. A row is as wide as the ladder allows, or finer: a ledger may be behind with its folding.
class NaiveLedger {
 public:
  void Add(const Delta& delta) { deltas_.push_back(delta); }

  // `pick(n)` chooses one of the first n levels for a row.
  template <typename Pick>
  void RestoreInto(TrafficStore& store, int64_t head, Pick pick) const {
    store.AdvanceTo(SlotEnd(head, Shape().finest()));
    std::map<Key, Counts> rows;
    for (const Delta& delta : deltas_) {
      const int64_t width = WidthOf(pick(WidestLevel(delta.slot, head) + 1));
      const int64_t begin = FloorDiv(delta.slot * kFinestSeconds, width) * width;
      rows[{delta.tier, "", delta.source, 0, begin, -width}] += delta.counts;
      rows[{delta.tier, delta.endpoint, delta.source, 0, begin, -width}] += delta.counts;
      for (const auto& [code, bad] : delta.bad_codes) {
        rows[{delta.tier, "", delta.source, code, begin, -width}] += Counts{.bad = bad};
      }
    }
    for (const auto& [key, counts] : rows) Restore(store, key, counts);
  }

 private:
  // Tier, endpoint, source, code (0: the row is no cause), begin, and the width negated: wider ones come first.
  using Key = std::tuple<int, std::string, int, int, int64_t, int64_t>;

  static int64_t WidthOf(int level) { return Shape().levels[level].width / absl::Seconds(1); }

  // A level passes its rows to the next one when it has forgotten all of a slot of that one.
  static int WidestLevel(int64_t slot, int64_t head) {
    int level = 0;
    for (; level + 1 < static_cast<int>(Shape().levels.size()); ++level) {
      const auto& [width, span] = Shape().levels[level];
      const int64_t held = absl::Ceil(span, width) / width + absl::Ceil(Shape().slack, width) / width + 1;
      const int64_t newest = FloorDiv(head * kFinestSeconds, WidthOf(level));
      const int64_t next_slot = FloorDiv(slot * kFinestSeconds, WidthOf(level + 1));
      const int64_t last_in_it = (next_slot + 1) * WidthOf(level + 1) / WidthOf(level) - 1;
      if (last_in_it > newest - held) break;
    }
    return level;
  }

  static void Restore(TrafficStore& store, const Key& key, const Counts& counts) {
    const auto& [tier, endpoint, source, code, begin, minus_width] = key;
    const CountRow row{-minus_width, FloorDiv(begin, -minus_width), counts};
    if (code != 0) {
      store.RestoreCause(tier, source, code, row);
    } else if (endpoint.empty()) {
      store.RestoreTier(tier, source, row);
    } else {
      store.RestoreEndpoint(tier, endpoint, source, row);
    }
  }

  std::vector<Delta> deltas_;
};

// --- Random histories

struct Step {
  int64_t slots_ahead;  // of the newest slot
  int tier;
  int source;
  int endpoint;
  int code;
  int64_t total;
  bool advances;  // only time passes
};

void showValue(const Step& step, std::ostream& out) {
  out << "\nslots_ahead " << step.slots_ahead << " tier " << step.tier << " source " << step.source << " endpoint "
      << Endpoints()[step.endpoint] << " code " << step.code << " total " << step.total << " advances "
      << step.advances;
}

template <typename T>
rc::Gen<T> Between(T first, T last) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(first, last + 1));
}

rc::Gen<Step> AnyStep() {
  const auto slots_ahead = rc::gen::weightedOneOf<int64_t>(
      {{6, Between<int64_t>(-4, 2)}, {3, Between<int64_t>(-140, 0)}, {1, Between<int64_t>(0, 100)}});
  return rc::gen::construct<Step>(slots_ahead, Between(0, 1), Between(0, kSourceKinds - 1),
                                  Between<int>(0, Endpoints().size() - 1), Between(500, 503), Between<int64_t>(0, 4),
                                  rc::gen::weightedElement<bool>({{6, false}, {1, true}}));
}

Delta DeltaOf(const Step& step, int64_t head) {
  Delta delta;
  delta.slot = head + step.slots_ahead;
  delta.tier = step.tier;
  delta.source = step.source;
  delta.endpoint = Endpoints()[step.endpoint];
  delta.counts = {.total = step.total, .bad = step.total, .retries = 2 * step.total};
  if (step.total > 0) delta.bad_codes = {{step.code, step.total}};
  return delta;
}

// One that lives on and the ledger of what it counted.
class Life {
 public:
  TrafficStore& store() { return store_; }
  const NaiveLedger& ledger() const { return ledger_; }
  int64_t head() const { return head_; }

  ApplyResult Do(const Step& step) {
    const int64_t slot = head_ + step.slots_ahead;
    ApplyResult result = ApplyResult::kCounted;
    if (step.advances) {
      store_.AdvanceTo(SlotEnd(slot, Shape().finest()));
    } else {
      Delta delta = DeltaOf(step, head_);
      result = store_.Admit(delta, {});
      if (result == ApplyResult::kCounted) {
        ledger_.Add(delta);
        store_.Count(delta);
      }
    }
    head_ = std::max(head_, slot);
    return result;
  }

 private:
  TrafficStore store_ = [] {
    TrafficStore store = MakeStore();
    store.AdvanceTo(SlotEnd(0, Shape().finest()));
    return store;
  }();
  NaiveLedger ledger_;
  int64_t head_ = 0;
};

std::map<std::string, int> IndexOfEndpoints(const TrafficStore& store, int tier) {
  std::map<std::string, int> index;
  for (int i = 0; i < store.num_endpoints(tier); ++i) index[std::string(store.endpoint_name(tier, i))] = i;
  return index;
}

void ExpectSameWindows(const TrafficStore& a, const TrafficStore& b, absl::Time end, absl::Duration window) {
  for (int tier = 0; tier < a.num_tiers(); ++tier) {
    const auto in_b = IndexOfEndpoints(b, tier);
    RC_ASSERT(IndexOfEndpoints(a, tier).size() == in_b.size());
    for (int source = 0; source < kSourceKinds; ++source) {
      RC_ASSERT(a.TierSum(tier, source, end, window) == b.TierSum(tier, source, end, window));
      for (const auto& [name, index] : IndexOfEndpoints(a, tier)) {
        RC_ASSERT(a.EndpointSum(tier, index, source, end, window) ==
                  b.EndpointSum(tier, in_b.at(name), source, end, window));
      }
      if (window > kLongestCauseWindow) continue;
      auto causes = a.CauseSums(tier, source, end, window);
      auto causes_b = b.CauseSums(tier, source, end, window);
      std::sort(causes.begin(), causes.end());
      std::sort(causes_b.begin(), causes_b.end());
      RC_ASSERT(causes == causes_b);
    }
  }
}

void ExpectSameWindows(const TrafficStore& a, const TrafficStore& b, int64_t head) {
  for (const int64_t back : {0, 1, 5}) {
    for (const int64_t slots : {1, 8, 9, 32, 33, 128}) {
      ExpectSameWindows(a, b, SlotEnd(head - back, Shape().finest()), slots * Shape().finest());
    }
  }
}

TEST(TrafficStoreRestoreTest, WindowsReadAsIfThereHadBeenNoRestart) {
  setenv("RC_PARAMS", "max_success=1000 max_size=60", /*overwrite=*/0);
  EXPECT_TRUE(rc::check([] {
    Life life;
    for (const Step& step : *rc::gen::container<std::vector<Step>>(AnyStep())) life.Do(step);
    TrafficStore restored = MakeStore();
    const int behind = *rc::gen::inRange(0, 3);  // how many levels the ledger is behind with its folding, at most
    int n = 0;
    life.ledger().RestoreInto(restored, life.head(),
                              [&](int levels) { return std::max(0, levels - 1 - n++ % (behind + 1)); });
    ExpectSameWindows(life.store(), restored, life.head());
  }));
}

// Both go on alike, late events and endpoints beyond the cap included.
TEST(TrafficStoreRestoreTest, WhatComesAfterTheRestartCountsTheSame) {
  setenv("RC_PARAMS", "max_success=1000 max_size=60", /*overwrite=*/0);
  EXPECT_TRUE(rc::check([] {
    Life life;
    for (const Step& step : *rc::gen::container<std::vector<Step>>(AnyStep())) life.Do(step);
    TrafficStore restored = MakeStore();
    life.ledger().RestoreInto(restored, life.head(), [](int levels) { return levels - 1; });
    for (const Step& step : *rc::gen::container<std::vector<Step>>(AnyStep())) {
      const int64_t head = life.head();
      const ApplyResult result = life.Do(step);
      if (step.advances) {
        restored.AdvanceTo(SlotEnd(life.head(), Shape().finest()));
      } else {
        RC_ASSERT(restored.Apply(DeltaOf(step, head)) == result);
      }
    }
    ExpectSameWindows(life.store(), restored, life.head());
  }));
}

// --- One by one

class RestoreTest : public ::testing::Test {
 protected:
  RestoreTest() { store_.AdvanceTo(At(1000)); }

  static absl::Time At(int64_t seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }
  int64_t TierTotal(int64_t end, int64_t window) const {
    return store_.TierSum(0, 0, At(end), absl::Seconds(window)).total;
  }
  std::vector<std::string> EndpointNames() const {
    std::vector<std::string> names;
    for (int i = 0; i < store_.num_endpoints(0); ++i) names.emplace_back(store_.endpoint_name(0, i));
    return names;
  }

  TrafficStore store_ = MakeStore();
};

TEST_F(RestoreTest, ARowGoesToEveryLevelItFits) {
  EXPECT_EQ(store_.RestoreTier(0, 0, {8, 123, {.total = 5}}), ApplyResult::kCounted);  // (984, 992]
  EXPECT_EQ(TierTotal(1000, 16), 0) << "the finest level cannot know where in the row they were";
  EXPECT_EQ(TierTotal(1000, 17), 5) << "read from the 8 s level";
  EXPECT_EQ(TierTotal(1000, 65), 5) << "and from the 16 s level";
  EXPECT_EQ(store_.RestoreTier(0, 0, {2, 499, {.total = 1}}), ApplyResult::kCounted);  // (998, 1000]
  EXPECT_EQ(TierTotal(1000, 2), 1);
  EXPECT_EQ(TierTotal(1000, 256), 6);
}

TEST_F(RestoreTest, ARowOfAWidthThatFitsNowhereIsNotCounted) {
  EXPECT_EQ(store_.RestoreTier(0, 0, {32, 30, {.total = 5}}), ApplyResult::kLate);
  EXPECT_EQ(TierTotal(1000, 256), 0);
}

TEST_F(RestoreTest, RowsOutOfOrderCountAsWell) {
  for (const int64_t slot : {490, 499, 480}) {
    EXPECT_EQ(store_.RestoreTier(0, 0, {2, slot, {.total = slot}}), ApplyResult::kCounted);
  }
  EXPECT_EQ(TierTotal(1000, 256), 490 + 499 + 480);
  EXPECT_EQ(TierTotal(1000, 16), 499);
}

TEST_F(RestoreTest, WhatIsOlderThanTheRingsIsLateButWasSeen) {
  EXPECT_EQ(store_.RestoreTier(0, 0, {2, 100, {.total = 5}}), ApplyResult::kLate);
  EXPECT_EQ(store_.FirstEvent(0, 0), At(202));
  EXPECT_EQ(TierTotal(1000, 256), 0);
}

TEST_F(RestoreTest, FirstAndLastEventSpanTheRows) {
  store_.RestoreTier(0, 0, {16, 50, {.total = 1}});  // (800, 816]
  store_.RestoreTier(0, 0, {8, 100, {.total = 1}});  // (800, 808]
  store_.RestoreTier(0, 0, {2, 480, {.total = 1}});
  EXPECT_EQ(store_.FirstEvent(0, 0), At(802));
  EXPECT_EQ(store_.LastEvent(0, 0), At(962));
  EXPECT_EQ(store_.FirstEvent(0, 1), std::nullopt);
  store_.RestoreTier(0, 0, {16, 62, {.total = 1}});  // (992, 1008]: nothing was counted beyond the head
  EXPECT_EQ(store_.LastEvent(0, 0), At(1000));
}

TEST_F(RestoreTest, ARowAheadOfTheHeadMovesIt) {
  store_.RestoreTier(0, 0, {2, 505, {.total = 1}});
  EXPECT_EQ(TierTotal(1012, 2), 1);
  Delta late;
  late.slot = 46 * 8;  // the oldest that the coarsest level holds: 18 slots of 16 s
  late.endpoint = "/a";
  late.counts.total = 1;
  EXPECT_EQ(store_.Apply(late), ApplyResult::kCounted);
  late.slot = 46 * 8 - 1;
  EXPECT_EQ(store_.Apply(late), ApplyResult::kLate) << "it would count with the head still at 1000";
}

TEST_F(RestoreTest, EndpointsHaveTheirPlaceBeyondTheCap) {
  for (const std::string name : {"/b", "/c", "/d", "/e", "__other__"}) {
    EXPECT_EQ(store_.RestoreEndpoint(0, name, 0, {2, 499, {.total = 1}}), ApplyResult::kCounted);
  }
  store_.PlaceEndpoint(0, "/silent");
  store_.PlaceEndpoint(0, "/silent");
  EXPECT_THAT(EndpointNames(), ElementsAre("/a", "/b", "/c", "/d", "/e", "__other__", "/silent"));
  EXPECT_EQ(TierTotal(1000, 256), 0) << "a tier is restored by itself";
}

TEST_F(RestoreTest, AFullCounterIsLeftAsItIs) {
  const int64_t most = (int64_t{1} << 40) - 1;
  EXPECT_EQ(store_.RestoreTier(0, 0, {2, 499, {.total = most}}), ApplyResult::kCounted);
  EXPECT_EQ(store_.RestoreTier(0, 0, {2, 499, {.total = 1}}), ApplyResult::kOverflow);
  EXPECT_EQ(TierTotal(1000, 256), most);
}

TEST_F(RestoreTest, CumulativeCountsGoOn) {
  CumulativeCounts counts;
  counts.by_status[1] = 100;
  counts.latency_buckets = {7, 8};
  counts.latency_seconds = 1.5;
  counts.retries = 3;
  store_.RestoreCumulative(0, "/a", 0, counts);
  Delta delta;
  delta.slot = 499;
  delta.endpoint = "/a";
  delta.by_status[1] = 1;
  delta.counts = {.total = 1, .retries = 1};
  delta.latency_buckets = {{1, 1}};
  ASSERT_EQ(store_.Apply(delta), ApplyResult::kCounted);
  const CumulativeCounts& found = *store_.Cumulative(0, 0, 0);
  EXPECT_EQ(found.by_status[1], 101);
  EXPECT_THAT(found.latency_buckets, ElementsAre(7, 9));
  EXPECT_EQ(found.latency_seconds, 1.5);
  EXPECT_EQ(found.retries, 4);
}

TEST_F(RestoreTest, BucketsMissingAtTheEndAreEmpty) {
  CumulativeCounts counts;
  counts.latency_buckets = {7};
  counts.latency_seconds = 1.5;
  store_.RestoreCumulative(0, "/a", 0, counts);
  EXPECT_THAT(store_.Cumulative(0, 0, 0)->latency_buckets, ElementsAre(7, 0));
  EXPECT_EQ(store_.Cumulative(0, 0, 0)->latency_seconds, 1.5);
}

TEST_F(RestoreTest, MoreBucketsThanThereAreStartAnew) {
  CumulativeCounts counts;
  counts.by_status[1] = 100;
  counts.latency_buckets = {7, 8, 9};
  counts.latency_seconds = 1.5;
  store_.RestoreCumulative(0, "/a", 0, counts);
  EXPECT_THAT(store_.Cumulative(0, 0, 0)->latency_buckets, ElementsAre(0, 0));
  EXPECT_EQ(store_.Cumulative(0, 0, 0)->latency_seconds, 0);
  EXPECT_EQ(store_.Cumulative(0, 0, 0)->by_status[1], 100);
}

TEST_F(RestoreTest, CausesBeyondTheirLimitAreOneAgain) {
  for (int code = 500; code < 540; ++code) store_.RestoreCause(0, 0, code, {2, 499, {.bad = 1}});
  const auto causes = store_.CauseSums(0, 0, At(1000), absl::Seconds(8));
  EXPECT_EQ(causes.size(), 33u);
  EXPECT_THAT(causes, ::testing::Contains(std::pair(TrafficStore::kOtherCause, int64_t{8})));
}

TEST_F(RestoreTest, OldCausesTakeNoRoomFromPresentOnes) {
  for (int code = 400; code < 440; ++code) store_.RestoreCause(0, 0, code, {2, 100, {.bad = 1}});
  for (int code = 500; code < 532; ++code) store_.RestoreCause(0, 0, code, {2, 499, {.bad = 1}});
  EXPECT_EQ(store_.CauseSums(0, 0, At(1000), absl::Seconds(8)).size(), 32u);
}

}  // namespace
}  // namespace firebreak
