#ifndef FIREBREAK_API_RECORD_RECORDING_WRITER_H_
#define FIREBREAK_API_RECORD_RECORDING_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/codec/zstd.h"
#include "api/record/recording_directory.h"

namespace firebreak {

// One recording while it is written. After an error it is left as it is: readable up to about there. Thread-compatible.
class RecordingWriter {
 public:
  // Errors: as RecordingDirectory::Create.
  static absl::StatusOr<std::unique_ptr<RecordingWriter>> Create(RecordingDirectory& directory, absl::Time at);
  // Closes the file, its frame not ended unless Close was called.
  ~RecordingWriter();

  absl::Status Append(std::string_view text) { return zstd_.Append(text); }
  // Hands what was appended to the system.
  absl::Status Flush() { return zstd_.Flush(); }
  // Ends the file and waits until it is on disk.
  absl::Status Close();

  const std::string& name() const { return name_; }
  absl::Time opened_at() const { return opened_at_; }
  int64_t bytes() const { return bytes_; }

 private:
  RecordingWriter(int descriptor, std::string name, absl::Time at);
  absl::Status Write(std::string_view packed);

  const int descriptor_;
  const std::string name_;
  const absl::Time opened_at_;
  int64_t bytes_ = 0;
  ZstdWriter zstd_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_RECORD_RECORDING_WRITER_H_
