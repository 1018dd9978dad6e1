// The committer on a disk that fails, is full, or hangs, or whose files are taken away.

#include <chrono>
#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/committer.h"
#include "storage/ledger/fault_vfs.h"
#include "storage/ledger/testing.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Fault = FaultVfs::Fault;
using Lasting = FaultVfs::Lasting;

constexpr int64_t kSlot = 352'800'000 - 1;
const absl::Time kNow = SlotEnd(kSlot, absl::Seconds(5));
constexpr absl::Duration kPatience = absl::Seconds(30);

class CommitterFaultTest : public ::testing::Test {
 protected:
  CommitterFaultTest() {
    options_.shape = LadderShape::For(absl::Seconds(5), absl::Hours(720), absl::Seconds(330));
    options_.vfs = vfs_->name();
    directory_ = *DataDirectory::Open(FreshFolder(), absl::ZeroDuration());
    path_ = directory_->ledger_path();
  }

  void Start(size_t max_waiting_deltas = 1000) {
    auto ledger = Ledger::Open(path_, options_);
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    committer_ = std::make_unique<Committer>(*std::move(ledger), directory_, max_waiting_deltas);
  }
  bool Commit(const std::string& endpoint, std::optional<BatchKey> key = std::nullopt) {
    return committer_->Commit(BatchOf({DeltaAt(kSlot, endpoint, 1)}, key), answers_.Batch(endpoint));
  }
  void CommitTick(const std::string& state) {
    committer_->Commit(TickRecord{kNow, {{"alert", state}}, {}}, answers_.Event(state));
  }
  // What another process would find now.
  std::unique_ptr<Ledger> Crashed() {
    options_.vfs = "";
    auto ledger = Ledger::Open(CrashCopy(path_) + "/ledger.db", options_);
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    return *std::move(ledger);
  }
  template <typename Condition>
  bool Await(Condition condition) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (!condition() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
    return condition();
  }
  bool AwaitRecovery() {
    return Await([this] { return !committer_->health().refusing; });
  }

  bool AwaitRefusal() {
    return Await([this] { return committer_->health().refusing; });
  }
  void Move(const std::string& from, const std::string& to) { std::filesystem::rename(from, to); }

  // Shared, since a thread that was left behind uses it until it ends.
  const std::shared_ptr<FaultVfs> vfs_ = std::make_shared<FaultVfs>();
  LedgerOptions options_;
  std::shared_ptr<DataDirectory> directory_;
  std::string path_;
  AnswerList answers_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterFaultTest, ABatchWhoseCommitFailsIsNotThereAndItsKeyIsFree) {
  Start();
  vfs_->FailAt(1, Fault::kIoError, Lasting::kOnce);
  Commit("/a", KeyOf(1));
  EXPECT_THAT(answers_.Await(1), ElementsAre("/a failed"));
  EXPECT_EQ(committer_->health().failed_commits, 1);
  EXPECT_THAT(committer_->health().error, HasSubstr(path_ + ": "));
  Commit("/a", KeyOf(1));
  EXPECT_EQ(answers_.Await(2).back(), "/a committed");
  EXPECT_FALSE(committer_->health().refusing);
  EXPECT_EQ(committer_->health().error, "");
  EXPECT_EQ(Read(*Crashed())->Total("/a"), 1);
}

TEST_F(CommitterFaultTest, AFailingDiskIsTriedAgainThoughNothingWaits) {
  Start();
  vfs_->FailAt(1, Fault::kIoError, Lasting::kOnce);
  Commit("/a");
  answers_.Await(1);
  EXPECT_TRUE(AwaitRecovery());
  EXPECT_EQ(committer_->health().commits, 1);
}

