#include "api/record/recorder.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "api/record/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mutex.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Stands still while it is held, like a disk that hangs.
class HangingClock : public Clock {
 public:
  absl::Time Now() const override {
    MutexLock lock(mutex_);
    while (held_) wake_.Wait(mutex_);
    return kRecordTestStart;
  }
  absl::Duration RealUntil(absl::Time) const override { return absl::ZeroDuration(); }
  absl::Time ToWall(absl::Time when) const override { return when; }

  void Release() {
    MutexLock lock(mutex_);
    held_ = false;
    wake_.NotifyAll();
  }

 private:
  mutable Mutex mutex_;
  mutable CondVar wake_;
  bool held_ FIREBREAK_GUARDED_BY(mutex_) = true;
};

class RecorderTest : public ::testing::Test {
 protected:
  RecorderTest() {
    options_.directory = FreshPath();
    options_.version = "1.2.3";
  }

  void Open() {
    absl::StatusOr<std::unique_ptr<Recorder>> recorder = Recorder::Open(options_, clock_);
    ASSERT_TRUE(recorder.ok()) << recorder.status();
    recorder_ = *std::move(recorder);
  }
  void Start() {
    Open();
    recorder_->OnStart(At(0), rules_, std::nullopt);
  }
  void Stop() { recorder_->Stop(absl::Seconds(20)); }

  // A batch of one request to each of `endpoints` that the engine counts.
  void Apply(int second, const std::vector<std::string>& endpoints) {
    recorder_->OnApplied(Render(second, endpoints), static_cast<int64_t>(endpoints.size()));
  }
  BatchTag Render(int second, const std::vector<std::string>& endpoints) {
    BatchRecording batch(recorder_.get(), At(second));
    for (const std::string& endpoint : endpoints) {
      Event event;
      event.time = At(second);
      event.endpoint = endpoint;
      event.status = 200;
      batch.Add(event);
    }
    return batch.Take();
  }
  void Tick(int second) { recorder_->OnTick(At(second), EngineObserver::Ingest::kOpen); }

  static absl::Time At(int second) { return kRecordTestStart + absl::Seconds(second); }

  std::vector<std::string> Lines() const { return ReadRecordings(options_.directory).lines; }
  size_t NumFiles() const { return ListRecordings(options_.directory)->size(); }

  // Polls until `condition` holds.
  static bool Eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return false;
  }

  RecorderOptions options_;
  std::shared_ptr<SimulatedClock> simulated_ = std::make_shared<SimulatedClock>(kRecordTestStart);
  std::shared_ptr<const Clock> clock_ = simulated_;
  std::shared_ptr<const RuleSet> rules_ = RecordTestRules();
  std::unique_ptr<Recorder> recorder_;
};

TEST_F(RecorderTest, WritesWhatTheEngineDoesInItsOrder) {
  options_.batches = 41;
  Open();
  recorder_->OnStart(At(0), rules_, At(-60));
  Apply(1, {"/a", "/b"});
  Tick(5);
  recorder_->OnSignOfLife(Source::kSynthetic, At(6));
  recorder_->OnTick(At(10), EngineObserver::Ingest::kRefusing);
  recorder_->OnReload(At(11), RecordTestRules("classification: {errors: non_2xx}"));
  simulated_->AdvanceTo(At(12));
  Stop();
  const RecordedText text = ReadRecordings(options_.directory);
  EXPECT_TRUE(text.status.ok()) << text.status;
  EXPECT_THAT(
      text.lines,
      ElementsAre(
          StartsWith(R"({"firebreak":"start","at":"2025-11-24T16:00:00Z","format":1,"session":"2025-11-24T16:00:00Z",)"
                     R"("file":1,"version":"1.2.3","evaluation_interval":"5s","resumed":"2025-11-24T15:59:00Z",)"
                     R"("counted_batches":41,"fingerprint":{"classification.client_errors":"count",)"),
          R"({"firebreak":"batch","arrived":"2025-11-24T16:00:01Z","events":2})",
          R"({"ts":"2025-11-24T16:00:01Z","endpoint":"/a","status":200})",
          R"({"ts":"2025-11-24T16:00:01Z","endpoint":"/b","status":200})",
          R"({"firebreak":"tick","at":"2025-11-24T16:00:05Z","counted_batches":42})",
          R"({"firebreak":"heartbeat","at":"2025-11-24T16:00:06Z","source":"synthetic"})",
          R"({"firebreak":"tick","at":"2025-11-24T16:00:10Z","refusing":true,"counted_batches":42})",
          AllOf(StartsWith(R"({"firebreak":"reload","at":"2025-11-24T16:00:11Z","fingerprint":{)"),
                HasSubstr(R"("classification.errors":"non_2xx")")),
          R"({"firebreak":"end","at":"2025-11-24T16:00:12Z"})"));
  const RecorderStats stats = recorder_->stats();
  EXPECT_EQ(stats.files, 1);
  EXPECT_EQ(stats.batches, 1);
  EXPECT_EQ(stats.events, 2);
  EXPECT_EQ(stats.dropped_events, 0);
  EXPECT_EQ(stats.waiting_bytes, 0);
  EXPECT_EQ(stats.bytes, ListRecordings(options_.directory)->front().bytes);
}

