#include "storage/ledger/committer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/testing.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kSlot = 352'800'000 - 1;
const absl::Time kNow = SlotEnd(kSlot, absl::Seconds(5));
constexpr absl::Duration kPatience = absl::Seconds(30);

class CommitterTest : public ::testing::Test {
 protected:
  CommitterTest() { options_.shape = LadderShape::For(absl::Seconds(5), absl::Hours(720), absl::Seconds(330)); }

  std::unique_ptr<Ledger> OpenLedger() {
    auto ledger = Ledger::Open(path_, options_);
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    return ledger.ok() ? *std::move(ledger) : nullptr;
  }
  void Start(size_t max_waiting_deltas = 1000) {
    committer_ = std::make_unique<Committer>(OpenLedger(), nullptr, max_waiting_deltas);
  }
  void Stop() { committer_->Stop(kPatience); }
  Contents Stored() { return *Read(*OpenLedger()); }

  const std::string path_ = FreshFolder() + "/ledger.db";
  LedgerOptions options_;
  AnswerList answers_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterTest, AnswersInTheOrderOfTheRecords) {
  Start();
  committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1)), answers_.Batch("one"));
  committer_->Commit(TickRecord{kNow, {{"a", "firing"}}, {}}, answers_.Event("tick"));
  committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1)), answers_.Batch("two"));
  committer_->Commit(DocumentRecord{"gauges", {{"x", "1"}}}, answers_.Event("documents"));
  committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1, 1)), answers_.Batch("three"));
  EXPECT_THAT(answers_.Await(5),
              ElementsAre("one committed", "tick ok", "two duplicate", "documents ok", "three reused"));
  Stop();
  EXPECT_EQ(Stored().Total("/a"), 1);
  EXPECT_EQ(OpenLedger()->LoadState()->states.size(), 1);
}

TEST_F(CommitterTest, StopCommitsWhatWaits) {
  Start();
  for (int i = 0; i < 100; ++i) committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}), answers_.Batch("x"));
  committer_->Commit(OutboxRecord{"d", 1, {{"a", "x"}}});
  Stop();
  EXPECT_EQ(answers_.Await(100).size(), 100);
  EXPECT_EQ(Stored().Total("/a"), 100);
  EXPECT_EQ(OpenLedger()->LoadState()->outboxes.size(), 1);
}

TEST_F(CommitterTest, TakesNothingAfterStop) {
  Start();
  Stop();
  Stop();
  EXPECT_FALSE(committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}), answers_.Batch("x")));
  committer_->Commit(TickRecord{kNow, {}, {}}, answers_.Event("tick"));
  committer_.reset();
  EXPECT_TRUE(answers_.Await(0).empty());
  EXPECT_EQ(Stored().Total("/a"), 0);
}

TEST_F(CommitterTest, AMalformedBatchFailsAlone) {
  Start();
  Delta malformed = DeltaAt(kSlot, "/a", 1);
  malformed.tier = 7;
  committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}), answers_.Batch("one"));
  committer_->Commit(BatchOf({malformed}, KeyOf(1)), answers_.Batch("two"));
  committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}), answers_.Batch("three"));
  EXPECT_THAT(answers_.Await(3), ElementsAre("one committed", "two failed", "three committed"));
  EXPECT_FALSE(committer_->health().refusing);
}

TEST_F(CommitterTest, HealthTellsWhatWasDone) {
  Start();
  committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1)), answers_.Batch("one"));
  answers_.Await(1);
  committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1)), answers_.Batch("two"));
  answers_.Await(2);
  const LedgerHealth health = committer_->health();
  EXPECT_FALSE(health.refusing);
  EXPECT_EQ(health.error, "");
  EXPECT_EQ(health.commits, 2);
  EXPECT_EQ(health.batches, 1);
  EXPECT_EQ(health.waiting, 0);
  EXPECT_EQ(health.keys, 1);
  EXPECT_GT(health.file_bytes, 4096);
  EXPECT_TRUE(health.reserve_held);
}

TEST_F(CommitterTest, CompactsBehindTheHead) {
  Start();
  committer_->Commit(BatchOf({DeltaAt(kSlot - 2000, "/a", 1)}), answers_.Batch("x"));
  committer_->Commit(TickRecord{kNow, {}, {}}, answers_.Event("tick"));
  const auto reader = Ledger::OpenToRead(path_);
  ASSERT_TRUE(reader.ok()) << reader.status();
  const absl::Time deadline = absl::Now() + kPatience;
  int64_t width = 0;
  while (width != 30 && absl::Now() < deadline) {
    const Contents contents = *Read(**reader);
    const auto rows = contents.rows.find({kTestTier, "/a", 0});
    if (rows != contents.rows.end()) width = rows->second[0].width_seconds;
  }
  EXPECT_EQ(width, 30);
  EXPECT_EQ(committer_->health().compaction_error, "");
}

TEST_F(CommitterTest, EveryDurabilityKeepsWhatItAnswered) {
  int64_t total = 0;
  for (const auto mode : {Durability::Mode::kAlways, Durability::Mode::kInterval, Durability::Mode::kNone}) {
    options_.durability = {mode, absl::Milliseconds(10)};
    Start();
    committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}), answers_.Batch("x"));
    EXPECT_EQ(answers_.Await(++total).back(), "x committed");
    EXPECT_EQ(Read(**Ledger::Open(CrashCopy(path_) + "/ledger.db", options_))->Total("/a"), total);
    Stop();
    EXPECT_EQ(Stored().Total("/a"), total);
  }
}

}  // namespace
}  // namespace firebreak
