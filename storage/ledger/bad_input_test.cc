// What a ledger says of files that are not as they should be. Nothing crashes, nothing is overwritten, and every
// message names the file and the way out.

#include <filesystem>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/backup.h"
#include "storage/ledger/database.h"
#include "storage/ledger/fault_vfs.h"
#include "storage/ledger/ledger.h"
#include "storage/ledger/testing.h"
#include "storage/ledger/verify.h"

namespace firebreak {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int64_t kSlot = 352'800'000 - 1;
const absl::Time kNow = SlotEnd(kSlot, absl::Seconds(5));
constexpr int kBatches = 300;

LedgerOptions Options() {
  LedgerOptions options;
  options.shape = LadderShape::For(absl::Seconds(5), absl::Hours(720), absl::Seconds(330));
  return options;
}

class BadInputTest : public ::testing::Test {
 protected:
  // Writes a ledger of some twenty pages, and leaves it closed.
  static void Fill(const std::string& path) {
    auto ledger = Ledger::Open(path, Options());
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    for (int i = 0; i < kBatches; ++i) {
      BatchRecord batch = BatchOf({DeltaAt(kSlot - i, "/" + std::to_string(i % 9), 2, 1)}, KeyOf(i));
      ASSERT_TRUE(Write(**ledger, batch).ok());
    }
    ASSERT_TRUE(Write(**ledger, TickRecord{kNow, {{"alert", std::string(6000, 'x')}}, {{1, "news"}}}).ok());
  }
  void Fill() { Fill(path_); }

  // Opening to write and to read both say `code`, what is wrong and what to do, and change nothing.
  void ExpectRefused(absl::StatusCode code, const std::string& wrong, const std::string& way_out) {
    const std::string before = std::filesystem::is_regular_file(path_) ? ReadFile(path_) : "";
    for (const absl::Status& status :
         {Ledger::Open(path_, options_).status(), Ledger::OpenToRead(path_).status(), VerifyLedger(path_).status(),
          BackUpLedger(path_, folder_ + "/backup", ExistingFile::kRefused, nullptr).status()}) {
      EXPECT_EQ(status.code(), code) << status;
      EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(path_), HasSubstr(wrong), HasSubstr(way_out)));
    }
    if (std::filesystem::is_regular_file(path_)) {
      EXPECT_EQ(ReadFile(path_), before);
    }
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/backup"));
  }
  void ExpectCannotOpen(absl::StatusCode code, const std::string& wrong, const std::string& way_out) {
    const absl::Status status = Ledger::Open(path_, options_).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(path_), HasSubstr(wrong), HasSubstr(way_out)));
  }

  // Does everything with the ledger that may be damaged. What it holds must be right, or somebody must say that it is
  // not. Returns whether somebody did.
  bool Survives() {
    bool complained = false;
    const auto report = VerifyLedger(path_);
    complained |= !report.ok() || !report->sound();
    auto ledger = Ledger::Open(path_, options_);
    if (!ledger.ok()) return true;
    complained |= !(*ledger)->LoadState().ok();
    const auto contents = Read(**ledger);
    complained |= !contents.ok();
    if (!complained) {
      EXPECT_EQ(contents->Total(""), 2 * kBatches);
      EXPECT_EQ(contents->Bad(""), kBatches);
    }
    complained |= !(*ledger)->VisitTierHistory(absl::InfinitePast(), absl::InfiniteFuture(), [](auto&, auto&) {}).ok();
    complained |= !(*ledger)->HistorySpan().ok();
    complained |= !Write(**ledger, BatchOf({DeltaAt(kSlot, "/new", 1, 1)}, KeyOf(999))).ok();
    for (int i = 0; i < 20; ++i) complained |= !(*ledger)->Compact(kNow + absl::Hours(100)).ok();
    return complained;
  }

  const std::string folder_ = FreshFolder();
  const std::string path_ = folder_ + "/ledger.db";
  LedgerOptions options_ = Options();
};

TEST_F(BadInputTest, AnEmptyFileIsNoNewLedger) {
  WriteFile(path_, "");
  ExpectRefused(absl::StatusCode::kDataLoss, "empty", "move it aside");
}

