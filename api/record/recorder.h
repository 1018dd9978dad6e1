#ifndef FIREBREAK_API_RECORD_RECORDER_H_
#define FIREBREAK_API_RECORD_RECORDER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/record/recording_format.h"
#include "engine/clock.h"
#include "engine/engine_observer.h"
#include "rules/event.h"

namespace firebreak {

struct MissingEntries;

struct RecorderOptions {
  std::string directory;
  int64_t max_bytes = int64_t{1} << 30;       // of all files together; the oldest are deleted
  int64_t file_bytes = int64_t{64} << 20;     // a file that has as many is followed by the next …
  absl::Duration file_age = absl::Hours(1);   // … or one that is as old
  int64_t waiting_bytes = int64_t{64} << 20;  // text that may wait for the disk
  std::string version;
  int64_t batches = 0;  // how many the ledger had counted that the engine begins with
};

struct RecorderStats {
  int64_t files = 0;
  int64_t bytes = 0;    // packed, handed to the system
  int64_t batches = 0;  // taken for writing
  int64_t events = 0;
  int64_t dropped_batches = 0;  // not taken, since too much waited, or lost to a failing disk
  int64_t dropped_events = 0;
  int64_t waiting_bytes = 0;
  int64_t errors = 0;
  std::string error;  // why the last write failed; "" after a success
};

// Writes what the engine does to a folder of recordings (recording_format.h): zstd, rotated, oldest deleted first.
//   (1) Never blocks and never fails its callers: a thread of its own writes. What does not fit is dropped and counted,
//       and a "gap" line stands in its place.
//   (2) What comes is handed to the system at once, or 10 ms after what was handed to it before. So a killed process
//       leaves a file that can be read up to an instant, and has everything up to there. A closed file is on disk.
//   (3) After a failed write a new file is tried every five seconds.
// Thread-safe.
class Recorder : public EngineObserver {
 public:
  // Creates and locks the folder. `clock` names files and tells their age. Errors: InvalidArgument (a limit), or as
  // RecordingDirectory::Open.
  static absl::StatusOr<std::unique_ptr<Recorder>> Open(
      RecorderOptions options, std::shared_ptr<const Clock> clock = std::make_shared<RealClock>());
  // Stops within 5 s.
  ~Recorder() override;

  // EngineObserver
  void OnStart(absl::Time at, std::shared_ptr<const RuleSet> rules, std::optional<absl::Time> resumed) override;
  void OnApplied(const BatchTag& tag, int64_t events) override;
  void OnTick(absl::Time at, Ingest ingest) override;
  void OnSignOfLife(Source source, absl::Time at) override;
  void OnReload(absl::Time at, std::shared_ptr<const RuleSet> rules) override;
  void OnMaintenance(absl::Time at, MaintenanceListPtr windows) override;

  RecorderStats stats() const;

  // Ends the session and closes its file; gives up after `deadline`, when the disk hangs. What comes later is ignored.
  // Idempotent.
  void Stop(absl::Duration deadline);

 private:
  friend class BatchRecording;
  struct Rep;
  class Room;
  Recorder(std::shared_ptr<Rep> rep, const RecorderOptions& options, std::shared_ptr<const Clock> clock);

  void Control(const ControlLine& line, const MissingEntries& holds);
  // Writes `line`, and what context_ says by now into the heads of later files. Rare: it always has room.
  void ChangeContext(const ControlLine& line);

  const std::shared_ptr<Rep> rep_;  // shared with the thread, which a disk that hangs may keep longer
  const std::shared_ptr<Room> room_;
  const std::shared_ptr<const Clock> clock_;
  ControlLine context_;  // the engine thread's, as is:
  int64_t batches_;      // counted by the ledger and since
  std::thread thread_;   // of whoever calls Stop
};

// The text of one batch, made on the thread that decodes it. Thread-compatible.
class BatchRecording {
 public:
  // Without a recorder (nullptr) nothing is made. The tag may outlive the recorder.
  BatchRecording(const Recorder* recorder, absl::Time arrived);
  BatchRecording(const BatchRecording&) = delete;
  BatchRecording& operator=(const BatchRecording&) = delete;
  ~BatchRecording();

  void Add(const Event& event);

  // For FoldedBatch::tag; nullptr when nothing is recorded or too much waits for the disk already.
  BatchTag Take();

 private:
  void GiveUp();

  std::shared_ptr<Recorder::Room> room_;  // nullptr: nothing is recorded, or not any more
  int64_t reserved_ = 0;                  // of room_
  const absl::Time arrived_;
  EventLineWriter writer_;
  std::string text_;
  int64_t events_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_RECORD_RECORDER_H_
