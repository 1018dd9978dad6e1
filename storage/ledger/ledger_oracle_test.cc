// The ledger against a store that never stopped: random batches, late ones among them, compactions, crashes and
// restarts; what a new store is restored to from the rows must read the same in every window. Runs 300 histories;
// RC_PARAMS="max_success=100000 max_size=60" runs more.

#include <cstdlib>
#include <filesystem>
#include <map>
#include <ostream>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "storage/ledger/ledger.h"
#include "storage/ledger/testing.h"
#include "storage/traffic_store.h"

namespace firebreak {
namespace {

constexpr absl::Duration kFinest = absl::Seconds(5);
const std::vector<std::string>& Tiers() {
  static const auto* tiers = new std::vector<std::string>{"one", "two"};
  return *tiers;
}
constexpr absl::Duration kLongestCauseWindow = absl::Minutes(3);

const LadderShape& Shape() {
  static const auto* shape = new LadderShape{
      {{kFinest, absl::Minutes(1)}, {absl::Seconds(30), absl::Minutes(3)}, {absl::Minutes(1), absl::Minutes(10)}},
      absl::Seconds(20)};
  return *shape;
}

TrafficStore MakeStore() {
  return TrafficStore({.shape = Shape(), .longest_cause_window = kLongestCauseWindow, .latency_buckets = 3},
                      {{.name = Tiers()[0], .max_endpoints = 2}, {.name = Tiers()[1], .max_endpoints = 2}});
}

struct Step {
  enum Kind { kBatch, kAdvance, kCompact, kReopen, kCrash };
  Kind kind;
  int64_t slots_ahead;  // of the newest slot
  int tier;
  int source;
  int endpoint;
  int code;
  int64_t total;
};

void showValue(const Step& step, std::ostream& out) {
  out << "\nkind " << step.kind << " slots_ahead " << step.slots_ahead << " tier " << step.tier << " source "
      << step.source << " endpoint " << step.endpoint << " code " << step.code << " total " << step.total;
}

template <typename T>
rc::Gen<T> Between(T first, T last) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(first, last + 1));
}

rc::Gen<Step> AnyStep() {
  const auto slots_ahead = rc::gen::weightedOneOf<int64_t>(
      {{6, Between<int64_t>(-4, 2)}, {2, Between<int64_t>(-130, 0)}, {1, Between<int64_t>(0, 60)}});
  return rc::gen::construct<Step>(
      rc::gen::weightedElement<Step::Kind>(
          {{16, Step::kBatch}, {2, Step::kAdvance}, {4, Step::kCompact}, {1, Step::kReopen}, {1, Step::kCrash}}),
      slots_ahead, Between(0, 1), Between(0, kSourceKinds - 1), Between(0, 3), Between(500, 502),
      Between<int64_t>(1, 9));
}

Delta DeltaOf(const Step& step, int64_t newest) {
  Delta delta = DeltaAt(newest + step.slots_ahead, "/" + std::to_string(step.endpoint), step.total, step.total / 2);
  delta.tier = step.tier;
  delta.source = step.source;
  delta.counts.retries = step.total;
  if (delta.counts.bad > 0) delta.bad_codes = {{step.code, delta.counts.bad}};
  delta.latency_buckets = {{step.endpoint % 3, step.total}};
  return delta;
}

// A live store and a ledger that is told the same.
class Pair {
 public:
  Pair() { Open(); }
  ~Pair() {
    ledger_.reset();
    for (const std::string& folder : folders_) std::filesystem::remove_all(folder);
  }

  void Do(const Step& step) {
    switch (step.kind) {
      case Step::kBatch:
        return Add(DeltaOf(step, newest_));
      case Step::kAdvance:
        newest_ = std::max(newest_, newest_ + step.slots_ahead);
        return store_.AdvanceTo(SlotEnd(newest_, kFinest));
      case Step::kCompact:
        // Some pieces, not always all.
        for (int64_t i = 0; i < step.total; ++i) RC_ASSERT(ledger_->Compact(SlotEnd(newest_, kFinest)).ok());
        return;
      case Step::kReopen:
        return Open();
      case Step::kCrash:
        folders_.push_back(CrashCopy(folders_.back() + "/ledger.db"));
        return Open();
    }
  }

  // A store made from what the ledger holds.
  TrafficStore Restored() const {
    TrafficStore store = MakeStore();
    store.AdvanceTo(SlotEnd(newest_, kFinest));
    Ledger::Visitor visitor;
    visitor.counts = [&](const SeriesName& name, const CountRow& row) {
      if (name.endpoint.empty()) {
        store.RestoreTier(TierOf(name), name.source, row);
      } else {
        store.RestoreEndpoint(TierOf(name), name.endpoint, name.source, row);
      }
    };
    visitor.causes = [&](const SeriesName& name, int code, const CountRow& row) {
      store.RestoreCause(TierOf(name), name.source, code, row);
    };
    visitor.cumulative = [&](const SeriesName& name, const CumulativeCounts& counts, const std::string&) {
      store.RestoreCumulative(TierOf(name), name.endpoint, name.source, counts);
    };
    RC_ASSERT(ledger_->VisitCounts(visitor).ok());
    return store;
  }