TEST_F(CommitterFaultTest, TicksAreKeptAndWrittenOnceTheDiskIsWell) {
  Start();
  vfs_->FailAt(1, Fault::kIoError, Lasting::kUntilHealed);
  CommitTick("pending");
  committer_->Commit(OutboxRecord{"d", 0, {{"alert", "x"}}});
  CommitTick("firing");
  EXPECT_THAT(answers_.Await(2), ElementsAre("pending failed", "firing failed"));
  EXPECT_TRUE(committer_->health().refusing);
  EXPECT_EQ(committer_->health().waiting, 3);
  vfs_->Heal();
  EXPECT_TRUE(AwaitRecovery());
  const auto state = Crashed()->LoadState();
  EXPECT_THAT(state->states, ElementsAre(Document{"alert", "firing"}));
  EXPECT_THAT(state->outboxes[0].entries, ElementsAre(Document{"alert", "x"}));
  EXPECT_EQ(answers_.Await(2).size(), 2);
}

TEST_F(CommitterFaultTest, AFullDiskTakesStatesOnTheReserveAndRefusesBatches) {
  Start();
  vfs_->FailAt(1, Fault::kDiskFull, Lasting::kOnce);
  Commit("/a");
  CommitTick("firing");
  // In one group or in two, the tick is written and the batch is not.
  EXPECT_THAT(answers_.Await(2), ElementsAre("/a failed", "firing ok"));
  EXPECT_THAT(Crashed()->LoadState()->states, ElementsAre(Document{"alert", "firing"}));
  // There is room, as a matter of fact: the reserve is taken back, then batches again.
  EXPECT_TRUE(AwaitRecovery());
  EXPECT_TRUE(directory_->reserve_held());
  Commit("/b");
  EXPECT_EQ(answers_.Await(3).back(), "/b committed");
}

TEST_F(CommitterFaultTest, TheReserveIsGivenUpWhenTheDiskIsFull) {
  Start();
  vfs_->FailAt(1, Fault::kDiskFull, Lasting::kUntilHealed);
  Commit("/a");
  EXPECT_THAT(answers_.Await(1), ElementsAre("/a failed"));
  const LedgerHealth health = committer_->health();
  EXPECT_TRUE(health.refusing);
  EXPECT_THAT(health.error, HasSubstr("the disk is full"));
  vfs_->Heal();
  EXPECT_TRUE(AwaitRecovery());
}

// The last operation of a commit is its fsync.
TEST_F(CommitterFaultTest, AFullDiskIsSeenThoughOnlyTheSyncSaysSo) {
  Start();
  Commit("/a");
  answers_.Await(1);
  const int64_t before = vfs_->operations();
  Commit("/a");
  answers_.Await(2);
  vfs_->FailAt(vfs_->operations() - before, Fault::kDiskFull, Lasting::kOnce);
  Commit("/a");
  EXPECT_EQ(answers_.Await(3).back(), "/a failed");
  EXPECT_THAT(committer_->health().error, HasSubstr("the disk is full"));
  EXPECT_TRUE(AwaitRecovery());
  EXPECT_EQ(Read(*Crashed())->Total("/a"), 2);
}

TEST_F(CommitterFaultTest, ACommitThatHangsRefusesAfterTwoSeconds) {
  Start();
  vfs_->FailAt(1, Fault::kHang, Lasting::kUntilHealed);
  Commit("/a");
  ASSERT_TRUE(vfs_->AwaitHang());
  EXPECT_FALSE(committer_->health().refusing);
  EXPECT_TRUE(Await([this] { return committer_->health().refusing; }));
  EXPECT_THAT(committer_->health().error, HasSubstr("has not answered for 2s"));
  EXPECT_FALSE(Commit("/refused"));
  vfs_->Heal();
  EXPECT_THAT(answers_.Await(1), ElementsAre("/a committed"));
  EXPECT_TRUE(Commit("/b"));
  EXPECT_THAT(answers_.Await(2), ElementsAre("/a committed", "/b committed"));
  EXPECT_FALSE(committer_->health().refusing);
}

TEST_F(CommitterFaultTest, WhatWaitsIsCommittedTogether) {
  Start();
  vfs_->FailAt(1, Fault::kHang, Lasting::kUntilHealed);
  Commit("/first");
  ASSERT_TRUE(vfs_->AwaitHang());
  for (int i = 0; i < 50; ++i) Commit("/a");
  EXPECT_EQ(committer_->health().waiting, 51);
  vfs_->Heal();
  EXPECT_EQ(answers_.Await(51).size(), 51);
  EXPECT_EQ(committer_->health().commits, 2);
}

