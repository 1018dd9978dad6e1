#ifndef FIREBREAK_STORAGE_LEDGER_FILE_IN_PLACE_H_
#define FIREBREAK_STORAGE_LEDGER_FILE_IN_PLACE_H_

#include <sys/types.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/status/status.h"

namespace firebreak {

// Remembers which file lies at a path, and how large it was. SQLite goes on writing into what it has opened, wherever
// that is by now: this notices that it was moved, deleted, replaced or truncated. (What is written over without getting
// shorter goes unnoticed.) Thread-compatible.
class FileInPlace {
 public:
  // Those who write it may shorten the file, though never below `shortened_to` bytes.
  explicit FileInPlace(std::string path, int64_t shortened_to = std::numeric_limits<int64_t>::max());

  // FailedPrecondition, naming the file and the way out, when another file lies there now, or none, or it is shorter
  // than it can be. One stat.
  absl::Status Check();

 private:
  struct Seen {
    dev_t device;
    ino_t inode;
    int64_t bytes;
  };
  static std::optional<Seen> Look(const std::string& path);

  std::string path_;
  int64_t shortened_to_;
  std::optional<Seen> seen_;  // the file, at its largest
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_FILE_IN_PLACE_H_
