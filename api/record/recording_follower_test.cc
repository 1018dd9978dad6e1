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
using ::testing::StartsWith;

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
  static std::string Tick(int at, std::string_view more = "") {
    return fmt::format(R"({{"firebreak":"tick","at":"{}"{}}})", At(at), more);
  }
  // Further fields of starts and ticks.
  static std::string Counted(int batches) { return fmt::format(R"(,"counted_batches":{})", batches); }
  static std::string Resumed(int at) { return fmt::format(R"(,"resumed":"{}")", At(at)); }
  static std::string Request(int at) { return fmt::format(R"({{"ts":"{}","endpoint":"/pay","status":200}})", At(at)); }
  static std::string End(int at) { return fmt::format(R"({{"firebreak":"end","at":"{}"}})", At(at)); }

  // Reads one file; the first fault is returned.
  absl::Status Read(const std::string& name, const std::vector<std::string>& lines,
                    RecordingFollower::FileEnd end = RecordingFollower::FileEnd::kWhole) {
    absl::Status status;
    follower_.BeginFile(name);
    int64_t number = 0;
    for (const std::string& line : lines) status.Update(follower_.Take(++number, line));
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

TEST_F(RecordingFollowerTest, AKilledServerWhoseLedgerHasNoMoreLostNothing) {
  EXPECT_TRUE(Read("a", {Start(0, Counted(100)), Batch(1), Request(1), Tick(5, Counted(101)), Batch(1), Request(6)},
                   RecordingFollower::FileEnd::kCutOff)
                  .ok());
  EXPECT_TRUE(Read("b", {Start(60, Resumed(5) + Counted(102)), Tick(65), End(66)}).ok());
  EXPECT_THAT(Notes(), ElementsAre("a:6: is cut off behind this line, used up to there: its writer was killed, or "
                                   "still writes",
                                   "the session that began 2025-11-24T16:00:00Z has no end: its server was killed; "
                                   "nothing is missing"));
}

TEST_F(RecordingFollowerTest, WhatOnlyTheLedgerHasIsSaid) {
  EXPECT_TRUE(Read("a", {Start(0, Counted(100)), Batch(1), Request(1), Tick(5, Counted(101)), Batch(1), Request(6)},
                   RecordingFollower::FileEnd::kCutOff)
                  .ok());
  EXPECT_TRUE(Read("b", {Start(60, Resumed(10) + Counted(105)), Tick(65, Counted(105)), End(66)}).ok());
  // A server that ran without --record in between.
  EXPECT_TRUE(Read("c", {Start(90, Resumed(65) + Counted(106)), Tick(95, Counted(106)), End(96)}).ok());
  EXPECT_THAT(Notes(), ElementsAre(StartsWith("a:6: is cut off"),
                                   "b:1: missing after the evaluation of 2025-11-24T16:00:05Z, though in the ledger: 3 "
                                   "batches and the evaluations until 2025-11-24T16:00:10Z; decisions from there on "
                                   "may differ",
                                   "c:1: missing after the evaluation of 2025-11-24T16:01:05Z, though in the ledger: 1 "
                                   "batch; decisions from there on may differ"));
}

TEST_F(RecordingFollowerTest, WhatOnlyTheLedgerHasIsSaidThoughTheCutCameBeforeAnyEvaluation) {
  EXPECT_TRUE(Read("a", {Start(0, Counted(0)), Batch(1), Request(1)}, RecordingFollower::FileEnd::kCutOff).ok());
  EXPECT_TRUE(Read("b", {Start(60, Resumed(10) + Counted(4)), Tick(65, Counted(4)), End(66)}).ok());
  EXPECT_THAT(Notes(), ElementsAre(StartsWith("a:3: is cut off"),
                                   "b:1: missing after its beginning, though in the ledger: 3 batches and the "
                                   "evaluations until 2025-11-24T16:00:10Z; decisions from there on may differ"));
}

TEST_F(RecordingFollowerTest, WhatTheLedgerLostIsSaid) {
  EXPECT_TRUE(
      Read("a", {Start(0, Counted(0)), Batch(1), Request(1), Tick(5, Counted(1)), Tick(10, Counted(1)), End(11)}).ok());
  EXPECT_TRUE(Read("b", {Start(60, Resumed(5) + Counted(0)), Tick(65), End(66)}).ok());
  EXPECT_THAT(Notes(),
              ElementsAre(StartsWith("b:1: the ledger that the server went on with lacks 1 batch of those before"),
                          "b:1: the server went on from 2025-11-24T16:00:05Z: what was decided since, until the "
                          "evaluation of 2025-11-24T16:00:10Z, it may have decided again"));
}

// Batches are numbered by ticks, so that files that are gone, or a gap that is said to be wider than it is, do no harm.
TEST_F(RecordingFollowerTest, ATickSaysAnewHowManyBatchesThereWere) {
  EXPECT_TRUE(Read("c", {Continue(0, -100, 3), Batch(1), Request(1), Tick(5, Counted(50)), Batch(1), Request(6)}).ok());
  EXPECT_TRUE(Read("e", {Continue(20, -100, 5), R"({"firebreak":"gap","events":9,"batches":9})", Tick(25, Counted(70)),
                         R"({"firebreak":"gap","events":2,"batches":2})"})
                  .ok());
  EXPECT_TRUE(Read("f", {Start(60, Resumed(25) + Counted(72)), Tick(65), End(66)}).ok());
  EXPECT_THAT(Notes(), ElementsAre(StartsWith("c:1: file 3"), "e:1: 1 file before it missing", HasSubstr("9 events"),
                                   HasSubstr("2 events"), HasSubstr("nothing is missing")));
}

TEST_F(RecordingFollowerTest, WithoutALedgerTheEndOfAKilledSessionIsUnknown) {
  EXPECT_TRUE(Read("a", {Start(0, Counted(0)), Tick(5, Counted(0))}, RecordingFollower::FileEnd::kCutOff).ok());
  EXPECT_TRUE(Read("b", {Start(60, Counted(0)), Tick(65, Counted(0))}).ok());
  EXPECT_THAT(Notes(), ElementsAre(StartsWith("a:2: is cut off"),
                                   "the session that began 2025-11-24T16:00:00Z has no end: what came after the "
                                   "evaluation of 2025-11-24T16:00:05Z may be missing, and decisions from there on may "
                                   "differ",
                                   "b:1: the server began with nothing at 2025-11-24T16:01:00Z, and so does the replay",
                                   StartsWith("the session that began 2025-11-24T16:01:00Z has no end: what came after "
                                              "the evaluation of 2025-11-24T16:01:05Z")));
}

TEST_F(RecordingFollowerTest, ReloadsAreSaidWithWhatTheyChanged) {
  const Config other = RecordTestRules("classification: {errors: [5xx, 429]}")->config;
  const auto reload = [](int at, const Config& config) {
    ControlLine line;
    line.kind = ControlLine::Kind::kReload;
    line.at = kRecordTestStart + absl::Seconds(at);
    line.fingerprint = FingerprintOf(config);
    std::string text = ControlLineText(line);
    text.pop_back();
    return text;
  };
  EXPECT_TRUE(
      Read("a", {Start(0), Tick(5), reload(5, rules_->config), Tick(10), reload(10, other), Tick(15), End(16)}).ok());
  EXPECT_THAT(Notes(), ElementsAre("a:3: the server took over another configuration after "
                                   "2025-11-24T16:00:05Z (requests are classified as before); the replay goes by its "
                                   "own from beginning to end",
                                   "a:5: the server took over another configuration after "
                                   "2025-11-24T16:00:10Z (classification.errors: 5xx, timeout, shape_mismatch, failed "
                                   "before, 5xx, 429 after); the replay goes by its own from beginning to end",
                                   StartsWith("a:5: classified otherwise than here: classification.errors: 5xx, 429 "
                                              "then")));
}

TEST_F(RecordingFollowerTest, ARestartWithAnotherClassificationIsSaid) {
  const Config other = RecordTestRules("classification: {errors: [5xx, 429]}")->config;
  EXPECT_TRUE(Read("a", {Head("start", 0, 0, 1, other), Tick(5), End(6)}).ok());
  EXPECT_TRUE(Read("b", {Start(60, Resumed(5)), Tick(65), End(66)}).ok());
  EXPECT_THAT(Notes(), ElementsAre(StartsWith("a:1: classified otherwise than here"),
                                   "b:1: the server began with another configuration at 2025-11-24T16:01:00Z "
                                   "(classification.errors: 5xx, 429 before, 5xx, timeout, shape_mismatch, failed "
                                   "after); the replay goes by its own from beginning to end"));
}

TEST_F(RecordingFollowerTest, HistoryThatIsNotInItIsSaid) {
  EXPECT_TRUE(Read("a", {Start(0, R"(,"resumed":"2025-11-24T15:00:00Z")"), Tick(5), End(6)}).ok());
  EXPECT_THAT(Notes(),
              ElementsAre(HasSubstr("a:1: the server began with what it had counted until 2025-11-24T15:00:00Z")));
}

TEST_F(RecordingFollowerTest, FilesThatAreMissingAreSaid) {
  EXPECT_TRUE(Read("c", {Continue(100, 0, 3), Tick(105)}).ok());
  EXPECT_TRUE(Read("f", {Continue(200, 0, 6), Tick(205)}).ok());
  EXPECT_TRUE(Read("z", {Continue(300, 250, 2), Tick(305), End(306)}).ok());
  EXPECT_THAT(Notes(), ElementsAre(HasSubstr("c:1: file 3 of the session that began 2025-11-24T16:00:00Z; what came "
                                             "before is not there"),
                                   "f:1: 2 files before it missing",
                                   HasSubstr("the session that began 2025-11-24T16:00:00Z has no end"),
                                   HasSubstr("z:1: the beginning of the session that began 2025-11-24T16:04:10Z is "
                                             "missing")));
}

TEST_F(RecordingFollowerTest, AFileTwiceIsRefused) {
  EXPECT_TRUE(Read("a", {Start(0), Tick(5)}).ok());
  EXPECT_TRUE(Read("b", {Continue(6, 0, 2), Tick(10)}).ok());
  const absl::Status again = Read("b", {Continue(6, 0, 2), Tick(10)});
  EXPECT_EQ(again.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(again.message()),
              StartsWith("b:1: file 2 of the session that began 2025-11-24T16:00:00Z comes after its "
                         "file 2"));
}

TEST_F(RecordingFollowerTest, ASessionTwiceIsRefused) {
  EXPECT_TRUE(Read("a", {Start(0), Tick(5), End(6)}).ok());
  EXPECT_TRUE(Read("b", {Start(10), Tick(15), End(16)}).ok());
  const absl::Status again = Read("a", {Start(0), Tick(5), End(6)});
  EXPECT_EQ(again.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(again.message()),
            "a:1: the session that began 2025-11-24T16:00:00Z begins a second time: wanted each file once");
}

TEST_F(RecordingFollowerTest, GapsAreSaidWithWhatIsMissing) {
  EXPECT_TRUE(
      Read("a", {Start(0), Tick(5), R"({"firebreak":"gap","events":2007,"batches":2,"ticks":1})", Tick(15), End(16)})
          .ok());
  EXPECT_THAT(Notes(),
              ElementsAre("a:3: 2007 events in 2 batches, 1 evaluation are missing after 2025-11-24T16:00:05Z: "
                          "the disk did not keep up or failed; decisions from there on may differ"));
}

TEST_F(RecordingFollowerTest, AnotherClassificationIsSaidOnce) {
  const Config other = RecordTestRules("classification: {errors: [5xx, 429]}")->config;
  EXPECT_TRUE(Read("a", {Head("start", 0, 0, 1, other), Tick(5)}).ok());
  EXPECT_TRUE(Read("b", {Head("continue", 6, 0, 2, other), Tick(10), End(11)}).ok());
  EXPECT_THAT(Notes(), ElementsAre("a:1: classified otherwise than here: classification.errors: 5xx, 429 then, 5xx, "
                                   "timeout, shape_mismatch, failed here"));
}

TEST_F(RecordingFollowerTest, ABatchThatLostLinesIsSaidAndCounted) {
  EXPECT_TRUE(Read("a", {Start(0), Batch(3), Request(1), Request(2), Tick(5), End(6)}).ok());
  EXPECT_THAT(Notes(), ElementsAre("a:2: the batch that arrived 2025-11-24T16:00:01Z has 2 of its 3 events"));
  EXPECT_EQ(replay_.Finish().tiers[0].total, 2);
}

TEST_F(RecordingFollowerTest, ALineThatIsNoEventIsRefusedAndTheRestRead) {
  const absl::Status status = Read("a", {Start(0), Batch(2), "{\"ts\":5}", Request(1), "{\"firebreak\":\"tick\"}",
                                         R"({"firebreak":"new kind","x":1})", Tick(5), End(6)});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith("a:3: "));
  const ReplaySummary summary = replay_.Finish();
  EXPECT_EQ(summary.events, 1);
  EXPECT_EQ(summary.ticks, 1);
}

TEST_F(RecordingFollowerTest, TimeNeverGoesBackWithinASession) {
  EXPECT_TRUE(Read("a", {Start(0), Tick(20), Tick(15), Tick(20), Tick(25), End(26)}).ok());
  EXPECT_EQ(replay_.Finish().ticks, 2);
}

TEST_F(RecordingFollowerTest, WhatIsNoRecordingIsNamed) {
  EXPECT_EQ(Read("a", {Request(1)}).message(), "a:1: does not begin as a recording does");
  EXPECT_EQ(Read("b", {Tick(5)}).message(), "b:1: does not begin as a recording does");
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
  const absl::Status refused = Read("a", {newer});
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), StartsWith("a:1: start line: format: 9: made by a newer version"));
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