TEST_F(BadInputTest, ATextFileIsNoLedger) {
  WriteFile(path_, std::string(10'000, 'x'));
  ExpectRefused(absl::StatusCode::kDataLoss, "not a ledger", "move it aside");
}

TEST_F(BadInputTest, AFewBytesAreNoLedger) {
  WriteFile(path_, "SQLite");
  ExpectRefused(absl::StatusCode::kDataLoss, "not a ledger", "move it aside");
}

TEST_F(BadInputTest, ADirectoryInItsPlaceIsSaid) {
  std::filesystem::create_directory(path_);
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "not a file", "move it aside");
}

TEST_F(BadInputTest, AWalWithoutItsFileIsNoNewLedger) {
  Fill();
  std::filesystem::rename(path_, folder_ + "/moved");
  WriteFile(path_ + "-wal", "some frames");
  ExpectRefused(absl::StatusCode::kDataLoss, "gone", "put it back");
}

TEST_F(BadInputTest, ATruncatedFileIsSaid) {
  Fill();
  const std::string whole = ReadFile(path_);
  ASSERT_GT(whole.size(), 20 * 4096);
  for (const size_t size :
       {size_t{100}, size_t{4095}, size_t{4096}, whole.size() / 2, whole.size() - 4096, whole.size() - 1}) {
    SCOPED_TRACE(size);
    WriteFile(path_, whole.substr(0, size));
    ExpectRefused(absl::StatusCode::kDataLoss, "damaged", "restore a backup");
  }
}

TEST_F(BadInputTest, ATornTailOfTheWalIsNoDamage) {
  auto ledger = Ledger::Open(path_, Options());
  ASSERT_TRUE(Write(**ledger, BatchOf({DeltaAt(kSlot, "/first", 1)})).ok());
  ASSERT_TRUE(Write(**ledger, BatchOf({DeltaAt(kSlot, "/second", 1)})).ok());
  const std::string crashed = CrashCopy(path_);
  const std::string wal = ReadFile(crashed + "/ledger.db-wal");
  WriteFile(crashed + "/ledger.db-wal", wal.substr(0, wal.size() - 1));
  const auto reopened = Ledger::Open(crashed + "/ledger.db", Options());
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  EXPECT_EQ(Read(**reopened)->Total("/first"), 1);
  EXPECT_EQ(Read(**reopened)->Total("/second"), 0);
  EXPECT_EQ(Read(**reopened)->Total(""), 1);
}

TEST_F(BadInputTest, FlippedBitsAreFoundOrHarmless) {
  Fill();
  const std::string whole = ReadFile(path_);
  std::minstd_rand random(20'251'124);
  int complaints = 0;
  for (int i = 0; i < 200; ++i) {
    std::string bytes = whole;
    const size_t at = i < 100 ? i : random() % bytes.size();  // each byte of the header, then anywhere
    const int bit = static_cast<int>(random() % 8);
    SCOPED_TRACE("byte " + std::to_string(at) + " bit " + std::to_string(bit));
    bytes[at] = static_cast<char>(bytes[at] ^ 1 << bit);
    WriteFile(path_, bytes);
    complaints += Survives() ? 1 : 0;
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  }
  EXPECT_GT(complaints, 50);
  EXPECT_LT(complaints, 200);
}

TEST_F(BadInputTest, OverwrittenPagesAreFoundOrHarmless) {
  Fill();
  const std::string whole = ReadFile(path_);
  for (size_t page = 0; page < whole.size() / 4096; ++page) {
    for (const char fill : {'\0', '\xff', 'x'}) {
      SCOPED_TRACE("page " + std::to_string(page));
      std::string bytes = whole;
      bytes.replace(page * 4096, 4096, std::string(4096, fill));
      WriteFile(path_, bytes);
      Survives();
      for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
    }
  }
}

// --- where nothing may be written ---

// What is made there would be seen.
TEST_F(BadInputTest, WhatNobodyWritesIsReadWithoutAnythingBesideIt) {
  const std::string odd = folder_ + "/50% of #1?";
  std::filesystem::create_directory(odd);
  Fill(odd + "/ledger.db");
  {
    auto database = Database::Open(odd + "/ledger.db", Database::Access::kReadUnchanging, "");
    ASSERT_TRUE(database.ok()) << database.status();
    EXPECT_EQ(*(*database)->QueryInteger("SELECT sum(total) FROM tier_counts"), 2 * kBatches);
    EXPECT_FALSE(std::filesystem::exists(odd + "/ledger.db-shm"));
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(odd), {}), 1);
}

// Root may do anything; what the system would say to others is said by the VFS.

TEST_F(BadInputTest, AFileThatMayNotBeOpenedIsSaid) {
  Fill();
  FaultVfs vfs;
  options_.vfs = vfs.name();
  vfs.SetOpening(FaultVfs::Opening::kDenied);
  ExpectCannotOpen(absl::StatusCode::kFailedPrecondition, "Permission denied", "let this user read and write it");
}

TEST_F(BadInputTest, AReadOnlyFileIsSaid) {
  Fill();
  FaultVfs vfs;
  options_.vfs = vfs.name();
  vfs.SetOpening(FaultVfs::Opening::kReadOnly);
  ExpectCannotOpen(absl::StatusCode::kFailedPrecondition, "", "let this user");
}

TEST_F(BadInputTest, AFullDiskAtTheFirstStartIsSaidAndLeavesNothing) {
  FaultVfs vfs;
  options_.vfs = vfs.name();
  vfs.FailAt(3, FaultVfs::Fault::kDiskFull, FaultVfs::Lasting::kUntilHealed);
  ExpectCannotOpen(absl::StatusCode::kResourceExhausted, "the disk is full", "make room");
  EXPECT_FALSE(std::filesystem::exists(path_));
  vfs.Heal();
  EXPECT_TRUE(Ledger::Open(path_, options_).ok());
}

TEST_F(BadInputTest, ADiskThatFailsAtTheFirstStartIsSaid) {
  FaultVfs vfs;
  options_.vfs = vfs.name();
  vfs.FailAt(3, FaultVfs::Fault::kIoError, FaultVfs::Lasting::kUntilHealed);
  ExpectCannotOpen(absl::StatusCode::kUnavailable, "Input/output error", "check the disk");
}

}  // namespace
}  // namespace firebreak
