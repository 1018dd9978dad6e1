#include "api/record/recording_follower.h"

#include <string>
#include <vector>

#include "api/record/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NoSink : public TransitionSink {
 public:
  void OnTransition(const Transition&) override {}
};

class RecordingFollowerTest : public ::testing::Test {
 protected:
  // "2025-11-24T16:00:05Z"
  static std::string At(int second) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", kRecordTestStart + absl::Seconds(second), absl::UTCTimeZone());
  }
  static std::string Head(std::string_view kind, int at, int session, int file, const Config& config,
                          std::string_view more = "") {
    ControlLine line;
    line.kind = kind == "start" ? ControlLine::Kind::kStart : ControlLine::Kind::kContinue;
    line.at = kRecordTestStart + absl::Seconds(at);
    line.session = kRecordTestStart + absl::Seconds(session);
    line.file = file;
    line.evaluation_interval = absl::Seconds(5);
    line.fingerprint = FingerprintOf(config);
    std::string text = ControlLineText(line);
    text.insert(text.size() - 2, more);
    text.pop_back();
    return text;
  }
  std::string Start(int at, std::string_view more = "") { return Head("start", at, at, 1, rules_->config, more); }
  std::string Continue(int at, int session, int file) { return Head("continue", at, session, file, rules_->config); }
  static std::string Batch(int events) {
    return fmt::format(R"({{"firebreak":"batch","arrived":"{}","events":{}}})", At(1), events);
  }
  static std::string Tick(int at) { return fmt::format(R"({{"firebreak":"tick","at":"{}"}})", At(at)); }
  static std::string Request(int at) { return fmt::format(R"({{"ts":"{}","endpoint":"/pay","status":200}})", At(at)); }
  static std::string End(int at) { return fmt::format(R"({{"firebreak":"end","at":"{}"}})", At(at)); }

  // Reads one file; the first fault is returned.
  absl::Status Read(const std::string& name, const std::vector<std::string>& lines,
                    RecordingFollower::FileEnd end = RecordingFollower::FileEnd::kWhole) {
    absl::Status status;
    follower_.BeginFile(name);
    for (const std::string& line : lines) status.Update(follower_.Take(line));
    follower_.EndFile(end);
    return status;
  }
  std::vector<std::string> Notes() {
    follower_.Finish();
    return follower_.notes();
  }

  std::shared_ptr<const RuleSet> rules_ = RecordTestRules();
  NoSink sink_;
  RecordedReplay replay_{rules_, {}, absl::Seconds(5), sink_};
  RecordingFollower follower_{rules_->config, replay_};
};

TEST_F(RecordingFollowerTest, AWholeSessionNeedsNoNote) {
  EXPECT_TRUE(Read("a", {Start(0), Batch(2), Request(1), Request(2), Tick(5), Tick(10)}).ok());
  EXPECT_TRUE(Read("b", {Continue(11, 0, 2), Batch(1), Request(12), Tick(15), End(16)}).ok());
  EXPECT_THAT(Notes(), IsEmpty());
  const ReplaySummary summary = replay_.Finish();
  EXPECT_EQ(summary.events, 3);
  EXPECT_EQ(summary.ticks, 3);
  EXPECT_EQ(summary.tiers[0].total, 3);
}

TEST_F(RecordingFollowerTest, ARestartWithoutAnEndIsSaid) {
  EXPECT_TRUE(Read("a", {Start(0), Tick(5)}, RecordingFollower::FileEnd::kCutOff).ok());
  EXPECT_TRUE(Read("b", {Start(60, R"(,"resumed":"2025-11-24T16:00:05Z")"), Tick(65), End(66)}).ok());
  EXPECT_THAT(Notes(), ElementsAre("a: is cut off, used up to there: its writer was killed, or still writes",
                                   "the session that began 2025-11-24T16:00:00Z has no end: what came in the second "
                                   "or so before the start at 2025-11-24T16:01:00Z may be missing"));
}

TEST_F(RecordingFollowerTest, HistoryThatIsNotInItIsSaid) {
  EXPECT_TRUE(Read("a", {Start(0, R"(,"resumed":"2025-11-24T15:00:00Z")"), Tick(5), End(6)}).ok());
  EXPECT_THAT(Notes(),
              ElementsAre(HasSubstr("a: the server began with what it had counted until 2025-11-24T15:00:00Z")));
}

TEST_F(RecordingFollowerTest, FilesThatAreMissingAreSaid) {
  EXPECT_TRUE(Read("c", {Continue(100, 0, 3), Tick(105)}).ok());
  EXPECT_TRUE(Read("f", {Continue(200, 0, 6), Tick(205)}).ok());
  EXPECT_TRUE(Read("z", {Continue(300, 250, 2), Tick(305), End(306)}).ok());
  EXPECT_THAT(Notes(), ElementsAre(HasSubstr("c: file 3 of the session that began 2025-11-24T16:00:00Z; what came "
                                             "before is not there"),
                                   "f: 2 files before it missing",
                                   HasSubstr("the session that began 2025-11-24T16:00:00Z has no end"),
                                   HasSubstr("z: the beginning of the session that began 2025-11-24T16:04:10Z is "
                                             "missing")));
}

