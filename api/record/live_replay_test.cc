// A live engine is recorded, restarts included, and the recording replayed: every transition must be the same.

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/codec/gzip.h"
#include "api/record/recorder.h"
#include "api/record/recording_directory.h"
#include "api/record/recording_follower.h"
#include "api/record/testing.h"
#include "api/timeline/timeline.h"
#include "engine/engine_thread.h"
#include "engine/folder.h"
#include "engine/ledger_options.h"
#include "engine/recorded_replay.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/ledger.h"
#include "storage/mutex.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kYaml = R"(
period: 1d
no_data_hold: 6m
source_lost_after: 3m
slo_tiers:
  web:
    availability: 0.99
    p95_ms: 500
    endpoints: [/pay, /cart]
  probes:
    availability: 0.95
    alert_by: endpoint
    max_endpoints: 3
    slo_source: synthetic
    endpoints: ["~^/probe/.*"]
alerts:
  fast: {short: 2m, long: 10m, burn: 5, for: 20s}
  slow: {short: 5m, long: 1h, burn: 2, for: 1m, keep_firing_for: 1m}
)";

std::shared_ptr<const RuleSet> MakeTestRules(std::string yaml = std::string(kYaml)) {
  ParsedConfig parsed = ParseConfig(yaml, "test.yaml");
  EXPECT_TRUE(parsed.config) << (parsed.findings.empty() ? "" : parsed.findings[0].ToString());
  return *RuleSet::Create(*std::move(parsed.config));
}

// A clock that is moved by hand; the engine looks at it again every half millisecond.
class HandClock : public Clock {
 public:
  absl::Time Now() const override {
    MutexLock lock(mutex_);
    return now_;
  }
  absl::Duration RealUntil(absl::Time when) const override {
    return Now() >= when ? absl::ZeroDuration() : absl::Microseconds(500);
  }
  absl::Time ToWall(absl::Time when) const override { return when; }
  void Advance(absl::Duration by) {
    MutexLock lock(mutex_);
    now_ += by;
  }

 private:
  mutable Mutex mutex_;
  absl::Time now_ FIREBREAK_GUARDED_BY(mutex_) = kRecordTestStart + absl::Nanoseconds(123'456'789);
};

class Lines : public TransitionSink {
 public:
  void OnTransition(const Transition& transition) override {
    MutexLock lock(mutex_);
    lines_.push_back(TransitionJson(transition));
  }
  std::vector<std::string> Get() const {
    MutexLock lock(mutex_);
    return lines_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ FIREBREAK_GUARDED_BY(mutex_);
};

// Commits to a real ledger: a batch at once, or when Release is called.
class LedgerJournal : public Journal {
 public:
  LedgerJournal(const std::string& path, const Config& config, TransitionSink& sink)
      : ledger_(*Ledger::Open(path, LedgerOptionsFor(config))), sink_(sink) {}

  bool CommitBatch(BatchRecord batch, std::function<void(Committer::Outcome)> done) override {
    MutexLock lock(mutex_);
    Expect(ledger_->Begin());
    Expect(ledger_->Add(batch).status());
    Expect(ledger_->Commit());
    held_.push_back(std::move(done));
    return true;
  }
  void CommitEvaluation(EvaluationRecord record) override {
    {
      MutexLock lock(mutex_);
      Expect(ledger_->Begin());
      Expect(ledger_->Add(TickRecord{record.at, {}, {}}));
      Expect(ledger_->Commit());
      for (const Labels& identity : record.ended) alerts_.erase(identity);
      for (AlertRecord& alert : record.changed) alerts_.insert_or_assign(alert.identity, std::move(alert));
    }
    for (const Transition& transition : record.transitions) sink_.OnTransition(transition);
  }
  bool Refusing() const override {
    MutexLock lock(mutex_);
    return refusing_;
  }
  void Flush(absl::Duration) override { Release(); }

  // Answers every batch there is.
  void Release() {
    std::vector<std::function<void(Committer::Outcome)>> held;
    {
      MutexLock lock(mutex_);
      held.swap(held_);
    }
    for (const auto& done : held) done({});
  }
  void SetRefusing(bool refusing) {
    MutexLock lock(mutex_);
    refusing_ = refusing;
  }

