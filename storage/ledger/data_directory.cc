#include "storage/ledger/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "storage/ledger/file_in_place.h"
#include "storage/ledger/ledger_file.h"
#include "storage/ledger/reserve_file.h"
#include "storage/mutex.h"

namespace firebreak {
namespace {

constexpr auto kBetweenTries = std::chrono::milliseconds(20);

// A file of ours, closed at the end.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

absl::Status SystemError(const std::string& path, int error) {
  if (error == ENOSPC || error == EDQUOT) {
    return absl::ResourceExhaustedError(fmt::format("{}: the disk is full: make room", path));
  }
  if (error == EROFS) {
    return absl::FailedPreconditionError(
        fmt::format("{}: on a read-only file system: mount it for writing, or name another data directory", path));
  }
  return absl::FailedPreconditionError(
      fmt::format("{}: {}: let this user write there, or name another data directory", path, std::strerror(error)));
}

std::string ParentOf(const std::string& path) {
  const size_t end = path.find_last_not_of('/');
  const size_t slash = path.find_last_of('/', end);
  if (slash == std::string::npos) return ".";
  return path.substr(0, std::max<size_t>(slash, 1));
}

absl::Status MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) return SyncDirectoryOf(path);
  if (errno == ENOENT) {
    return absl::FailedPreconditionError(
        fmt::format("{}: cannot be made, its parent folder is missing: mkdir -p {}", path, ParentOf(path)));
  }
  if (errno != EEXIST) return SystemError(path, errno);
  struct stat found;
  if (stat(path.c_str(), &found) != 0) return SystemError(path, errno);
  if (S_ISDIR(found.st_mode)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}: not a directory: move it aside, or name another data directory", path));
}

bool IsThere(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

std::string ReadPid(int fd) {
  char text[24] = {};
  const ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
  return size > 0 ? std::string(text, size) : "unknown";
}

absl::Status WritePid(const std::string& path, int fd) {
  const std::string pid = std::to_string(getpid());
  if (ftruncate(fd, 0) == 0 && pwrite(fd, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size())) {
    return absl::OkStatus();
  }
  return SystemError(path, errno);
}

absl::StatusOr<File> Lock(const std::string& directory, absl::Duration wait) {
  const std::string path = directory + "/lock";
  File file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.fd() < 0) return SystemError(path, errno);
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(wait);
  while (flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return SystemError(path, errno);
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::FailedPreconditionError(
          fmt::format("{}: in use by the process with pid {}: stop that process, or name another data directory",
                      directory, ReadPid(file.fd())));
    }
    std::this_thread::sleep_for(kBetweenTries);
  }
  if (absl::Status status = WritePid(path, file.fd()); !status.ok()) return status;
  return file;
}

}  // namespace

struct DataDirectory::Rep {
  Rep(File l, FileInPlace p, ReserveFile r) : lock(std::move(l)), lock_in_place(std::move(p)), reserve(std::move(r)) {}

  const File lock;
  std::vector<std::string> made;  // by Open: files, then the directory
  Mutex mutex;
  FileInPlace lock_in_place FIREBREAK_GUARDED_BY(mutex);
  ReserveFile reserve FIREBREAK_GUARDED_BY(mutex);
  std::atomic<bool> reserve_held{true};  // asked for while the disk may hang
};

absl::StatusOr<std::unique_ptr<DataDirectory>> DataDirectory::Open(const std::string& path, absl::Duration wait) {
  std::vector<std::string> made;
  for (const std::string& what : {path + "/lock", path + "/reserve", path}) {
    if (!IsThere(what)) made.push_back(what);
  }
  if (absl::Status status = MakeDirectory(path); !status.ok()) return status;
  absl::StatusOr<File> lock = Lock(path, wait);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<ReserveFile> reserve = ReserveFile::Open(path + "/reserve");
  if (!reserve.ok()) return reserve.status();
  auto rep = std::make_unique<Rep>(*std::move(lock), FileInPlace(path + "/lock", 0), *std::move(reserve));
  rep->made = std::move(made);
  return std::unique_ptr<DataDirectory>(new DataDirectory(path, std::move(rep)));
}

DataDirectory::DataDirectory(std::string path, std::unique_ptr<Rep> rep)
    : path_(std::move(path)), rep_(std::move(rep)) {}

DataDirectory::~DataDirectory() = default;

void DataDirectory::Discard() {
  for (const std::string& what : std::exchange(rep_->made, {})) std::remove(what.c_str());
}

absl::Status DataDirectory::CheckLock() {
  MutexLock lock(rep_->mutex);
  return rep_->lock_in_place.Check();
}

void DataDirectory::ReleaseReserve() {
  MutexLock lock(rep_->mutex);
  rep_->reserve_held = !rep_->reserve.Release();
}

bool DataDirectory::HoldReserve() {
  MutexLock lock(rep_->mutex);
  const bool held = rep_->reserve.Hold();
  rep_->reserve_held = held;
  return held;
}

bool DataDirectory::reserve_held() const { return rep_->reserve_held; }

bool IsHeldByServer(const std::string& path) {
  const File lock(open((path + "/lock").c_str(), O_RDONLY | O_CLOEXEC));
  return lock.fd() >= 0 && flock(lock.fd(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace firebreak
