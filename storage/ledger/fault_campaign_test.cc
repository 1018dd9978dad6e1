// A workload of batches, ticks and outboxes, on a disk that fails at the Nth write, truncation or sync. After each:
// what a killed process leaves, and what a power cut leaves, must hold all that was acknowledged, once, and nothing by
// half. Every 20th N; FIREBREAK_FAULT_STEP=1 runs all of them.

#include <cstdlib>
#include <filesystem>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "storage/ledger/committer.h"
#include "storage/ledger/fault_vfs.h"
#include "storage/ledger/testing.h"
#include "storage/ledger/wal_check.h"

namespace firebreak {
namespace {

using Fault = FaultVfs::Fault;
using Lasting = FaultVfs::Lasting;

constexpr int64_t kSlot = 352'800'000 - 1;
constexpr int kRounds = 12;
constexpr absl::Duration kPatience = absl::Seconds(30);
const char* const kDestination = "receiver";

LedgerOptions OptionsFor(const std::string& vfs, Durability::Mode mode = Durability::Mode::kAlways) {
  LedgerOptions options;
  options.shape = LadderShape::For(absl::Seconds(5), absl::Hours(720), absl::Seconds(330));
  options.durability.mode = mode;
  options.vfs = vfs;
  return options;
}

absl::Time TimeOf(int round) { return SlotEnd(kSlot + round * 1000, absl::Seconds(5)); }
std::string EndpointOf(int round) { return fmt::format("/{}", round); }

// Round i of the workload counts i requests to an endpoint of its own, half of them bad, under a key of its own. Its
// tick writes state and news i, and its outbox says so too.
BatchRecord BatchOfRound(int round) {
  Delta delta = DeltaAt(kSlot + round * 1000, EndpointOf(round), 2 * round, round);
  delta.latency_buckets = {{1, round}};
  return BatchOf({delta}, KeyOf(static_cast<uint16_t>(round)));
}
TickRecord TickOfRound(int round) {
  const std::string text = std::to_string(round);
  return {TimeOf(round), {{"alert", text}}, {{round, text}}};
}
OutboxRecord OutboxOfRound(int round) { return {kDestination, round, {{"alert", std::to_string(round)}}}; }

// What was acknowledged.
struct Acknowledged {
  bool opened = false;
  std::vector<int> batches;
  int last_tick = 0;
};

// Runs the workload until it ends or the ledger cannot be opened.
Acknowledged RunWorkload(const std::string& path, const LedgerOptions& options) {
  Acknowledged acknowledged;
  auto ledger = Ledger::Open(path, options);
  if (!ledger.ok()) return acknowledged;
  acknowledged.opened = true;
  AnswerList answers;
  Committer committer(*std::move(ledger), nullptr);
  committer.Commit(DestinationsRecord{{kDestination}});
  size_t expected = 0;
  for (int round = 1; round <= kRounds; ++round) {
    committer.Commit(BatchOfRound(round), answers.Batch("batch"));
    committer.Commit(TickOfRound(round), answers.Event("tick"));
    if (round % 3 == 0) committer.Commit(OutboxOfRound(round));
    expected += 2;
    const std::vector<std::string> told = answers.Await(expected);
    EXPECT_EQ(told.size(), expected);
    if (told[expected - 2] == "batch committed") acknowledged.batches.push_back(round);
    if (told[expected - 1] == "tick ok") acknowledged.last_tick = round;
  }
  committer.Stop(kPatience);
  return acknowledged;
}

// Whether round's batch is there; all of it must be, or nothing.
bool IsWholeOrAbsent(Ledger& ledger, const Contents& contents, int round) {
  const int64_t total = contents.Total(EndpointOf(round));
  EXPECT_TRUE(total == 0 || total == 2 * round) << "round " << round << ": " << total;
  EXPECT_EQ(contents.Bad(EndpointOf(round)), total / 2);
  const auto cumulative = contents.cumulative.find({kTestTier, EndpointOf(round), 0});
  EXPECT_EQ(cumulative == contents.cumulative.end() ? 0 : cumulative->second.by_status[0], total);
  EXPECT_TRUE(ledger.Begin().ok());
  const auto verdict = ledger.Add(BatchOfRound(round));
  EXPECT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(verdict->kind == Ledger::BatchVerdict::Kind::kDuplicate, total > 0) << "key of round " << round;
  ledger.Rollback();
  return total > 0;
}

// Counts of tiers and causes are those of the endpoints.
void ExpectConsistent(const Contents& contents) {
  int64_t total = 0;
  int64_t causes = 0;
  for (int round = 1; round <= kRounds; ++round) total += contents.Total(EndpointOf(round));
  for (const auto& [series, rows] : contents.causes) {
    for (const CountRow& row : rows) causes += row.counts.bad;
  }
  EXPECT_EQ(contents.Total(""), total);
  EXPECT_EQ(causes, total / 2);
}

// The last tick that is there, with its state and news, and an outbox that fits them.
int LastTick(const LedgerState& state) {
  const int last = state.states.empty() ? 0 : std::stoi(state.states[0].body);
  EXPECT_EQ(state.head, last == 0 ? std::nullopt : std::make_optional(TimeOf(last)));
  EXPECT_EQ(state.last_news, last);
  int64_t read = 0;
  for (const OutboxRecord& outbox : state.outboxes) {
    EXPECT_EQ(outbox.destination, kDestination);
    read = outbox.news_read;
    for (const Document& entry : outbox.entries) EXPECT_EQ(entry.body, std::to_string(read));
  }
  EXPECT_EQ(static_cast<int64_t>(state.news.size()), last - read);
  for (const News& news : state.news) EXPECT_EQ(news, (News{++read, std::to_string(news.number)}));
  return last;
}

struct Loss {
  int batches = 0;
  int ticks = 0;
};

// Opens what is in `folder` as the next process does and says what is missing of what was acknowledged.
Loss Inspect(const std::string& folder, const Acknowledged& acknowledged) {
  Loss loss;
  auto ledger = Ledger::Open(folder + "/ledger.db", OptionsFor(""));
  EXPECT_TRUE(ledger.ok()) << ledger.status();
  if (!ledger.ok()) return loss;
  const auto contents = Read(**ledger);
  EXPECT_TRUE(contents.ok()) << contents.status();
  ExpectConsistent(*contents);
  std::vector<bool> found(kRounds + 1);
  for (int round = 1; round <= kRounds; ++round) found[round] = IsWholeOrAbsent(**ledger, *contents, round);
  for (const int round : acknowledged.batches) loss.batches += found[round] ? 0 : 1;
  loss.ticks = std::max(0, acknowledged.last_tick - LastTick(*(*ledger)->LoadState()));
  return loss;
}

void ExpectNothingLost(const std::string& folder, const Acknowledged& acknowledged) {
  // What SQLite leaves out of it was never acknowledged.
  EXPECT_EQ(FaultOfWal(folder + "/ledger.db"), std::nullopt);
  const Loss loss = Inspect(folder, acknowledged);
  EXPECT_EQ(loss.batches, 0);
  EXPECT_EQ(loss.ticks, 0);
}

std::string AfterPowerCut(const FaultVfs& vfs, uint32_t seed) {
  std::string folder = FreshFolder();
  vfs.PowerCut(folder, seed);
  return folder;
}

int64_t OperationsOfTheWorkload() {
  FaultVfs vfs;
  const std::string folder = FreshFolder();
  const Acknowledged acknowledged = RunWorkload(folder + "/ledger.db", OptionsFor(vfs.name()));
  EXPECT_EQ(acknowledged.batches.size(), kRounds);
  EXPECT_EQ(acknowledged.last_tick, kRounds);
  ExpectNothingLost(folder, acknowledged);
  std::filesystem::remove_all(folder);
  return vfs.operations();
}

int Step() {
  const char* step = std::getenv("FIREBREAK_FAULT_STEP");
  return step == nullptr ? 20 : std::max(1, std::atoi(step));
}

class FaultCampaignTest : public ::testing::TestWithParam<std::tuple<Fault, Lasting>> {};

TEST_P(FaultCampaignTest, WhateverFailsNothingAcknowledgedIsLostAndNothingIsThereByHalf) {
  const auto [fault, lasting] = GetParam();
  const int64_t operations = OperationsOfTheWorkload();
  ASSERT_GT(operations, 100) << "too small a workload proves nothing";
  int64_t failed_rounds = 0;
  for (int64_t n = 1; n <= operations && !HasFailure(); n += Step()) {
    SCOPED_TRACE(fmt::format("operation {} of {}", n, operations));
    FaultVfs vfs;
    const std::string folder = FreshFolder();
    vfs.FailAt(n, fault, lasting);
    const Acknowledged acknowledged = RunWorkload(folder + "/ledger.db", OptionsFor(vfs.name()));
    failed_rounds += kRounds - static_cast<int64_t>(acknowledged.batches.size());
    std::vector<std::string> left = {folder, CrashCopy(folder + "/ledger.db")};
    for (uint32_t seed = 0; seed < 2; ++seed) left.push_back(AfterPowerCut(vfs, seed));
    for (const std::string& copy : left) {
      ExpectNothingLost(copy, acknowledged);
      std::filesystem::remove_all(copy);
    }
  }
  EXPECT_GT(failed_rounds, 0) << "no fault was ever seen";
}

INSTANTIATE_TEST_SUITE_P(Faults, FaultCampaignTest,
                         ::testing::Combine(::testing::Values(Fault::kIoError, Fault::kDiskFull, Fault::kShortWrite),
                                            ::testing::Values(Lasting::kOnce, Lasting::kUntilHealed)));

// The bug that the campaign has to find: a disk, or a ledger, that does not sync.
TEST(FaultCampaignSeededBugTest, SwallowedSyncsLoseWhatWasAcknowledged) {
  FaultVfs vfs;
  const std::string folder = FreshFolder();
  ASSERT_TRUE(Ledger::Open(folder + "/ledger.db", OptionsFor(vfs.name())).ok());
  vfs.SetSyncs(FaultVfs::Syncs::kSwallowed);
  const Acknowledged acknowledged = RunWorkload(folder + "/ledger.db", OptionsFor(vfs.name()));
  ASSERT_EQ(acknowledged.batches.size(), kRounds);
  EXPECT_EQ(Inspect(AfterPowerCut(vfs, 0), acknowledged).batches, kRounds);
}

// What else may be lost with the power is whole, too: in the other modes the end of the history, never a part of it.
TEST(FaultCampaignDurabilityTest, WithoutSyncsAPowerCutLosesTheEndOnly) {
  int lost = 0;
  for (const auto mode : {Durability::Mode::kInterval, Durability::Mode::kNone}) {
    FaultVfs vfs;
    const std::string folder = FreshFolder();
    Ledger::Open(folder + "/ledger.db", OptionsFor(vfs.name())).value();
    auto ledger = Ledger::Open(folder + "/ledger.db", OptionsFor(vfs.name(), mode));
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    Acknowledged acknowledged;
    ASSERT_TRUE(Write(**ledger, DestinationsRecord{{kDestination}}).ok());
    for (int round = 1; round <= kRounds; ++round) {
      ASSERT_TRUE(Write(**ledger, BatchOfRound(round), TickOfRound(round)).ok());
      acknowledged.batches.push_back(round);
      acknowledged.last_tick = round;
    }
    for (uint32_t seed = 0; seed < 20; ++seed) {
      const Loss loss = Inspect(AfterPowerCut(vfs, seed), acknowledged);
      EXPECT_EQ(loss.batches, loss.ticks);
      lost += loss.batches;
    }
    EXPECT_EQ(Inspect(CrashCopy(folder + "/ledger.db"), acknowledged).batches, 0);
  }
  EXPECT_GT(lost, 0);
}

}  // namespace
}  // namespace firebreak