  // What a restart finds.
  void Restore(Pipeline& pipeline) {
    MutexLock lock(mutex_);
    const auto state = ledger_->LoadState();
    Expect(state.status());
    if (!state->head) return;
    Expect(ledger_->VisitCounts(pipeline.RestoreCounts()));
    std::vector<AlertRecord> alerts;
    for (const auto& [identity, alert] : alerts_) alerts.push_back(alert);
    pipeline.SetMaintenance(maintenance_);
    pipeline.RestoreAlerts(std::move(alerts), *state->head);
  }
  int64_t Batches() const {
    MutexLock lock(mutex_);
    return ledger_->LoadState()->batches;
  }
  void KeepMaintenance(MaintenanceListPtr maintenance) {
    MutexLock lock(mutex_);
    maintenance_ = std::move(maintenance);
  }

 private:
  static void Expect(const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; }

  mutable Mutex mutex_;
  std::unique_ptr<Ledger> ledger_;
  TransitionSink& sink_;
  AlertRecords alerts_ FIREBREAK_GUARDED_BY(mutex_);
  MaintenanceListPtr maintenance_ FIREBREAK_GUARDED_BY(mutex_) = std::make_shared<const MaintenanceList>();
  std::vector<std::function<void(Committer::Outcome)>> held_ FIREBREAK_GUARDED_BY(mutex_);
  bool refusing_ FIREBREAK_GUARDED_BY(mutex_) = false;
};

class LiveReplayTest : public ::testing::Test {
 protected:
  // A server starts, with what it kept if it has kept something.
  void StartServer() {
    recorder_ =
        *Recorder::Open({.directory = recordings_, .file_bytes = 4096, .version = "1", .batches = journal_.Batches()});
    EngineOptions options;
    options.observer = recorder_.get();
    options.restore = [this](Pipeline& pipeline) {
      journal_.Restore(pipeline);
      return absl::OkStatus();
    };
    engine_ = std::make_unique<EngineThread>(rules_, std::move(options), clock_, journal_);
  }
  void StopServer() {
    engine_.reset();
    recorder_->Stop(absl::Seconds(20));
    recorder_.reset();
  }
  void Restart(absl::Duration downtime) {
    StopServer();
    clock_.Advance(downtime);
    StartServer();
  }

  static bool Eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return false;
  }
  void WaitForEngine() {
    std::atomic<bool> done = false;
    engine_->Ask([&done](const Pipeline&) { done = true; });
    ASSERT_TRUE(Eventually([&done] { return done.load(); }));
  }
  // The clock moves on, tick by tick.
  void Pass(absl::Duration time) {
    for (; time > absl::ZeroDuration(); time -= absl::Seconds(5)) {
      const absl::Time before = engine_->snapshot()->at;
      clock_.Advance(absl::Seconds(5));
      ASSERT_TRUE(Eventually([&] { return engine_->snapshot()->at > before; }));
    }
  }

  struct Request {
    std::string endpoint;
    int status = 200;
    absl::Duration age;  // how long ago it says it was
    int latency_ms = 100;
    Source source = Source::kRum;
    int64_t count = 1;
  };
  // Sends a batch; it is counted when Count is called.
  void Send(const std::vector<Request>& requests) {
    Folder folder(engine_->rules());
    BatchRecording recording(recorder_.get(), clock_.Now());
    for (const Request& request : requests) {
      Event event;
      event.time = clock_.Now() - request.age;
      event.endpoint = request.endpoint;
      event.status = request.status;
      event.latency = absl::Milliseconds(request.latency_ms);
      event.source = request.source;
      event.count = request.count;
      folder.Add(event);
      recording.Add(event);
    }
    FoldedBatch batch = folder.Take();
    batch.tag = recording.Take();
    EXPECT_NE(batch.tag, nullptr);
    ASSERT_TRUE(engine_->Submit(std::move(batch), {}, [](const SubmitResult&) {}));
    WaitForEngine();
  }
  void Count() {
    journal_.Release();
    WaitForEngine();
  }
  void SendAndCount(const std::vector<Request>& requests) {
    Send(requests);
    Count();
  }