  const TrafficStore& store() const { return store_; }
  int64_t newest() const { return newest_; }

 private:
  static int TierOf(const SeriesName& name) { return name.tier == Tiers()[0] ? 0 : 1; }

  void Open() {
    ledger_.reset();
    LedgerOptions options;
    options.shape = Shape();
    options.keep_tiers = absl::Minutes(15);
    options.durability.mode = Durability::Mode::kNone;
    auto ledger = Ledger::Open(folders_.back() + "/ledger.db", options);
    RC_ASSERT(ledger.ok());
    ledger_ = *std::move(ledger);
  }

  void Add(Delta delta) {
    if (store_.Admit(delta, {}) != TrafficStore::ApplyResult::kCounted) return;
    store_.Count(delta);
    newest_ = std::max(newest_, delta.slot);
    BatchRecord batch = BatchOf({std::move(delta)});
    batch.tiers = std::make_shared<const std::vector<std::string>>(Tiers());
    RC_ASSERT(Write(*ledger_, batch).ok());
  }

  TrafficStore store_ = MakeStore();
  int64_t newest_ = 352'800'000;
  std::vector<std::string> folders_ = {FreshFolder()};
  std::unique_ptr<Ledger> ledger_;
};

std::map<std::string, int> EndpointsOf(const TrafficStore& store, int tier) {
  std::map<std::string, int> endpoints;
  for (int i = 0; i < store.num_endpoints(tier); ++i) endpoints[std::string(store.endpoint_name(tier, i))] = i;
  return endpoints;
}

std::map<int, int64_t> CausesOf(const TrafficStore& store, int tier, int source, absl::Time end,
                                absl::Duration window) {
  const auto sums = store.CauseSums(tier, source, end, window);
  return {sums.begin(), sums.end()};
}

void CompareEndpoints(const TrafficStore& live, const TrafficStore& restored, int tier, int source, absl::Time end,
                      absl::Duration window) {
  const auto there = EndpointsOf(restored, tier);
  for (const auto& [name, index] : EndpointsOf(live, tier)) {
    const Counts counts = live.EndpointSum(tier, index, source, end, window);
    const auto found = there.find(name);
    if (found == there.end()) {
      RC_ASSERT(counts == Counts());  // it is idle, and the ledger has forgotten it
      continue;
    }
    RC_ASSERT(restored.EndpointSum(tier, found->second, source, end, window) == counts);
    // Once it was idle for as long as counts are kept, its cumulative counts may have begun anew.
    const CumulativeCounts* cumulative = live.Cumulative(tier, index, source);
    if (counts == Counts() || counts.total != cumulative->by_status[0]) continue;
    const CumulativeCounts& before = *cumulative;
    const CumulativeCounts& after = *restored.Cumulative(tier, found->second, source);
    RC_ASSERT(after.by_status == before.by_status);
    RC_ASSERT(after.latency_buckets == before.latency_buckets);
    RC_ASSERT(after.retries == before.retries);
  }
}

void Compare(const Pair& pair, absl::Duration window) {
  const TrafficStore restored = pair.Restored();
  for (int64_t slots_back = 0; slots_back <= 4; slots_back += 2) {
    const absl::Time end = SlotEnd(pair.newest() - slots_back, kFinest);
    for (int tier = 0; tier < 2; ++tier) {
      for (int source = 0; source < kSourceKinds; ++source) {
        RC_ASSERT(restored.TierSum(tier, source, end, window) == pair.store().TierSum(tier, source, end, window));
        CompareEndpoints(pair.store(), restored, tier, source, end, window);
        const absl::Duration of_causes = std::min(window, kLongestCauseWindow);
        RC_ASSERT(CausesOf(restored, tier, source, end, of_causes) ==
                  CausesOf(pair.store(), tier, source, end, of_causes));
      }
    }
  }
}

TEST(LedgerOracleTest, AStoreRestoredFromTheLedgerReadsLikeOneThatNeverStopped) {
  setenv("RC_PARAMS", "max_success=300 max_size=60", /*overwrite=*/0);
  EXPECT_TRUE(rc::check([] {
    Pair pair;
    for (const Step& step : *rc::gen::container<std::vector<Step>>(AnyStep())) pair.Do(step);
    for (const int seconds : {5, 30, 60, 65, 180, 200, 600}) Compare(pair, absl::Seconds(seconds));
  }));
}

}  // namespace
}  // namespace firebreak
