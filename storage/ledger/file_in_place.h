#ifndef FIREBREAK_STORAGE_LEDGER_FILE_IN_PLACE_H_
#define FIREBREAK_STORAGE_LEDGER_FILE_IN_PLACE_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace firebreak {

// Remembers which file lies at a path. SQLite goes on writing into what it has opened, wherever that is by now: this
// notices that it was moved, deleted or replaced. Thread-compatible.
class FileInPlace {
 public:
  explicit FileInPlace(std::string path);

  // FailedPrecondition, naming the file and the way out, when another file lies there now, or none. One stat.
  absl::Status Check() const;

 private:
  using Identity = std::pair<dev_t, ino_t>;
  static std::optional<Identity> IdentityOf(const std::string& path);

  std::string path_;
  std::optional<Identity> identity_;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_FILE_IN_PLACE_H_