TEST_F(CommitterFaultTest, WaitingDeltasAreBoundedThoughOneBatchIsAlwaysTaken) {
  Start(/*max_waiting_deltas=*/3);
  vfs_->FailAt(1, Fault::kHang, Lasting::kUntilHealed);
  std::vector<Delta> five(5, DeltaAt(kSlot, "/a", 1));
  EXPECT_TRUE(committer_->Commit(BatchOf(five), answers_.Batch("five")));
  ASSERT_TRUE(vfs_->AwaitHang());
  EXPECT_FALSE(Commit("/a"));
  vfs_->Heal();
  answers_.Await(1);
  vfs_->FailAt(1, Fault::kHang, Lasting::kUntilHealed);
  EXPECT_TRUE(Commit("/a"));
  ASSERT_TRUE(vfs_->AwaitHang());
  EXPECT_TRUE(Commit("/a"));
  EXPECT_TRUE(Commit("/a"));
  EXPECT_FALSE(Commit("/a"));
  vfs_->Heal();
  EXPECT_EQ(answers_.Await(4).size(), 4);
}

TEST_F(CommitterFaultTest, StopLeavesAHungDiskBehind) {
  Start();
  vfs_->FailAt(1, Fault::kHang, Lasting::kUntilHealed);
  const auto captured = std::make_shared<int>();
  committer_->Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}), [captured](const Committer::Outcome&) {});
  ASSERT_TRUE(vfs_->AwaitHang());
  committer_->Commit(TickRecord{kNow, {}, {}}, [captured](const absl::Status&) {});
  EXPECT_EQ(captured.use_count(), 3);
  committer_->Stop(absl::Milliseconds(10));
  committer_.reset();
  // Nobody is told any more, and nothing of the callers is kept.
  EXPECT_EQ(captured.use_count(), 1);
  // The directory stays locked as long as something may be written into it.
  const std::weak_ptr<DataDirectory> directory = std::exchange(directory_, nullptr);
  EXPECT_FALSE(directory.expired());
  vfs_->Heal();
  EXPECT_TRUE(Await([&] { return directory.expired(); }));
}

TEST_F(CommitterFaultTest, NothingIsAcknowledgedIntoAFileThatWasTakenAway) {
  const std::string elsewhere = FreshFolder();
  const struct {
    const char* what;
    std::function<void()> take_away;
    std::function<void()> put_back;
  } rows[] = {
      {"moved", [&] { Move(path_, elsewhere + "/moved"); }, [&] { Move(elsewhere + "/moved", path_); }},
      {"deleted",
       [&] {
         std::filesystem::create_hard_link(path_, elsewhere + "/kept");
         std::filesystem::remove(path_);
       },
       [&] { Move(elsewhere + "/kept", path_); }},
      {"replaced",
       [&] {
         Move(path_, elsewhere + "/moved");
         std::filesystem::copy_file(elsewhere + "/moved", path_);
       },
       [&] { Move(elsewhere + "/moved", path_); }},
      {"its WAL moved", [&] { Move(path_ + "-wal", elsewhere + "/wal"); },
       [&] { Move(elsewhere + "/wal", path_ + "-wal"); }},
      {"its directory moved", [&] { Move(directory_->path(), elsewhere + "/data"); },
       [&] { Move(elsewhere + "/data", directory_->path()); }},
  };
  Start();
  size_t answers = 0;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    row.take_away();
    Commit("/lost");
    EXPECT_EQ(answers_.Await(++answers).back(), "/lost failed");
    EXPECT_TRUE(committer_->health().refusing);
    EXPECT_THAT(committer_->health().error, HasSubstr(path_));
    EXPECT_THAT(committer_->health().error, HasSubstr("put it back, or restart"));
    CommitTick(row.what);
    EXPECT_EQ(answers_.Await(++answers).back(), std::string(row.what) + " failed");
    row.put_back();
    EXPECT_TRUE(AwaitRecovery());
    Commit("/kept");
    EXPECT_EQ(answers_.Await(++answers).back(), "/kept committed");
    const auto crashed = Crashed();
    EXPECT_EQ(Read(*crashed)->Total("/lost"), 0);
    EXPECT_THAT(crashed->LoadState()->states, ElementsAre(Document{"alert", row.what}));
  }
}