TEST_F(RecordingFollowerTest, AFileTwiceIsRefused) {
  EXPECT_TRUE(Read("a", {Start(0), Tick(5)}).ok());
  EXPECT_TRUE(Read("b", {Continue(6, 0, 2), Tick(10)}).ok());
  const absl::Status again = Read("b", {Continue(6, 0, 2), Tick(10)});
  EXPECT_EQ(again.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(again.message(), HasSubstr("b: file 2 of the session that began 2025-11-24T16:00:00Z comes after its "
                                         "file 2"));
}

TEST_F(RecordingFollowerTest, GapsAreSaidWithWhatIsMissing) {
  EXPECT_TRUE(
      Read("a", {Start(0), Tick(5), R"({"firebreak":"gap","events":2007,"batches":2,"ticks":1})", Tick(15), End(16)})
          .ok());
  EXPECT_THAT(Notes(), ElementsAre("a: 2007 events in 2 batches, 1 evaluation are missing after 2025-11-24T16:00:05Z: "
                                   "the disk did not keep up or failed"));
}

TEST_F(RecordingFollowerTest, AnotherClassificationIsSaidOnce) {
  const Config other = RecordTestRules("classification: {errors: [5xx, 429]}")->config;
  EXPECT_TRUE(Read("a", {Head("start", 0, 0, 1, other), Tick(5)}).ok());
  EXPECT_TRUE(Read("b", {Head("continue", 6, 0, 2, other), Tick(10), End(11)}).ok());
  EXPECT_THAT(Notes(), ElementsAre("a: classified otherwise than here: classification.errors: 5xx, 429 then, 5xx, "
                                   "timeout, shape_mismatch, failed here"));
}

TEST_F(RecordingFollowerTest, ABatchThatLostLinesIsSaidAndCounted) {
  EXPECT_TRUE(Read("a", {Start(0), Batch(3), Request(1), Request(2), Tick(5), End(6)}).ok());
  EXPECT_THAT(Notes(), ElementsAre("a: the batch that arrived 2025-11-24T16:00:01Z has 2 of its 3 events"));
  EXPECT_EQ(replay_.Finish().tiers[0].total, 2);
}

TEST_F(RecordingFollowerTest, ALineThatIsNoEventIsRefusedAndTheRestRead) {
  const absl::Status status = Read("a", {Start(0), Batch(2), "{\"ts\":5}", Request(1), "{\"firebreak\":\"tick\"}",
                                         R"({"firebreak":"new kind","x":1})", Tick(5), End(6)});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const ReplaySummary summary = replay_.Finish();
  EXPECT_EQ(summary.events, 1);
  EXPECT_EQ(summary.ticks, 1);
}

TEST_F(RecordingFollowerTest, TimeNeverGoesBackWithinASession) {
  EXPECT_TRUE(Read("a", {Start(0), Tick(20), Tick(15), Tick(20), Tick(25), End(26)}).ok());
  EXPECT_EQ(replay_.Finish().ticks, 2);
}

TEST_F(RecordingFollowerTest, WhatIsNoRecordingIsNamed) {
  EXPECT_EQ(Read("a", {Request(1)}).message(), "a: does not begin as a recording does");
  EXPECT_EQ(Read("b", {Tick(5)}).message(), "b: does not begin as a recording does");
  EXPECT_TRUE(Read("c", {}).ok());
  EXPECT_THAT(Notes().back(), "c: is empty");
}

TEST_F(RecordingFollowerTest, TheFirstLineTells) {
  EXPECT_TRUE(BeginsRecording(Start(0)));
  EXPECT_TRUE(BeginsRecording(Continue(0, 0, 2)));
  EXPECT_FALSE(BeginsRecording(Tick(5)));
  EXPECT_FALSE(BeginsRecording(Request(5)));
  EXPECT_FALSE(BeginsRecording(""));
  std::string newer = Start(0);
  newer.replace(newer.find("\"format\":1"), 10, "\"format\":9");
  EXPECT_TRUE(BeginsRecording(newer)) << "so that it can be said";
  EXPECT_EQ(Read("a", {newer}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(RecordingFollowerTest, NotesAreBounded) {
  std::vector<std::string> lines = {Start(0)};
  for (int i = 0; i < 100; ++i) lines.push_back(R"({"firebreak":"gap","events":1,"batches":1})");
  lines.push_back(End(1));
  EXPECT_TRUE(Read("a", lines).ok());
  EXPECT_THAT(Notes(), SizeIs(RecordingFollower::kMaxNotes + 1));
  EXPECT_EQ(follower_.notes().back(), "… and 60 more");
}

}  // namespace
}  // namespace firebreak
