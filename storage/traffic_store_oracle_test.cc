// TrafficStore against a naive store on random histories of deltas, jumps of time and reloads.
// Runs 3,000 histories; RC_PARAMS="max_success=100000 max_size=60" runs more.

#include <cstdlib>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "storage/naive_ladder.h"
#include "storage/traffic_store.h"

namespace firebreak {
namespace {

using TierSpecs = std::vector<TrafficStore::TierSpec>;

const LadderShape& Shape() {
  static const auto* shape =
      new LadderShape{{{absl::Seconds(1), absl::Seconds(8)}, {absl::Seconds(4), absl::Seconds(60)}}, absl::Seconds(5)};
  return *shape;
}
constexpr absl::Duration kLongestCauseWindow = absl::Seconds(8);

const std::vector<std::string>& Endpoints() {
  static const auto* names = new std::vector<std::string>{"/a", "/b", "/c", "/d", "/e", "__other__"};
  return *names;
}

const std::vector<TierSpecs>& Configurations() {
  static const auto* configurations = new std::vector<TierSpecs>{
      {{.name = "one", .max_endpoints = 3, .endpoints = {"/a", "/b"}}, {.name = "two", .max_endpoints = 1}},
      {{.name = "two", .max_endpoints = 4, .endpoints = {"/c"}}, {.name = "one", .max_endpoints = 1}},
      {{.name = "three", .max_endpoints = 0, .endpoints = {"/a"}}, {.name = "one", .endpoints = {"/d", "/a"}}},
  };
  return *configurations;
}

struct Step {
  enum Kind { kApply, kAdvance, kReconfigure };
  Kind kind;
  int64_t slots_ahead;  // of the newest slot
  int tier;
  int source;
  int endpoint;
  int code;
  int64_t total;
  int configuration;
  int64_t slots_back;  // of the windows' end, from the newest slot
  int64_t window;      // in slots
  int64_t inside;      // how many slots before the windows' end a range begins
  int64_t inside_for;  // … and how long it is
};

void showValue(const Step& step, std::ostream& out) {
  out << "\nkind " << step.kind << " slots_ahead " << step.slots_ahead << " tier " << step.tier << " source "
      << step.source << " endpoint " << Endpoints()[step.endpoint] << " code " << step.code << " total " << step.total
      << " configuration " << step.configuration << " slots_back " << step.slots_back << " window " << step.window
      << " inside " << step.inside << " for " << step.inside_for;
}

// What TrafficStore promises, by names instead of indexes, with a naive ladder for every series.
class NaiveStore {
 public:
  explicit NaiveStore(const TierSpecs& specs) { Reconfigure(specs); }

  void Reconfigure(const TierSpecs& specs) {
    std::map<std::string, Tier> old = std::move(tiers_);
    tiers_.clear();
    names_.clear();
    for (const auto& spec : specs) {
      Tier tier = std::move(old[spec.name]);
      tier.max_endpoints = spec.max_endpoints;
      tier.places.clear();
      for (const auto& [key, ladder] : tier.by_endpoint) tier.places.insert(key.first);
      tier.places.insert(spec.endpoints.begin(), spec.endpoints.end());
      tiers_[spec.name] = std::move(tier);
      names_.push_back(spec.name);
    }
  }

  void AdvanceTo(int64_t slot) { head_ = std::max(head_.value_or(slot), slot); }

  RingLadder::AddResult Apply(const Delta& delta) {
    Tier& tier = tiers_[names_[delta.tier]];
    const auto result = Add(tier.by_source[delta.source], delta.slot, delta.counts);
    if (result != RingLadder::AddResult::kCounted) return result;
    AdvanceTo(delta.slot);
    Add(tier.by_endpoint[{PlaceFor(tier, delta.endpoint), delta.source}], delta.slot, delta.counts);
    for (const auto& [code, bad] : delta.bad_codes) {
      Add(tier.by_cause[{code, delta.source}], delta.slot, Counts{.total = bad, .bad = bad});
    }
    return result;
  }

  void Compare(const TrafficStore& store, const Step& step) {
    if (!head_) return;
    const absl::Duration window = step.window * Shape().finest();
    const absl::Time end = SlotEnd(*head_ - step.slots_back, Shape().finest());
    const absl::Time begin = end - step.inside * Shape().finest();
    ranges_ = {{begin, begin + step.inside_for * Shape().finest()}};
    RC_ASSERT(store.num_tiers() == static_cast<int>(names_.size()));
    for (int tier = 0; tier < store.num_tiers(); ++tier) {
      Tier& expected = tiers_[names_[tier]];
      CompareEndpoints(store, tier, expected, end, window);
      for (int source = 0; source < kSourceKinds; ++source) {
        const Series& series = expected.by_source[source];
        RC_ASSERT(store.TierSum(tier, source, end, window) == series.Sum(end, window));
        RC_ASSERT(store.TierSumInside(tier, source, end, window, ranges_) == Inside(series, end, window));
        CompareCauses(store, tier, source, expected, end, std::min(window, kLongestCauseWindow));
      }
    }
  }

 private:
  struct Series : NaiveLadder {
    Series() : NaiveLadder(Shape()) {}
  };
  struct Tier {
    int max_endpoints = 0;
    std::set<std::string> places;
    std::map<int, Series> by_source;
    std::map<std::pair<std::string, int>, Series> by_endpoint;
    std::map<std::pair<int, int>, Series> by_cause;
  };

  RingLadder::AddResult Add(Series& series, int64_t slot, const Counts& counts) {
    if (head_) series.AdvanceTo(*head_);
    return series.Add(slot, counts);
  }