TEST_F(CommitterFaultTest, NothingIsAcknowledgedIntoAFileThatWasTruncated) {
  Start();
  Commit("/kept");
  EXPECT_EQ(answers_.Await(1).back(), "/kept committed");
  size_t answers = 1;
  for (const char* suffix : {"-wal", ""}) {
    SCOPED_TRACE(suffix);
    std::filesystem::resize_file(path_ + suffix, 1);
    EXPECT_TRUE(AwaitRefusal());
    Commit("/lost");
    EXPECT_EQ(answers_.Await(++answers).back(), "/lost failed");
  }
  EXPECT_THAT(committer_->health().error, HasSubstr(path_ + ": truncated while in use, 1 bytes of "));
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), 1) << "nothing is written behind what was cut off";
}

TEST_F(CommitterFaultTest, NothingIsAcknowledgedOnceAnotherMayHoldTheDirectory) {
  Start();
  std::filesystem::remove(directory_->path() + "/lock");
  const auto other = DataDirectory::Open(directory_->path(), absl::ZeroDuration());
  ASSERT_TRUE(other.ok()) << "the lock went with its file";
  Commit("/lost");
  EXPECT_EQ(answers_.Await(1).back(), "/lost failed");
  EXPECT_TRUE(committer_->health().refusing);
  EXPECT_THAT(committer_->health().error, HasSubstr("/lock: moved, deleted or replaced while in use"));
  EXPECT_TRUE((*other)->CheckLock().ok());
}

TEST_F(CommitterFaultTest, AFileThatIsGoneIsNoticedThoughNothingIsWritten) {
  Start();
  Move(path_, path_ + ".moved");
  EXPECT_TRUE(AwaitRefusal());
  Move(path_ + ".moved", path_);
  EXPECT_TRUE(AwaitRecovery());
}

TEST_F(CommitterFaultTest, WhatIsBeingCommittedWhenItsFileIsTakenAwayIsNotAcknowledged) {
  Start();
  vfs_->FailAt(1, Fault::kHang, Lasting::kUntilHealed);
  Commit("/a");
  ASSERT_TRUE(vfs_->AwaitHang());
  Move(path_, path_ + ".moved");
  vfs_->Heal();
  EXPECT_THAT(answers_.Await(1), ElementsAre("/a failed"));
}

// The end of a process writes what a WAL without a name holds into ledger.db.
TEST_F(CommitterFaultTest, ADeletedWalLosesNothingOnceTheServerIsStopped) {
  Start();
  Commit("/a");
  EXPECT_THAT(answers_.Await(1), ElementsAre("/a committed"));
  std::filesystem::remove(path_ + "-wal");
  EXPECT_TRUE(AwaitRefusal());
  committer_->Stop(kPatience);
  EXPECT_EQ(Read(*Crashed())->Total("/a"), 1);
}

TEST_F(CommitterFaultTest, IntervalSyncsThoughNothingElseIsWritten) {
  options_.durability = {Durability::Mode::kInterval, absl::Milliseconds(50)};
  Start();
  Commit("/a");
  answers_.Await(1);
  const auto survives = [this] {
    const std::string folder = FreshFolder();
    vfs_->PowerCut(folder, 0);
    LedgerOptions plain = options_;
    plain.vfs = "";
    return Read(**Ledger::Open(folder + "/ledger.db", plain))->Total("/a") == 1;
  };
  EXPECT_TRUE(Await(survives));
  EXPECT_EQ(committer_->health().commits, 2);
}

TEST_F(CommitterFaultTest, NoneLeavesItToTheSystem) {
  options_.durability.mode = Durability::Mode::kNone;
  Start();
  Commit("/a");
  EXPECT_THAT(answers_.Await(1), ElementsAre("/a committed"));
  const std::string folder = FreshFolder();
  vfs_->PowerCut(folder, 0);
  options_.vfs = "";
  EXPECT_THAT(Read(**Ledger::Open(folder + "/ledger.db", options_))->rows, IsEmpty());
}

}  // namespace
}  // namespace firebreak