  // Everything that may happen, at random, for `steps` of five seconds.
  void Story(int steps, std::mt19937& random) {
    const auto chance = [&random](int percent) { return static_cast<int>(random() % 100) < percent; };
    static const std::vector<std::string> kEndpoints = {"/pay",     "/cart?x=1", "/elsewhere", "/probe/a",
                                                        "/probe/b", "/probe/c",  "/probe/d"};
    bool outage = false;
    bool silence = false;
    for (int i = 0; i < steps; ++i) {
      if (chance(3)) outage = !outage;
      if (chance(2)) silence = !silence;
      for (int batch = silence ? 0 : static_cast<int>(random() % 3); batch > 0; --batch) {
        std::vector<Request> requests;
        for (unsigned n = random() % 20 + 1; n > 0; --n) {
          Request request;
          request.endpoint = kEndpoints[random() % kEndpoints.size()];
          request.source = request.endpoint.starts_with("/probe") ? Source::kSynthetic : Source::kRum;
          request.status = chance(outage ? 60 : 1) ? 503 : 200;
          request.latency_ms = chance(outage ? 90 : 2) ? 900 : 90;
          request.count = static_cast<int64_t>(random() % 3) + 1;
          if (chance(20))
            request.age = absl::Nanoseconds(static_cast<int64_t>(random() % 400) * 1'000'000'001);  // late
          if (chance(1)) request.age = absl::Hours(24 * 40);                                        // beyond everything
          if (chance(5)) request.age = -absl::Seconds(static_cast<int64_t>(random() % 30));         // ahead
          requests.push_back(std::move(request));
        }
        Send(requests);
        if (chance(70)) Count();  // else it is counted after the next tick or later
      }
      if (chance(5)) engine_->SignOfLife(chance(50) ? Source::kRum : Source::kSynthetic);
      journal_.SetRefusing(chance(1));
      if (chance(1)) SetMaintenance("probes", clock_.Now() - absl::Minutes(3), clock_.Now() + absl::Minutes(2));
      Pass(absl::Seconds(chance(3) ? 10 : 5));  // some ticks are missed
      if (chance(30)) Count();
    }
    Count();
  }

  void SetMaintenance(const std::string& tier, absl::Time from, absl::Time to) {
    auto list = std::make_shared<MaintenanceList>(*maintenance_);
    MaintenanceWindow window;
    window.tier = tier;
    window.from = from;
    window.to = to;
    window.created_at = clock_.Now();
    ASSERT_TRUE(list->Put(window, rules_->config, clock_.Now()).ok());
    maintenance_ = list;
    journal_.KeepMaintenance(list);
    engine_->SetMaintenance(list, [](const absl::Status&) {});
    WaitForEngine();
  }

  struct Replayed {
    std::vector<std::string> transitions;
    ReplaySummary summary;
    std::vector<std::string> notes;
    absl::Status status;
  };
  // Follows the recordings there are under `rules`; `spoil` may change what is read.
  Replayed Replay(const std::shared_ptr<const RuleSet>& rules,
                  const std::function<bool(size_t file, std::string_view line)>& keep = {}) {
    Replayed replayed;
    Lines lines;
    RecordedReplay replay(rules, {}, rules->config.evaluation_interval, lines);
    RecordingFollower follower(rules->config, replay);
    const std::vector<RecordingFile> files = *ListRecordings(recordings_);
    for (size_t i = 0; i < files.size(); ++i) {
      const auto reader = *LineReader::Open(recordings_ + "/" + files[i].name);
      follower.BeginFile(files[i].name);
      std::string_view line;
      bool truncated = false;
      int64_t number = 0;
      while (reader->Next(line, truncated)) {
        if (keep && !keep(i, line)) continue;
        replayed.status.Update(follower.Take(++number, line));
      }
      if (number > 0) follower.EndFile(RecordingFollower::FileEnd::kWhole);
    }
    follower.Finish();
    replayed.summary = replay.Finish();
    replayed.transitions = lines.Get();
    replayed.notes = follower.notes();
    return replayed;
  }

  const std::string folder_ = FreshPath();
  const std::string recordings_ = folder_ + "/recordings";
  const bool made_ = std::filesystem::create_directories(folder_);
  const std::shared_ptr<const RuleSet> rules_ = MakeTestRules();
  HandClock clock_;
  Lines live_;
  MaintenanceListPtr maintenance_ = std::make_shared<const MaintenanceList>();
  LedgerJournal journal_{folder_ + "/ledger.db", rules_->config, live_};
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<EngineThread> engine_;
};

TEST_F(LiveReplayTest, EveryTransitionIsTheSameAcrossRestarts) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    std::mt19937 random(seed);
    if (engine_ == nullptr) StartServer();
    Story(150, random);
    Restart(absl::Seconds(40));
    Story(150, random);
    Restart(absl::Minutes(9));
    Story(100, random);
  }
  StopServer();
  const Replayed replayed = Replay(rules_);
  EXPECT_TRUE(replayed.status.ok()) << replayed.status;
  EXPECT_THAT(replayed.notes, IsEmpty());
  const std::vector<std::string> live = live_.Get();
  for (size_t i = 0; i < std::min(live.size(), replayed.transitions.size()); ++i) {
    ASSERT_EQ(replayed.transitions[i], live[i]) << "number " << i;
  }
  ASSERT_EQ(replayed.transitions.size(), live.size());
  // The story has something of everything.
  EXPECT_GT(live.size(), 100);
  for (const char* part : {"ErrorBudgetBurn", "LatencyBudgetBurn", "NoData", "IngestRefused", "\"maintenance\"",
                           "\"/probe/a\"", "\"__other__\"", "\"to\":\"resolved\""}) {
    EXPECT_THAT(live, Contains(HasSubstr(part)));
  }
  EXPECT_GT(replayed.summary.late, 0);
}