TEST_F(RecorderTest, WhatCameCanBeReadAtOnceWithoutAnEnd) {
  Start();
  const absl::Time began = absl::Now();
  for (int i = 1; i <= 10; ++i) {
    Tick(5 * i);
    EXPECT_TRUE(Eventually([this, i] { return Lines().size() == static_cast<size_t>(i) + 1; })) << Lines().size();
  }
  EXPECT_LT(absl::Now() - began, absl::Seconds(5)) << "each is written when it comes, not once a second";
  EXPECT_EQ(ReadRecordings(options_.directory).status.code(), absl::StatusCode::kDataLoss) << "the file is not ended";
}

TEST_F(RecorderTest, FilesAreFollowedByTheNextAtTheirSize) {
  options_.file_bytes = 4096;
  options_.max_bytes = 1 << 20;
  Start();
  std::vector<std::string> endpoints;
  for (uint64_t i = 1; i <= 2000; ++i) endpoints.push_back(fmt::format("/{:x}", i * 0x9E3779B97F4A7C15));
  for (int i = 0; i < 4; ++i) Apply(i, endpoints);
  Stop();
  const auto files = *ListRecordings(options_.directory);
  EXPECT_EQ(files.size(), 5);  // each batch fills a file, the end has its own
  const std::vector<std::string> lines = Lines();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](const auto& l) { return l.starts_with("{\"ts\""); }), 8000);
  EXPECT_THAT(lines, Contains(AllOf(StartsWith(R"({"firebreak":"continue",)"), HasSubstr(R"("file":3,)"),
                                    HasSubstr(R"("session":"2025-11-24T16:00:00Z")"))));
}

TEST_F(RecorderTest, FilesAreFollowedByTheNextAtTheirAge) {
  options_.file_age = absl::Minutes(10);
  Start();
  Tick(5);
  ASSERT_TRUE(Eventually([this] { return Lines().size() == 2; }));
  simulated_->AdvanceTo(At(599));
  Tick(599);
  ASSERT_TRUE(Eventually([this] { return Lines().size() == 3; }));
  EXPECT_EQ(NumFiles(), 1);
  simulated_->AdvanceTo(At(600));
  Tick(600);
  ASSERT_TRUE(Eventually([this] { return Lines().size() == 5; }));
  EXPECT_EQ(NumFiles(), 2);
  EXPECT_THAT(Lines()[3], StartsWith(R"({"firebreak":"continue","at":"2025-11-24T16:10:00Z")"));
}

TEST_F(RecorderTest, TheOldestFilesMakeRoom) {
  options_.file_bytes = 4096;
  options_.max_bytes = 40'000;
  Start();
  std::vector<std::string> endpoints;
  for (uint64_t i = 1; i <= 500; ++i) endpoints.push_back(fmt::format("/{:x}", i * 0x9E3779B97F4A7C15));
  for (int i = 0; i < 40; ++i) Apply(i, endpoints);
  Stop();
  int64_t bytes = 0;
  const std::vector<RecordingFile> files = *ListRecordings(options_.directory);
  for (const RecordingFile& file : files) bytes += file.bytes;
  EXPECT_LE(bytes, options_.max_bytes);
  EXPECT_GT(bytes, options_.max_bytes / 2);
  const std::vector<std::string> lines = Lines();
  EXPECT_THAT(lines.front(), StartsWith(R"({"firebreak":"continue")"));
  EXPECT_THAT(lines.back(), StartsWith(R"({"firebreak":"end")"));
}

