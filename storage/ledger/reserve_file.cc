#include "storage/ledger/reserve_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "fmt/format.h"

namespace firebreak {
namespace {

// Bytes that may still be written where `fd` is; none if the system does not say.
int64_t FreeBytes(int fd) {
  struct statvfs disk;
  if (fstatvfs(fd, &disk) != 0) return 0;
  return static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
}

int64_t SizeOf(int fd) {
  struct stat file;
  return fstat(fd, &file) == 0 ? file.st_size : 0;
}

}  // namespace

absl::StatusOr<ReserveFile> ReserveFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    const std::string message = fmt::format("{}: cannot be made: {}", path, std::strerror(errno));
    return errno == ENOSPC ? absl::ResourceExhaustedError(message) : absl::UnavailableError(message);
  }
  ReserveFile reserve(path, fd);
  const int64_t before = SizeOf(fd);
  reserve.bytes_ = std::min(kBytes, before + FreeBytes(fd) / 4);
  if (reserve.bytes_ < kLeastBytes || posix_fallocate(fd, 0, reserve.bytes_) != 0) {
    return absl::ResourceExhaustedError(
        fmt::format("{}: the disk is full ({} bytes are free): make room", path, FreeBytes(fd)));
  }
  reserve.held_ = true;
  return reserve;
}

ReserveFile::ReserveFile(ReserveFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), bytes_(other.bytes_), held_(other.held_) {}

ReserveFile::~ReserveFile() {
  if (fd_ >= 0) close(fd_);
}

bool ReserveFile::Release() {
  if (held_) held_ = ftruncate(fd_, 0) != 0;
  return !held_;
}

bool ReserveFile::Hold() {
  if (held_) return true;
  if (FreeBytes(fd_) < bytes_ + bytes_ / 2) return false;
  held_ = posix_fallocate(fd_, 0, bytes_) == 0;
  if (!held_) (void)!ftruncate(fd_, 0);  // what it took before it failed
  return held_;
}

}  // namespace firebreak
