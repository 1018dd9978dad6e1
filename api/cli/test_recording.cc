#include "api/cli/test_recording.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <variant>

#include "api/cli/progress.h"
#include "api/cli/read_notes.h"
#include "api/cli/recording.h"
#include "api/cli/replay_run.h"
#include "api/record/recording_follower.h"
#include "engine/recorded_replay.h"
#include "engine/replay.h"
#include "engine/ruletest/judge.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

// What reading found, as notes: lines that were refused, and where the file is cut off.
void AddNotes(const ReadTotals& totals, std::vector<std::string>& notes) {
  if (totals.rejected > 0) {
    notes.push_back(fmt::format("{} line{} rejected, the first: {}", totals.rejected, totals.rejected == 1 ? "" : "s",
                                totals.reasons[0]));
  }
  notes.insert(notes.end(), totals.notes.begin(), totals.notes.end());
}

absl::Status NothingRead(const std::string& path) {
  return absl::InvalidArgumentError(fmt::format("{}: not one event could be read: is the format right?", path));
}

// By the events' own times, as a log.
absl::StatusOr<TestOutcome> RunByEventTime(const RuleTest& test, const RecordedTraffic& traffic, Recording& recording,
                                           const std::string& path, TestDelivery& delivery) {
  Config config = test.rules->config;
  config.allowed_lateness = std::max(config.allowed_lateness, traffic.lateness);
  absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(std::move(config));
  if (!rules.ok()) return rules.status();
  ReadTotals totals;
  Judge judge(test, delivery);
  const auto on_reject = [&](int64_t line, std::string_view reason) {
    Reject(totals, fmt::format("{}:{}: {}", path, line, reason));
  };
  ReplayDriver driver(*rules, {(*rules)->config.external_url}, {test.step, traffic.lateness}, judge, on_reject);
  driver.Observe(judge);
  Recording::Callbacks callbacks;
  callbacks.on_event = [&](const Event& event, int64_t line) { driver.Offer(event, line); };
  callbacks.on_reject = on_reject;
  callbacks.on_progress = [](int64_t, int64_t) {};
  const absl::Status read = recording.Read(callbacks);
  if (!read.ok() && !recording.cut_off()) return read;
  TakeEnd(recording, path, read, totals).IgnoreError();  // it is a note, which is enough for a test
  if (driver.Finish().events == 0) return NothingRead(path);
  TestOutcome outcome = judge.Finish();
  AddNotes(totals, outcome.notes);
  return outcome;
}

// As the engine of `serve --record` went then.
absl::StatusOr<TestOutcome> RunAsRecorded(const RuleTest& test, Recording& recording, const std::string& path,
                                          TestDelivery& delivery) {
  ReadTotals totals;
  Judge judge(test, delivery);
  RecordedReplay replay(test.rules, {test.rules->config.external_url}, test.step, judge);
  replay.Observe(judge);
  RecordingFollower follower(test.rules->config, replay);
  Progress progress("test");
  const absl::Status followed = FollowFile(recording, path, follower, totals, progress);
  if (!followed.ok()) return followed;
  follower.Finish();
  if (replay.Finish().events == 0) return NothingRead(path);
  TestOutcome outcome = judge.Finish();
  totals.notes = follower.notes();
  AddNotes(totals, outcome.notes);
  return outcome;
}

// A test is of what was: a pipe is not there twice.
absl::Status CheckIsFile(const std::string& path) {
  std::error_code error;
  if (path != "-" && !std::filesystem::is_other(path, error)) return absl::OkStatus();
  return absl::InvalidArgumentError(path + ": not a regular file");
}

}  // namespace

absl::StatusOr<TestOutcome> RunRecordedTest(const RuleTest& test, const std::string& path, TestDelivery& delivery) {
  const RecordedTraffic& traffic = std::get<RecordedTraffic>(test.traffic);
  if (absl::Status status = CheckIsFile(path); !status.ok()) return status;
  const absl::StatusOr<std::unique_ptr<Recording>> recording = Recording::Open(path, traffic.format);
  if (!recording.ok()) return recording.status();
  const bool as_recorded =
      (traffic.format == "auto" || traffic.format == "events") && BeginsRecording((*recording)->FirstLine());
  return as_recorded ? RunAsRecorded(test, **recording, path, delivery)
                     : RunByEventTime(test, traffic, **recording, path, delivery);
}

}  // namespace firebreak
