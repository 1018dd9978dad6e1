#ifndef FIREBREAK_API_CLI_REPLAY_RUN_H_
#define FIREBREAK_API_CLI_REPLAY_RUN_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/cli/event_files.h"
#include "api/cli/progress.h"
#include "api/cli/recording.h"
#include "api/timeline/timeline.h"
#include "engine/transition.h"
#include "rules/config.h"

namespace firebreak {

// What `firebreak replay` was asked for; "" = not given.
struct ReplayArguments {
  std::string config;
  std::vector<std::string> files;
  std::string format = "auto";
  std::string step;
  std::string lateness;
  std::string fail_on;
  bool json = false;
  std::vector<std::string> explain;
  std::string html;
  bool by_event_time = false;
  std::string data_dir;
  std::string since;
  std::string into;
  std::string to;
  std::string token_file;
  double speed = 1;
};

// The ways of replay. Each prints what happened and returns the exit code.

// Events by their timestamps: logs of any kind.
int ReplayByEventTime(const ReplayArguments& arguments, Recordings recordings);
// Recordings of `serve --record`, as the engine went then.
int ReplayAsRecorded(const ReplayArguments& arguments, Recordings recordings);
// The tier counts of a ledger.
int ReplayLedger(const ReplayArguments& arguments);
// A new ledger from logs.
int BackfillLedger(const ReplayArguments& arguments, Recordings recordings);

// --- what they share ---

class RecordingFollower;

// Has `follower` follow one file. Errors: what makes following impossible, or damage other than a file that is cut off.
absl::Status FollowFile(Recording& recording, const std::string& file, RecordingFollower& follower, ReadTotals& totals,
                        Progress& progress);

// Prints the fault; the exit code for it.
int FailReplay(const absl::Status& status);

void PrintSummary(const ReplayArguments& arguments, const Config& config, const ReplaySummary& summary,
                  const ReadTotals& read, const AlertTotals& alerts);

// The exit code of a replay whose input was read: 1 when --fail-on says so.
int VerdictOf(const ReplayArguments& arguments, const AlertTotals& alerts);

// The value of an option that is a duration, `otherwise` when it is "".
absl::StatusOr<absl::Duration> DurationOption(std::string_view name, const std::string& text, absl::Duration otherwise);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_REPLAY_RUN_H_