TEST_F(RecorderTest, WhatDoesNotFitIsAGapInItsPlace) {
  options_.waiting_bytes = 80'000;
  Start();
  const BatchTag waiting = Render(1, {"/x"});  // takes little of the room once it is made
  EXPECT_NE(waiting, nullptr);
  Apply(1, {"/a"});
  const std::vector<std::string> many(2000, "/much");
  EXPECT_EQ(Render(2, many), nullptr);
  recorder_->OnApplied(nullptr, 2000);
  recorder_->OnApplied(nullptr, 7);
  Apply(3, {"/b"});
  Stop();
  EXPECT_THAT(Lines(), ElementsAre(StartsWith(R"({"firebreak":"start")"), HasSubstr("batch"), HasSubstr("\"/a\""),
                                   R"({"firebreak":"gap","events":2007,"batches":2})", HasSubstr("batch"),
                                   HasSubstr("\"/b\""), HasSubstr("end")));
  EXPECT_EQ(recorder_->stats().dropped_events, 2007);
  EXPECT_EQ(recorder_->stats().dropped_batches, 2);
  EXPECT_EQ(recorder_->stats().events, 2);
}

TEST_F(RecorderTest, ADiskThatHangsBlocksNobody) {
  const auto hanging = std::make_shared<HangingClock>();
  clock_ = hanging;
  options_.waiting_bytes = 1 << 20;
  Start();
  int64_t not_rendered = 0;
  for (int i = 0; i < 10'000; ++i) {
    Tick(5 * i);
    if (Render(i, {"/a", "/b", "/c"}) == nullptr) ++not_rendered;
    Apply(i, {"/a", "/b", "/c"});
  }
  EXPECT_GT(not_rendered, 0);
  EXPECT_GT(recorder_->stats().dropped_events, 0);
  EXPECT_LE(recorder_->stats().waiting_bytes, 3 << 20);
  hanging->Release();
  Stop();
  const RecordedText text = ReadRecordings(options_.directory);
  EXPECT_TRUE(text.status.ok()) << text.status;
  EXPECT_THAT(text.lines, Contains(StartsWith(R"({"firebreak":"gap")")));
}

TEST_F(RecorderTest, StoppingDoesNotWaitForADiskThatHangs) {
  const auto hanging = std::make_shared<HangingClock>();
  options_.directory = FreshPath();
  absl::StatusOr<std::unique_ptr<Recorder>> recorder = Recorder::Open(options_, hanging);
  ASSERT_TRUE(recorder.ok());
  (*recorder)->OnTick(At(5), EngineObserver::Ingest::kOpen);
  // No session began, so nothing but the thread asks the clock.
  (*recorder)->Stop(absl::Milliseconds(50));
  recorder->reset();
  hanging->Release();
  EXPECT_TRUE(Eventually([this] { return Recorder::Open(options_).ok(); })) << "the thread ends, and its lock with it";
}

TEST_F(RecorderTest, NothingIsMadeWithoutARecorder) {
  BatchRecording batch(nullptr, At(0));
  Event event;
  event.endpoint = "/";
  batch.Add(event);
  EXPECT_EQ(batch.Take(), nullptr);
}

TEST_F(RecorderTest, ATagOutlivesItsRecorder) {
  Start();
  const BatchTag tag = Render(1, {"/a"});
  recorder_.reset();
  EXPECT_THAT(*tag, HasSubstr("\"/a\""));
}

TEST_F(RecorderTest, LimitsThatCannotBeKeptAreRefused) {
  const auto refusal = [this] { return std::string(Recorder::Open(options_).status().message()); };
  options_.file_bytes = 4095;
  EXPECT_EQ(refusal(), "--record-file-bytes 4095: wanted at least 4096");
  options_.file_bytes = 5000;
  options_.max_bytes = 9999;
  EXPECT_EQ(refusal(), "--record-max-bytes 9999: wanted at least twice --record-file-bytes 5000");
  options_.max_bytes = 10000;
  options_.file_age = absl::Milliseconds(999);
  EXPECT_EQ(refusal(), "--record-file-age: wanted at least 1s");
  options_.file_age = absl::Seconds(1);
  EXPECT_EQ(refusal(), "");
}

}  // namespace
}  // namespace firebreak