  static std::string PlaceFor(Tier& tier, const std::string& endpoint) {
    const int taken = tier.places.size() - tier.places.count("__other__");
    const bool has_place = tier.places.count(endpoint) > 0 || taken < tier.max_endpoints;
    const std::string place = has_place ? endpoint : "__other__";
    tier.places.insert(place);
    return place;
  }

  Counts Inside(const Series& series, absl::Time end, absl::Duration window) const {
    return series.SumInside(end, window, ranges_, *head_);
  }

  void CompareEndpoints(const TrafficStore& store, int tier, Tier& expected, absl::Time end,
                        absl::Duration window) const {
    std::set<std::string> names;
    for (int endpoint = 0; endpoint < store.num_endpoints(tier); ++endpoint) {
      const std::string name(store.endpoint_name(tier, endpoint));
      names.insert(name);
      for (int source = 0; source < kSourceKinds; ++source) {
        const auto found = expected.by_endpoint.find({name, source});
        const Series series = found == expected.by_endpoint.end() ? Series() : found->second;
        RC_ASSERT(store.EndpointSum(tier, endpoint, source, end, window) == series.Sum(end, window));
        RC_ASSERT(store.EndpointSumInside(tier, endpoint, source, end, window, ranges_) == Inside(series, end, window));
      }
    }
    RC_ASSERT(names == expected.places);
    RC_ASSERT(store.num_endpoints(tier) == static_cast<int>(names.size()));
  }

  void CompareCauses(const TrafficStore& store, int tier, int source, Tier& expected, absl::Time end,
                     absl::Duration window) const {
    std::map<int, int64_t> causes;
    std::map<int, int64_t> outside;
    for (const auto& [key, series] : expected.by_cause) {
      const int64_t bad = series.Sum(end, window).bad;
      if (key.second == source && bad != 0) causes[key.first] = bad;
      const int64_t bad_outside = bad - Inside(series, end, window).bad;
      if (key.second == source && bad_outside != 0) outside[key.first] = bad_outside;
    }
    const auto sums = store.CauseSums(tier, source, end, window);
    RC_ASSERT((std::map<int, int64_t>(sums.begin(), sums.end())) == causes);
    const auto sums_outside = store.CauseSums(tier, source, end, window, ranges_);
    RC_ASSERT((std::map<int, int64_t>(sums_outside.begin(), sums_outside.end())) == outside);
  }

  std::optional<int64_t> head_;
  TimeRanges ranges_;               // of the comparison under way
  std::vector<std::string> names_;  // by index
  std::map<std::string, Tier> tiers_;
};

template <typename T>
rc::Gen<T> Between(T first, T last) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(first, last + 1));
}

rc::Gen<Step> AnyStep() {
  const auto slots_ahead = rc::gen::weightedOneOf<int64_t>(
      {{6, Between<int64_t>(-4, 2)}, {2, Between<int64_t>(-80, 0)}, {1, Between<int64_t>(0, 100)}});
  return rc::gen::construct<Step>(
      rc::gen::weightedElement<Step::Kind>({{12, Step::kApply}, {2, Step::kAdvance}, {1, Step::kReconfigure}}),
      slots_ahead, Between(0, 1), Between(0, kSourceKinds - 1), Between<int>(0, Endpoints().size() - 1),
      Between(500, 503), Between<int64_t>(0, 4), Between<int>(0, Configurations().size() - 1), Between<int64_t>(0, 5),
      rc::gen::oneOf(Between<int64_t>(1, 9), Between<int64_t>(1, 60)), Between<int64_t>(-2, 70),
      rc::gen::oneOf(Between<int64_t>(1, 9), Between<int64_t>(1, 60)));
}

Delta DeltaOf(const Step& step, int64_t head, int64_t scale) {
  Delta delta;
  delta.slot = head + step.slots_ahead;
  delta.tier = step.tier;
  delta.source = step.source;
  delta.endpoint = Endpoints()[step.endpoint];
  delta.counts = {.total = step.total * scale, .bad = step.total * scale};
  delta.bad_codes = {{step.code, delta.counts.bad}};
  return delta;
}

TEST(TrafficStoreOracleTest, AgreesWithTheNaiveStoreOnRandomHistories) {
  setenv("RC_PARAMS", "max_success=3000 max_size=60", /*overwrite=*/0);
  EXPECT_TRUE(rc::check([] {
    const int64_t scale = *rc::gen::weightedElement<int64_t>({{3, 1}, {1, int64_t{1} << 37}});
    TrafficStore store({.shape = Shape(), .longest_cause_window = kLongestCauseWindow}, Configurations()[0]);
    NaiveStore naive(Configurations()[0]);
    int64_t newest = 0;
    for (const Step& step : *rc::gen::container<std::vector<Step>>(AnyStep())) {
      if (step.kind == Step::kReconfigure) {
        store.Reconfigure(Configurations()[step.configuration], 0);
        naive.Reconfigure(Configurations()[step.configuration]);
      } else if (step.kind == Step::kAdvance) {
        store.AdvanceTo(SlotEnd(newest + step.slots_ahead, Shape().finest()));
        naive.AdvanceTo(newest + step.slots_ahead);
      } else {
        const Delta delta = DeltaOf(step, newest, scale);
        RC_ASSERT(static_cast<int>(store.Apply(delta)) == static_cast<int>(naive.Apply(delta)));
      }
      newest = std::max(newest, newest + step.slots_ahead);
      naive.Compare(store, step);
    }
  }));
}

}  // namespace
}  // namespace firebreak
