#include "api/record/recording_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::Time kTime = absl::FromUnixMillis(1764000000123);

class RecordingDirectoryTest : public ::testing::Test {
 protected:
  RecordingDirectoryTest() {
    const char* base = std::getenv("TEST_TMPDIR");
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::string(base == nullptr ? "/tmp" : base) + "/" + test->name();
    std::filesystem::remove_all(folder_);
  }

  void Open() {
    absl::StatusOr<std::unique_ptr<RecordingDirectory>> directory = RecordingDirectory::Open(folder_);
    ASSERT_TRUE(directory.ok()) << directory.status();
    directory_ = *std::move(directory);
  }

  // Creates the next file with `bytes` in it; returns its name.
  std::string Create(absl::Time at, size_t bytes = 0) {
    std::string name;
    const absl::StatusOr<int> descriptor = directory_->Create(at, name);
    EXPECT_TRUE(descriptor.ok()) << descriptor.status();
    const std::string text(bytes, 'x');
    EXPECT_EQ(write(*descriptor, text.data(), bytes), static_cast<ssize_t>(bytes));
    close(*descriptor);
    return name;
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    const auto files = ListRecordings(folder_);
    EXPECT_TRUE(files.ok()) << files.status();
    for (const RecordingFile& file : *files) names.push_back(file.name);
    return names;
  }

  static mode_t ModeOf(const std::string& path) {
    struct stat about = {};
    EXPECT_EQ(stat(path.c_str(), &about), 0);
    return about.st_mode & 0777;
  }

  std::string folder_;
  std::unique_ptr<RecordingDirectory> directory_;
};

TEST_F(RecordingDirectoryTest, FolderAndFilesAreForTheirOwnerAlone) {
  Open();
  const std::string name = Create(kTime);
  EXPECT_EQ(name, "firebreak-20251124T160000.123Z.ndjson.zst");
  EXPECT_EQ(ModeOf(folder_), 0700);
  EXPECT_EQ(ModeOf(folder_ + "/" + name), 0600);
}

TEST_F(RecordingDirectoryTest, NamesSortInTheOrderOfWritingThoughTheClockGoesBack) {
  Open();
  const std::string first = Create(kTime);
  const std::string same_time = Create(kTime);
  const std::string earlier = Create(kTime - absl::Hours(24));
  const std::string later = Create(kTime + absl::Hours(1));
  EXPECT_EQ(same_time, "firebreak-20251124T160000.124Z.ndjson.zst");
  EXPECT_EQ(earlier, "firebreak-20251124T160000.125Z.ndjson.zst");
  EXPECT_THAT(Names(), ElementsAre(first, same_time, earlier, later));
}

TEST_F(RecordingDirectoryTest, OtherFilesAreLeftAlone) {
  Open();
  for (const char* other :
       {"notes.txt", "firebreak-20251124T160000.123Z.ndjson", "xfirebreak-20251124T160000.123Z.ndjson.zst",
        "firebreak-20251124T16000x.123Z.ndjson.zst"}) {
    EXPECT_FALSE(IsRecordingName(other));
    std::ofstream(folder_ + "/" + other) << "mine";
  }
  Create(kTime, 100);
  directory_->Prune(0);
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/notes.txt"));
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/firebreak-20251124T160000.123Z.ndjson"));
}

TEST_F(RecordingDirectoryTest, TheOldestGoFirst) {
  Open();
  std::vector<std::string> names;
  for (int i = 0; i < 4; ++i) names.push_back(Create(kTime + absl::Hours(i), 100));
  directory_->Prune(400);
  EXPECT_EQ(Names(), names);
  directory_->Prune(399);
  EXPECT_THAT(Names(), ElementsAre(names[1], names[2], names[3]));
  directory_->Prune(150);
  EXPECT_THAT(Names(), ElementsAre(names[3]));
}

TEST_F(RecordingDirectoryTest, OneProcessAtATime) {
  Open();
  const absl::Status second = RecordingDirectory::Open(folder_).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.message(), HasSubstr(folder_ + ": another process records into it"));
  directory_.reset();
  EXPECT_TRUE(RecordingDirectory::Open(folder_).ok());
}

TEST_F(RecordingDirectoryTest, WhatIsNoFolderIsNamed) {
  std::ofstream(folder_) << "a file";
  const absl::Status status = RecordingDirectory::Open(folder_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr(folder_ + ": is no folder"));
  EXPECT_THAT(RecordingDirectory::Open(folder_ + "/below").status().message(), HasSubstr("is no folder"));
  EXPECT_EQ(ListRecordings(folder_ + ".absent").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace firebreak
