#include "storage/ledger/file_in_place.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace firebreak {

FileInPlace::FileInPlace(std::string path, int64_t shortened_to)
    : path_(std::move(path)), shortened_to_(shortened_to), seen_(Look(path_)) {}

// What cannot be seen is not there, for whatever reason.
std::optional<FileInPlace::Seen> FileInPlace::Look(const std::string& path) {
  struct stat found;
  if (stat(path.c_str(), &found) != 0) return std::nullopt;
  return Seen{found.st_dev, found.st_ino, found.st_size};
}

absl::Status FileInPlace::Check() {
  const std::optional<Seen> now = Look(path_);
  if (!seen_ || !now || now->device != seen_->device || now->inode != seen_->inode) {
    return absl::FailedPreconditionError(
        fmt::format("{}: moved, deleted or replaced while in use: put it back, or restart Firebreak", path_));
  }
  if (now->bytes < std::min(seen_->bytes, shortened_to_)) {
    return absl::FailedPreconditionError(fmt::format(
        "{}: truncated while in use, {} bytes of {} are left: restart Firebreak, with a backup in its place "
        "if it does not start",
        path_, now->bytes, seen_->bytes));
  }
  seen_->bytes = std::max(seen_->bytes, now->bytes);
  return absl::OkStatus();
}

}  // namespace firebreak
