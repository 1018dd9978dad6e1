#ifndef FIREBREAK_API_RECORD_RECORDING_DIRECTORY_H_
#define FIREBREAK_API_RECORD_RECORDING_DIRECTORY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace firebreak {

// The recordings in a folder: files named by when they began, so that their names sort in the order of writing.
// firebreak-20251124T160000.123Z.ndjson.zst
struct RecordingFile {
  std::string name;
  int64_t bytes = 0;
};

bool IsRecordingName(std::string_view name);

// Every recording in `directory`, oldest first. Errors: NotFound, PermissionDenied, each naming it.
absl::StatusOr<std::vector<RecordingFile>> ListRecordings(const std::string& directory);

// A folder that one process records into. Thread-compatible.
class RecordingDirectory {
 public:
  // Creates the folder (0700) if need be and locks it. Errors, each naming the folder and the way out:
  // FailedPrecondition (another process records into it; no folder; not writable).
  static absl::StatusOr<std::unique_ptr<RecordingDirectory>> Open(const std::string& path);
  ~RecordingDirectory();

  // Creates the next file (0600), named after `at`, or after the newest one there if that is not older. Returns its
  // descriptor, which the caller closes, and sets `name`.
  absl::StatusOr<int> Create(absl::Time at, std::string& name);

  // Deletes the oldest recordings until all together have `max_bytes` at most. Not while one is being written.
  void Prune(int64_t max_bytes);

 private:
  RecordingDirectory(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  const std::string path_;
  const int descriptor_;  // holds the lock
};

}  // namespace firebreak

#endif  // FIREBREAK_API_RECORD_RECORDING_DIRECTORY_H_