TEST_F(LiveReplayTest, AServerThatKeptNothingBeginsWithNothingInReplayToo) {
  std::mt19937 random(5);
  StartServer();
  Story(100, random);
  StopServer();
  // Of the same recordings, as if the second server had had no ledger.
  clock_.Advance(absl::Seconds(30));
  recorder_ = *Recorder::Open({.directory = recordings_, .version = "1"});
  MemoryJournal memory(live_);
  EngineOptions options;
  options.observer = recorder_.get();
  engine_ = std::make_unique<EngineThread>(rules_, std::move(options), clock_, memory);
  for (int i = 0; i < 30; ++i) {
    Send({{.endpoint = "/pay", .status = i % 2 == 0 ? 503 : 200, .count = 50}});
    Pass(absl::Seconds(5));
  }
  StopServer();
  const Replayed replayed = Replay(rules_);
  EXPECT_EQ(replayed.transitions, live_.Get());
  EXPECT_THAT(replayed.notes, Contains(HasSubstr("began with nothing")));
}

TEST_F(LiveReplayTest, AnotherConfigurationIsTriedOnWhatCame) {
  std::mt19937 random(9);
  StartServer();
  Story(200, random);
  StopServer();
  std::string yaml(kYaml);
  yaml.replace(yaml.find("0.99"), 4, "0.30");
  yaml.replace(yaml.find("p95_ms: 500"), 11, "p95_ms: 950");
  yaml.replace(yaml.find("burn: 5"), 7, "burn: 1.2");
  yaml.replace(yaml.find("burn: 2"), 7, "burn: 1.1");
  const Replayed tolerant = Replay(MakeTestRules(yaml));
  EXPECT_THAT(live_.Get(), Contains(AllOf(HasSubstr("\"web\""), HasSubstr("\"availability\""))));
  EXPECT_THAT(tolerant.transitions, Not(Contains(HasSubstr("LatencyBudgetBurn"))));
  EXPECT_THAT(tolerant.notes, Contains(HasSubstr("slo_tiers.web.p95_ms: 500 ms then, 950 ms here")));
  // The events are all counted, whatever they count as.
  const Replayed same = Replay(rules_);
  EXPECT_EQ(tolerant.summary.tiers[0].total, same.summary.tiers[0].total);
  EXPECT_GT(same.summary.tiers[0].slow, 0);
  EXPECT_EQ(tolerant.summary.tiers[0].slow, 0);
  // A coarser grid: as many ticks as it has.
  const Replayed coarse = Replay(MakeTestRules("evaluation_interval: 30s\n" + std::string(kYaml)));
  EXPECT_LE(coarse.summary.ticks, same.summary.ticks / 5);
  EXPECT_GE(coarse.summary.ticks, same.summary.ticks / 6);
  EXPECT_THAT(coarse.notes, Contains(HasSubstr("evaluated each 5s then, each 30s here")));
}

TEST_F(LiveReplayTest, AFileThatIsMissingIsSaid) {
  std::mt19937 random(11);
  StartServer();
  for (int files = 0; files < 3; ++files) {
    // What is handed to the system counts for a file's size.
    const int64_t bytes = recorder_->stats().bytes;
    Story(150, random);
    ASSERT_TRUE(Eventually([&] { return recorder_->stats().bytes > bytes + 4096; }));
  }
  StopServer();
  ASSERT_GE(ListRecordings(recordings_)->size(), 3);
  const Replayed replayed = Replay(rules_, [](size_t file, std::string_view) { return file != 1; });
  EXPECT_TRUE(replayed.status.ok()) << replayed.status;
  EXPECT_THAT(replayed.notes, Contains(HasSubstr("1 file before it missing")));
  const Replayed rest = Replay(rules_, [](size_t file, std::string_view) { return file != 0; });
  EXPECT_THAT(
      rest.notes,
      Contains(HasSubstr("file 2 of the session that began 2025-11-24T16:00:00Z; what came before is not there")));
}

}  // namespace
}  // namespace firebreak
