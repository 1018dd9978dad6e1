#include "api/record/recording_session.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "api/record/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class RecordingSessionTest : public ::testing::Test {
 protected:
  RecordingSessionTest() : session_(*RecordingDirectory::Open(folder_), {1 << 20, 1 << 18, absl::Hours(1)}, clock_) {}

  static RecordingEntry Start() {
    ControlLine start;
    start.kind = ControlLine::Kind::kStart;
    start.at = start.session = kRecordTestStart;
    start.evaluation_interval = absl::Seconds(5);
    return {nullptr, {}, std::make_shared<const ControlLine>(start)};
  }
  // A batch, as far as the session knows.
  static RecordingEntry Batch(const std::string& text) {
    return {std::make_shared<const std::string>(text + "\n"), {.batches = 1, .events = 10}, nullptr};
  }
  static std::string Noise(size_t size) {
    std::string noise;
    for (uint64_t i = 1; noise.size() < size; ++i) noise += fmt::format("{:x}", i * 0x9E3779B97F4A7C15);
    return noise;
  }
  std::vector<std::string> Lines() const { return ReadRecordings(folder_).lines; }

  const std::string folder_ = FreshPath();
  const std::shared_ptr<const Clock> clock_ = std::make_shared<SimulatedClock>(kRecordTestStart);
  RecordingSession session_;
};

TEST_F(RecordingSessionTest, AFailedWriteIsAGapAtTheHeadOfTheNextFile) {
  ASSERT_TRUE(session_.Write(Start()).ok());
  ASSERT_TRUE(session_.Write(Batch("first")).ok());
  ASSERT_TRUE(session_.Flush().ok());

  // No file may grow beyond 64 KiB now.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {64 << 10, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Cleanup restore = [&before] { setrlimit(RLIMIT_FSIZE, &before); };
  absl::Status status = session_.Write(Batch(Noise(1 << 20)));
  status.Update(session_.Flush());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("firebreak-20251124T160000.000Z.ndjson.zst: File too large"));
  session_.Skip(Batch("not tried"));

  ASSERT_TRUE(session_.Write(Batch("second")).ok());
  ASSERT_TRUE(session_.Close().ok());
  const std::vector<std::string> lines = Lines();
  ASSERT_GE(lines.size(), 5);
  EXPECT_THAT(std::vector<std::string>(lines.end() - 3, lines.end()),
              ElementsAre(StartsWith(R"({"firebreak":"continue")"), R"({"firebreak":"gap","events":20,"batches":2})",
                          "second"));
  EXPECT_EQ(lines[1], "first");
  EXPECT_EQ(session_.totals().lost.events, 20);
  EXPECT_EQ(session_.totals().files, 2);
}

TEST_F(RecordingSessionTest, AFolderThatIsGoneIsTriedAgain) {
  ASSERT_TRUE(session_.Write(Start()).ok());
  ASSERT_TRUE(session_.Close().ok());
  std::filesystem::remove_all(folder_);
  EXPECT_FALSE(session_.Open().ok());
  EXPECT_FALSE(session_.Write(Batch("lost")).ok());
  std::filesystem::create_directory(folder_);
  ASSERT_TRUE(session_.Write(Batch("kept")).ok());
  ASSERT_TRUE(session_.Close().ok());
  EXPECT_THAT(Lines(), ElementsAre(StartsWith(R"({"firebreak":"continue")"),
                                   R"({"firebreak":"gap","events":10,"batches":1})", "kept"));
}

TEST_F(RecordingSessionTest, ANewSessionHasANewFile) {
  ASSERT_TRUE(session_.Write(Start()).ok());
  ASSERT_TRUE(session_.Write(Batch("first")).ok());
  ASSERT_TRUE(session_.Write(Start()).ok());
  ASSERT_TRUE(session_.Close().ok());
  EXPECT_THAT(Lines(), ElementsAre(StartsWith(R"({"firebreak":"start")"), "first",
                                   AllOf(StartsWith(R"({"firebreak":"start")"), HasSubstr("\"file\":1,"))));
  EXPECT_EQ(ListRecordings(folder_)->size(), 2);
}

}  // namespace
}  // namespace firebreak
