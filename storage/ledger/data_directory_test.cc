#include "storage/ledger/data_directory.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/testing.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

class DataDirectoryTest : public ::testing::Test {
 protected:
  std::unique_ptr<DataDirectory> Open() {
    auto directory = DataDirectory::Open(path_, absl::ZeroDuration());
    EXPECT_TRUE(directory.ok()) << directory.status();
    return directory.ok() ? *std::move(directory) : nullptr;
  }
  uintmax_t ReserveBytes() const { return std::filesystem::file_size(path_ + "/reserve"); }

  const std::string parent_ = FreshFolder();
  const std::string path_ = parent_ + "/data";
};

// Another process that holds the directory until it is told to end.
class OtherProcess {
 public:
  explicit OtherProcess(const std::string& path) {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    pid_ = fork();
    if (pid_ == 0) {
      const auto directory = DataDirectory::Open(path, absl::ZeroDuration());
      const char held = directory.ok() ? 'y' : 'n';
      (void)!write(ready[1], &held, 1);
      while (true) pause();
    }
    char held = 'n';
    EXPECT_EQ(read(ready[0], &held, 1), 1);
    EXPECT_EQ(held, 'y');
    close(ready[0]);
    close(ready[1]);
  }
  ~OtherProcess() { End(); }
  void End() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

TEST_F(DataDirectoryTest, IsMadeForItsOwnerAlone) {
  const auto directory = Open();
  struct stat found;
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0700);
  EXPECT_EQ(directory->ledger_path(), path_ + "/ledger.db");
}

TEST_F(DataDirectoryTest, MayBeThereAlready) {
  std::filesystem::create_directory(path_);
  EXPECT_NE(Open(), nullptr);
  EXPECT_NE(Open(), nullptr);
}

TEST_F(DataDirectoryTest, IsHeldByOneProcessAlone) {
  OtherProcess other(path_);
  const auto refused = DataDirectory::Open(path_, absl::ZeroDuration());
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(refused.status()), HasSubstr(path_));
  EXPECT_THAT(MessageOf(refused.status()), HasSubstr("stop that process"));
  EXPECT_THAT(MessageOf(refused.status()), HasSubstr("pid " + std::to_string(other.pid()) + ":"));
}

TEST_F(DataDirectoryTest, IsFreeOnceItsProcessWasKilled) {
  OtherProcess other(path_);
  other.End();
  EXPECT_NE(Open(), nullptr);
}

TEST_F(DataDirectoryTest, WaitsForAProcessThatIsEnding) {
  auto first = Open();
  std::thread ending([&] { first.reset(); });
  const auto second = DataDirectory::Open(path_, absl::Seconds(30));
  ending.join();
  EXPECT_TRUE(second.ok()) << second.status();
}

TEST_F(DataDirectoryTest, AFileInItsPlaceIsLeftAlone) {
  WriteFile(path_, "precious");
  const auto directory = DataDirectory::Open(path_, absl::ZeroDuration());
  EXPECT_EQ(directory.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(directory.status()), HasSubstr(path_ + ": not a directory"));
  EXPECT_EQ(ReadFile(path_), "precious");
}

TEST_F(DataDirectoryTest, ItsParentHasToExist) {
  for (const std::string& path : {parent_ + "/none/data", parent_ + "/none/data/"}) {
    const auto directory = DataDirectory::Open(path, absl::ZeroDuration());
    EXPECT_EQ(directory.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(MessageOf(directory.status()),
              path + ": cannot be made, its parent folder is missing: mkdir -p " + parent_ + "/none");
  }
}

TEST_F(DataDirectoryTest, DiscardTakesBackWhatOpenMade) {
  Open()->Discard();
  EXPECT_FALSE(std::filesystem::exists(path_));
  // What was there before stays.
  std::filesystem::create_directory(path_);
  Open()->Discard();
  EXPECT_TRUE(std::filesystem::is_empty(path_));
  WriteFile(path_ + "/lock", "");
  Open()->Discard();
  EXPECT_TRUE(std::filesystem::exists(path_ + "/lock"));
  EXPECT_FALSE(std::filesystem::exists(path_ + "/reserve"));
}

TEST_F(DataDirectoryTest, WhetherItIsHeldIsSeenWithoutTakingIt) {
  EXPECT_FALSE(IsHeldByServer(path_));
  const auto directory = Open();
  EXPECT_TRUE(IsHeldByServer(path_));
  EXPECT_TRUE(IsHeldByServer(path_ + "/"));
}

// /proc takes no new folders, whoever asks.
TEST_F(DataDirectoryTest, WhereNothingCanBeWrittenIsSaid) {
  const auto directory = DataDirectory::Open("/proc/self/firebreak", absl::ZeroDuration());
  EXPECT_FALSE(directory.ok());
  EXPECT_THAT(MessageOf(directory.status()), HasSubstr("/proc/self/firebreak: "));
}

TEST_F(DataDirectoryTest, TheReserveIsLentAndTakenBack) {
  const auto directory = Open();
  EXPECT_TRUE(directory->reserve_held());
  EXPECT_EQ(ReserveBytes(), 8 << 20);
  directory->ReleaseReserve();
  directory->ReleaseReserve();
  EXPECT_FALSE(directory->reserve_held());
  EXPECT_EQ(ReserveBytes(), 0);
  EXPECT_TRUE(directory->HoldReserve());
  EXPECT_TRUE(directory->HoldReserve());
  EXPECT_TRUE(directory->reserve_held());
  EXPECT_EQ(ReserveBytes(), 8 << 20);
}

}  // namespace
}  // namespace firebreak
