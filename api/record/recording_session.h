#ifndef FIREBREAK_API_RECORD_RECORDING_SESSION_H_
#define FIREBREAK_API_RECORD_RECORDING_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/record/recording_directory.h"
#include "api/record/recording_format.h"
#include "api/record/recording_writer.h"
#include "engine/clock.h"
#include "engine/engine_observer.h"

namespace firebreak {

// What is not in a recording.
struct MissingEntries {
  int64_t batches = 0;
  int64_t events = 0;
  int64_t ticks = 0;
  int64_t heartbeats = 0;

  bool none() const { return batches + events + ticks + heartbeats == 0; }
  MissingEntries& operator+=(const MissingEntries& other);
};

// The "gap" line that says so.
std::string GapLine(const MissingEntries& missing);

// Whole lines that go into one file together.
struct RecordingEntry {
  BatchTag text;         // nullptr: none
  MissingEntries holds;  // what is missing without it
  // kStart: a session begins. kContinue: what the heads of later files say from here on.
  std::shared_ptr<const ControlLine> context;
};

// The files of one process, one after the other, each with its head. After a fault the file is left as it is and the
// next one begins with a gap line for what may be missing. Thread-compatible; it belongs to the recorder's thread.
class RecordingSession {
 public:
  struct Limits {
    int64_t max_bytes = 0;
    int64_t file_bytes = 0;
    absl::Duration file_age;
  };
  struct Totals {
    int64_t files = 0;
    int64_t bytes = 0;
    MissingEntries lost;
  };

  // `clock` names the files and tells their age.
  RecordingSession(std::unique_ptr<RecordingDirectory> directory, Limits limits, std::shared_ptr<const Clock> clock);

  // Makes sure that a file is open.
  absl::Status Open();
  absl::Status Write(const RecordingEntry& entry);
  // Instead of Write: the entry is lost.
  void Skip(const RecordingEntry& entry);
  // Hands everything to the system.
  absl::Status Flush();
  // Ends the file, if one is open.
  absl::Status Close();

  const Totals& totals() const { return totals_; }

 private:
  void TakeContext(const RecordingEntry& entry);
  absl::Status WriteHead(const RecordingEntry& first);
  absl::Status Append(std::string_view text);
  // Passes `status` on; after a fault the file is given up.
  absl::Status Checked(absl::Status status);
  bool FileIsFull() const;

  const std::unique_ptr<RecordingDirectory> directory_;
  const Limits limits_;
  const std::shared_ptr<const Clock> clock_;
  std::unique_ptr<RecordingWriter> file_;
  bool has_head_ = false;  // of file_
  ControlLine context_;
  MissingEntries unflushed_;  // in file_, and not handed to the system yet
  MissingEntries gap_;        // to be said at the head of the next file
  Totals totals_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_RECORD_RECORDING_SESSION_H_
