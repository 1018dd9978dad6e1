#ifndef FIREBREAK_API_RECORD_RECORDING_FOLLOWER_H_
#define FIREBREAK_API_RECORD_RECORDING_FOLLOWER_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/codec/event_json.h"
#include "api/record/recording_format.h"
#include "engine/recorded_replay.h"
#include "rules/config.h"
#include "rules/fingerprint.h"

namespace firebreak {

// Whether a file that begins with this line is a recording of `serve --record`.
bool BeginsRecording(std::string_view first_line);

// Reads the lines of recordings, file by file in the order they were written, and has a RecordedReplay follow them.
// What people should know of the recording (gaps, files that are missing, sessions without an end, another
// configuration) is gathered as notes. Errors and notes name the place: "file:line: ...". Thread-compatible.
class RecordingFollower {
 public:
  static constexpr size_t kMaxNotes = 40;

  // `config` is the one that `replay` goes by. Both must outlive it.
  RecordingFollower(const Config& config, RecordedReplay& replay);

  // The lines that follow are those of the file `name`.
  void BeginFile(std::string name);
  // Takes the next line, which is the `number`th of the file, from 1. Errors: InvalidArgument for a line that was
  // refused: reading may go on. FailedPrecondition when the recording cannot be followed: a newer format, no head, or a
  // file that came before.
  absl::Status Take(int64_t number, std::string_view line);
  // The file is over. kCutOff: it was not ended by its writer.
  enum class FileEnd { kWhole, kCutOff };
  void EndFile(FileEnd end);
  // Nothing comes any more.
  void Finish();

  const std::vector<std::string>& notes() const { return notes_; }

 private:
  absl::Status TakeLine(std::string_view line);
  absl::Status TakeEvent(std::string_view line);
  absl::Status TakeControl(const ControlLine& line);
  absl::Status TakeHead(const ControlLine& head);
  void NoteStart(const ControlLine& head);
  absl::Status NoteContinue(const ControlLine& head);
  // Says what is missing between the last evaluation there is and the ledger that the server went on with.
  void NoteWhatTheLedgerHas(const ControlLine& start);
  void NoteOpenSession();
  // What changed since the configuration that the recording spoke of last; "" = nothing that it knows of.
  std::string Changes(const Fingerprint& after) const;
  void NoteReload(const ControlLine& reload);
  void NoteFingerprint(const Fingerprint& then);
  void NoteGap(const ControlLine& gap);
  void CheckBatch();
  std::string LastEvaluation() const;
  // Notes something about the line that is being read, or about the whole recording.
  void NoteHere(std::string_view text);
  void Note(std::string text);

  void SetMaintenance(absl::Time at, const std::vector<MaintenanceWindow>& windows);

  const Config& config_;
  const Fingerprint fingerprint_;
  RecordedReplay& replay_;
  EventDecoder decoder_;
  std::string file_name_;
  int64_t line_ = 0;  // of it
  bool file_has_head_ = false;
  std::optional<ControlLine> head_;         // the last one
  std::set<absl::Time> begun_;              // sessions that have begun
  bool session_open_ = false;               // it had no end yet
  std::optional<absl::Time> last_at_;       // the last evaluation
  std::optional<int64_t> counted_batches_;  // up to this line, where the recording says it
  std::optional<ControlLine> batch_;        // the one whose events are being read
  int64_t batch_line_ = 0;
  int64_t batch_events_ = 0;
  Fingerprint fingerprint_then_;
  std::vector<std::string> notes_;
  int64_t notes_left_out_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_RECORD_RECORDING_FOLLOWER_H_
