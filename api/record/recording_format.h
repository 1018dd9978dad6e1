#ifndef FIREBREAK_API_RECORD_RECORDING_FORMAT_H_
#define FIREBREAK_API_RECORD_RECORDING_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/maintenance.h"
#include "rules/event.h"
#include "rules/fingerprint.h"

namespace firebreak {

// The lines of a recording: what came in, in the engine's order. docs/recording-format.md is the reference.
//   (1) A line is an event, in one canonical form of the event format, or a control line: an object whose first field
//       is "firebreak" and says what kind it is.
//   (2) The slot of every event is that of the original, and every latency equal to the nanosecond.

inline constexpr int kRecordingFormat = 1;

// Appends one event and a newline. Keeps the text of the last second: one for each thread. Thread-compatible.
class EventLineWriter {
 public:
  void Append(const Event& event, std::string& out);

 private:
  void AppendTime(absl::Time time, std::string& out);

  int64_t second_ = 0;
  std::string second_text_;  // "2025-11-24T16:00:00"; "" before the first
};

struct ControlLine {
  enum class Kind {
    kStart,        // an engine began: at, and everything up to fingerprint
    kContinue,     // a further file of the same session: as kStart, without `resumed` and `counted_batches`
    kBatch,        // `events` event lines follow, which were counted together; at = when they arrived
    kTick,         // every rule was evaluated at `at`, `counted_batches` counted before
    kHeartbeat,    // the feed of `source` was alive at `at`
    kReload,       // another configuration was taken over at `at`; fingerprint
    kMaintenance,  // the maintenance windows there are from `at` on; maintenance
    kGap,          // something is missing here: events, batches, ticks, heartbeats
    kEnd,          // the session ended in order, at `at`
    kUnknown,      // of a kind that this version does not know; to be skipped
  };
  Kind kind = Kind::kUnknown;
  absl::Time at;

  absl::Time session;  // when the session's engine began
  int64_t file = 1;    // of the session, from 1
  std::string version;
  absl::Duration evaluation_interval;
  std::optional<absl::Time> resumed;  // the last evaluation of the state it took over; absent: it began with nothing
  Fingerprint fingerprint;
  // Id, tier, from and to; heads say the windows that were in force, kMaintenance the new ones.
  std::vector<MaintenanceWindow> maintenance;

  // kStart, kTick: how many batches were counted until then, those in the ledger of kStart included; absent in
  // recordings of firebreak 0.1.
  std::optional<int64_t> counted_batches;
  int64_t events = 0;
  bool refusing = false;  // kTick: ingest was being refused
  Source source = Source::kRum;

  int64_t batches = 0;
  int64_t ticks = 0;
  int64_t heartbeats = 0;
};

// With a newline.
std::string ControlLineText(const ControlLine& line);

bool IsControlLine(std::string_view line);
// Errors, each naming the line's kind, the field, what stands there and what was wanted: InvalidArgument;
// FailedPrecondition for a format newer than kRecordingFormat.
// REQUIRES: IsControlLine(line).
absl::StatusOr<ControlLine> ParseControlLine(std::string_view line);

}  // namespace firebreak

#endif  // FIREBREAK_API_RECORD_RECORDING_FORMAT_H_
