#include "storage/ledger/file_in_place.h"

#include <sys/stat.h>

#include "fmt/format.h"

namespace firebreak {

FileInPlace::FileInPlace(std::string path) : path_(std::move(path)), identity_(IdentityOf(path_)) {}

// What cannot be seen is not there, for whatever reason.
std::optional<FileInPlace::Identity> FileInPlace::IdentityOf(const std::string& path) {
  struct stat found;
  if (stat(path.c_str(), &found) != 0) return std::nullopt;
  return Identity(found.st_dev, found.st_ino);
}

absl::Status FileInPlace::Check() const {
  if (identity_ && IdentityOf(path_) == identity_) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}: moved, deleted or replaced while in use: put it back, or restart Firebreak", path_));
}

}  // namespace firebreak
