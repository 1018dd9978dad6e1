#include "storage/ledger/wal_check.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/database.h"
#include "storage/ledger/ledger.h"
#include "storage/ledger/testing.h"
#include "storage/ledger/verify.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kSlot = 352'800'000 - 1;
constexpr size_t kHeaderBytes = 32;
constexpr size_t kFrameBytes = 24 + 4096;
constexpr int kCommits = 6;

LedgerOptions Options() {
  LedgerOptions options;
  options.shape = LadderShape::For(absl::Seconds(5), absl::Hours(720), absl::Seconds(330));
  return options;
}

// A ledger as a killed process leaves it, whose WAL holds kCommits commits.
class WalCheckTest : public ::testing::Test {
 protected:
  WalCheckTest() {
    const std::string written = FreshFolder() + "/ledger.db";
    auto ledger = Ledger::Open(written, Options());
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    ledger->reset();  // what made the ledger is in the file now
    ledger = Ledger::Open(written, Options());
    for (int i = 0; i < kCommits; ++i) {
      ends_.push_back(ReadFile(written + "-wal").size());
      EXPECT_TRUE(Write(**ledger, BatchOf({DeltaAt(kSlot, "/a", 1)})).ok());
    }
    ends_.push_back(ReadFile(written + "-wal").size());
    path_ = CrashCopy(written) + "/ledger.db";
    wal_ = ReadFile(path_ + "-wal");
    EXPECT_EQ((wal_.size() - kHeaderBytes) % kFrameBytes, 0);
  }

  std::optional<std::string> FaultWith(const std::string& wal) {
    WriteFile(path_ + "-wal", wal);
    return FaultOfWal(path_);
  }
  std::string Flipped(size_t at) const {
    std::string wal = wal_;
    wal[at] = static_cast<char>(wal[at] ^ 1);
    return wal;
  }
  int64_t CommitsRead() {
    const auto ledger = Ledger::OpenToRead(path_);
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    return Read(**ledger)->Total("/a");
  }

  std::string path_;
  std::string wal_;
  std::vector<size_t> ends_;  // where each commit begins, and the last one ends
};

TEST_F(WalCheckTest, ASoundWalHasNoFault) {
  EXPECT_EQ(FaultOfWal(path_), std::nullopt);
  EXPECT_EQ(CommitsRead(), kCommits);
}

TEST_F(WalCheckTest, NoneAndAnEmptyOneHaveNoFault) {
  EXPECT_EQ(FaultOfWal(path_ + ".absent"), std::nullopt);
  EXPECT_EQ(FaultWith(""), std::nullopt);
  EXPECT_EQ(FaultWith(wal_.substr(0, kHeaderBytes - 1)), std::nullopt);
  EXPECT_EQ(FaultWith(wal_.substr(0, kHeaderBytes)), std::nullopt);
}

TEST_F(WalCheckTest, ATornTailIsNoFault) {
  for (size_t size = wal_.size(); size > ends_[kCommits - 1]; size -= 8)
    EXPECT_EQ(FaultWith(wal_.substr(0, size)), std::nullopt);
  EXPECT_EQ(FaultWith(wal_ + std::string(100'000, 'x')), std::nullopt);
}

TEST_F(WalCheckTest, WhatIsLeftOverFromBeforeACheckpointIsNoFault) {
  const std::string written = FreshFolder() + "/ledger.db";
  auto ledger = Ledger::Open(written, Options());
  for (int i = 0; i < kCommits; ++i) ASSERT_TRUE(Write(**ledger, BatchOf({DeltaAt(kSlot, "/a", 1)})).ok());
  const size_t before = ReadFile(written + "-wal").size();
  {
    auto other = Database::Open(written, Database::Access::kWrite, "");
    ASSERT_TRUE((*other)->Execute("PRAGMA wal_checkpoint(RESTART)").ok());
  }
  const std::string begun_anew = CrashCopy(written) + "/ledger.db";
  EXPECT_EQ(FaultOfWal(begun_anew), std::nullopt);
  ASSERT_TRUE(Write(**ledger, BatchOf({DeltaAt(kSlot, "/a", 1)})).ok());
  EXPECT_EQ(ReadFile(written + "-wal").size(), before);
  EXPECT_EQ(FaultOfWal(CrashCopy(written) + "/ledger.db"), std::nullopt);
}

TEST_F(WalCheckTest, GarbageIsAFault) {
  const auto fault = FaultWith(std::string(10'000, 'x'));
  ASSERT_TRUE(fault);
  EXPECT_THAT(*fault, HasSubstr(path_ + "-wal: its header is damaged"));
}

TEST_F(WalCheckTest, EveryByteOfTheHeaderCounts) {
  for (size_t at = 0; at < kHeaderBytes; ++at) EXPECT_TRUE(FaultWith(Flipped(at))) << at;
}

// Whatever SQLite leaves out, but for what may have been under way when the power went, is told.
TEST_F(WalCheckTest, DamageWithTwoCommitsBehindItIsAFault) {
  for (int commit = 0; commit < kCommits; ++commit) {
    const struct {
      size_t at;
      int commits_behind;  // the end of the damaged commit is one of them, unless it is that which is damaged
    } rows[] = {{std::max(ends_[commit], kHeaderBytes) + 100, kCommits - commit},
                {ends_[commit + 1] - 100, kCommits - commit - 1}};
    for (const auto& row : rows) {
      SCOPED_TRACE(std::to_string(commit) + " at " + std::to_string(row.at));
      const auto fault = FaultWith(Flipped(row.at));
      EXPECT_EQ(CommitsRead(), commit);
      EXPECT_EQ(fault.has_value(), row.commits_behind >= 2);
      if (!fault) continue;
      EXPECT_THAT(*fault, HasSubstr(path_ + "-wal: damaged in frame "));
      EXPECT_THAT(*fault, HasSubstr(": " + std::to_string(row.commits_behind) + " whole commits behind it"));
    }
  }
}

TEST_F(WalCheckTest, VerifySaysSo) {
  EXPECT_THAT(VerifyLedger(path_)->findings, IsEmpty());
  WriteFile(path_ + "-wal", std::string(10'000, 'x'));
  EXPECT_THAT(VerifyLedger(path_)->findings, Contains(HasSubstr("ledger.db-wal: its header is damaged")));
}

}  // namespace
}  // namespace firebreak
