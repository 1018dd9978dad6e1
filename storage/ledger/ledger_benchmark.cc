// What the ledger costs. Run with -c opt, on the disk that matters: TEST_TMPDIR names a folder on it, default /tmp.
// MonthOf40Endpoints writes 30 days of steady traffic and takes a quarter of an hour: --benchmark_filter=Month.

#include <filesystem>
#include <thread>

#include "benchmark/benchmark.h"
#include "storage/ledger/committer.h"
#include "storage/ledger/count_table.h"
#include "storage/ledger/database.h"
#include "storage/ledger/ledger.h"
#include "storage/ledger/series_table.h"
#include "storage/ledger/testing.h"
#include "storage/traffic_store.h"

namespace firebreak {
namespace {

constexpr absl::Duration kFinest = absl::Seconds(5);
constexpr int64_t kSlot = 352'800'000 - 1;
constexpr int kEndpoints = 36;

LadderShape Shape() { return LadderShape::For(kFinest, absl::Hours(720), absl::Seconds(330)); }

LedgerOptions OptionsFor(Durability::Mode mode) {
  LedgerOptions options;
  options.shape = Shape();
  options.durability.mode = mode;
  return options;
}

class Folder {
 public:
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string ledger() const { return path_ + "/ledger.db"; }

 private:
  const std::string path_ = FreshFolder();
};

Delta SteadyDelta(int64_t slot, int endpoint) {
  Delta delta = DeltaAt(slot, "/v1/resource/" + std::to_string(endpoint), 180 + endpoint, endpoint % 4 == 0 ? 1 : 0);
  delta.counts.client_errors = 2;
  delta.counts.timed = delta.counts.total - delta.counts.bad - 2;
  delta.counts.slow = 3;
  delta.latency_buckets = {{2, 100}, {3, 50}, {4, 20}, {7, 8}};
  delta.latency_seconds = 31.5;
  return delta;
}

BatchRecord SteadyBatch(int64_t slot, int endpoints, uint32_t key) {
  std::vector<Delta> deltas;
  for (int i = 0; i < endpoints; ++i) deltas.push_back(SteadyDelta(slot, i));
  BatchRecord batch = BatchOf(std::move(deltas), KeyOf(0));
  // Spread like a hash.
  for (int i = 0; i < 8; ++i) batch.key->key[i] = static_cast<uint8_t>(key * 0x9E3779B97F4A7C15u >> (8 * i));
  for (int i = 0; i < 4; ++i) batch.key->key[8 + i] = static_cast<uint8_t>(key >> (8 * i));
  batch.latency_bounds = "0.01,0.02,0.05,0.1,0.2,0.5,1,2,5,10";
  return batch;
}

// One batch a commit; the argument is the durability. 720 of them share a slot.
void Commit(benchmark::State& state) {
  const Folder folder;
  auto ledger = *Ledger::Open(folder.ledger(), OptionsFor(static_cast<Durability::Mode>(state.range(0))));
  uint32_t key = 0;
  for (auto _ : state) {
    ++key;
    if (!Write(*ledger, SteadyBatch(kSlot + key / 720, kEndpoints, key)).ok()) state.SkipWithError("failed");
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["file_MiB"] = static_cast<double>(ledger->file_bytes()) / (1 << 20);
}
BENCHMARK(Commit)->Arg(0)->Arg(2)->UseRealTime()->MinTime(3);

// Batches through the committer, of which the argument wait at a time: what group commit makes of it.
void GroupCommit(benchmark::State& state) {
  const Folder folder;
  Committer committer(*Ledger::Open(folder.ledger(), OptionsFor(Durability::Mode::kAlways)), nullptr);
  std::atomic<int> waiting{0};
  uint32_t key = 0;
  for (auto _ : state) {
    while (waiting >= state.range(0)) std::this_thread::yield();
    ++waiting;
    ++key;
    committer.Commit(SteadyBatch(kSlot + key / 720, kEndpoints, key), [&](const Committer::Outcome&) { --waiting; });
  }
  while (waiting > 0) std::this_thread::yield();
  state.SetItemsProcessed(state.iterations());
  state.counters["batches_per_commit"] =
      static_cast<double>(state.iterations()) / static_cast<double>(committer.health().commits);
}
BENCHMARK(GroupCommit)->Arg(1)->Arg(16)->Arg(256)->UseRealTime()->MinTime(3);

// Fills a level with rows of each slot it holds, from `from` slots to `until` slots ago.
void FillLevel(CountTable& table, const std::vector<int64_t>& series, absl::Duration width, int64_t from,
               int64_t until) {
  const int64_t newest = SlotOf(SlotEnd(kSlot, kFinest), width);
  for (int64_t slot = newest - from; slot <= newest - until; ++slot) {
    for (const int64_t id : series) {
      table.Add({absl::ToUnixSeconds(SlotEnd(slot, width)), id},
                {.total = 180 * (width / kFinest), .bad = 2, .client_errors = 40, .timed = 170, .slow = 3});
    }
    if (slot % 200 == 0 && !table.Flush(width).ok()) std::abort();
  }
  if (!table.Flush(width).ok()) std::abort();
}

// A ledger with `endpoints` of 30 days as compaction leaves it.
void MakeMonth(const std::string& path, int endpoints) {
  (void)*Ledger::Open(path, OptionsFor(Durability::Mode::kNone));
  auto database = *Database::Open(path, Database::Access::kWrite, "");
  SeriesTable names(*database);
  CountTable tiers(*database, CountTableKind::kTiers);
  CountTable rows(*database, CountTableKind::kEndpoints);
  if (!database->Execute("PRAGMA synchronous = OFF; BEGIN").ok()) std::abort();
  const std::vector<int64_t> tier = {*names.IdOf(kTestTier, "", 0)};
  std::vector<int64_t> ids;
  for (int i = 0; i < endpoints; ++i) ids.push_back(*names.IdOf(kTestTier, "/v1/resource/" + std::to_string(i), 0));
  FillLevel(rows, ids, absl::Hours(1), 722, 98);
  FillLevel(rows, ids, absl::Minutes(5), 1156, 148);
  FillLevel(rows, ids, absl::Seconds(30), 1453, 132);
  FillLevel(rows, ids, kFinest, 788, 0);
  FillLevel(tiers, tier, absl::Seconds(30), 44 * 2880, 132);
  FillLevel(tiers, tier, kFinest, 788, 0);
  if (!database->Execute("COMMIT").ok()) std::abort();
}

// What start does: 30 days of the argument's number of series, from the file into a store.
void Load(benchmark::State& state) {
  const Folder folder;
  MakeMonth(folder.ledger(), static_cast<int>(state.range(0)));
  int64_t rows = 0;
  for (auto _ : state) {
    const auto ledger = *Ledger::OpenToRead(folder.ledger());
    TrafficStore store({.shape = Shape()}, {{.name = kTestTier}});
    store.AdvanceTo(SlotEnd(kSlot, kFinest));
    rows = 0;
    Ledger::Visitor visitor;
    visitor.counts = [&](const SeriesName& name, const CountRow& row) {
      ++rows;
      if (name.endpoint.empty()) {
        store.RestoreTier(0, name.source, row);
      } else {
        store.RestoreEndpoint(0, name.endpoint, name.source, row);
      }
    };
    if (!ledger->VisitCounts(visitor).ok()) state.SkipWithError("failed");
    benchmark::DoNotOptimize(store.memory_bytes());
  }
  state.counters["rows"] = static_cast<double>(rows);
  state.counters["file_MiB"] = static_cast<double>(std::filesystem::file_size(folder.ledger())) / (1 << 20);
}
BENCHMARK(Load)->Arg(40)->Arg(1000)->Unit(benchmark::kMillisecond)->Iterations(3);

// The worst delay that one piece of compaction means to a commit, with 1,000 endpoints in every slot.
void CompactPiece(benchmark::State& state) {
  const Folder folder;
  auto ledger = *Ledger::Open(folder.ledger(), OptionsFor(Durability::Mode::kAlways));
  absl::Duration longest;
  int64_t slot = kSlot;
  for (auto _ : state) {
    state.PauseTiming();
    ++slot;
    BatchRecord batch = SteadyBatch(slot, 1000, static_cast<uint32_t>(slot));
    if (!Write(*ledger, batch).ok()) state.SkipWithError("failed");
    state.ResumeTiming();
    const auto begin = std::chrono::steady_clock::now();
    if (!ledger->Compact(SlotEnd(slot, kFinest)).ok()) state.SkipWithError("failed");
    longest = std::max(longest, absl::FromChrono(std::chrono::steady_clock::now() - begin));
  }
  state.counters["longest_ms"] = absl::ToDoubleMilliseconds(longest);
}
BENCHMARK(CompactPiece)->Iterations(3000)->Unit(benchmark::kMicrosecond);

// 30 days of 40 endpoints in 3 tiers: three commits in each slot, of which two find their rows in place. No keys.
void MonthOf40Endpoints(benchmark::State& state) {
  constexpr int64_t kSlots = 30 * 24 * 720;
  for (auto _ : state) {
    const Folder folder;
    auto ledger = *Ledger::Open(folder.ledger(), OptionsFor(Durability::Mode::kNone));
    const auto tiers = std::make_shared<const std::vector<std::string>>(
        std::vector<std::string>{"tier1_interactive", "tier2_standard", "tier3_batch"});
    for (int64_t slot = kSlot - kSlots; slot < kSlot; ++slot) {
      BatchRecord batch = SteadyBatch(slot, 40, 0);
      batch.tiers = tiers;
      batch.key.reset();
      for (int i = 0; i < 40; ++i) batch.deltas[i].tier = i % 3;
      for (int i = 0; i < 3; ++i) {
        if (!Write(*ledger, batch).ok()) state.SkipWithError("failed");
      }
      for (absl::StatusOr<bool> more = slot % 12 == 0; more.ok() && *more;) {
        more = ledger->Compact(SlotEnd(slot, kFinest));
      }
    }
    state.counters["file_MiB"] = static_cast<double>(ledger->file_bytes()) / (1 << 20);
  }
}
BENCHMARK(MonthOf40Endpoints)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace firebreak
