#include "api/record/recording_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr std::string_view kPrefix = "firebreak-";
constexpr std::string_view kTime = "20251124T160000.123Z";  // its shape
constexpr std::string_view kSuffix = ".ndjson.zst";
constexpr char kTimeFormat[] = "%Y%m%dT%H%M%E3SZ";

std::string NameOf(absl::Time at) {
  return fmt::format("{}{}{}", kPrefix, absl::FormatTime(kTimeFormat, at, absl::UTCTimeZone()), kSuffix);
}

// REQUIRES: IsRecordingName(name).
absl::Time TimeOf(std::string_view name) {
  const std::string_view t = name.substr(kPrefix.size(), kTime.size());
  const std::string text = fmt::format("{}-{}-{}T{}:{}:{}", t.substr(0, 4), t.substr(4, 2), t.substr(6, 2),
                                       t.substr(9, 2), t.substr(11, 2), t.substr(13));
  absl::Time at;
  return absl::ParseTime(absl::RFC3339_full, text, &at, nullptr) ? at : absl::UnixEpoch();
}

absl::Status DirectoryFault(const std::string& path, int error) {
  const std::string what = fmt::format("{}: {}", path, std::strerror(error));
  if (error == ENOTDIR || error == EEXIST) {
    return absl::FailedPreconditionError(fmt::format("{}: is no folder; recordings need one of their own", path));
  }
  if (error == EACCES || error == EPERM || error == EROFS) {
    return absl::FailedPreconditionError(what + "; recordings need a folder that can be written");
  }
  return absl::FailedPreconditionError(what);
}

}  // namespace

bool IsRecordingName(std::string_view name) {
  if (name.size() != kPrefix.size() + kTime.size() + kSuffix.size()) return false;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return false;
  const std::string_view time = name.substr(kPrefix.size(), kTime.size());
  return std::equal(time.begin(), time.end(), kTime.begin(), [](char c, char shape) {
    const bool digit = shape >= '0' && shape <= '9';
    return digit ? c >= '0' && c <= '9' : c == shape;
  });
}

absl::StatusOr<std::vector<RecordingFile>> ListRecordings(const std::string& directory) {
  std::error_code error;
  std::vector<RecordingFile> files;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code gone;  // deleted since
    const uintmax_t bytes = IsRecordingName(name) ? it->file_size(gone) : 0;
    if (IsRecordingName(name) && !gone) files.push_back({name, static_cast<int64_t>(bytes)});
  }
  const std::string fault = fmt::format("{}: {}", directory, error.message());
  if (error == std::errc::no_such_file_or_directory) return absl::NotFoundError(fault);
  if (error) return absl::PermissionDeniedError(fault);
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

absl::StatusOr<std::unique_ptr<RecordingDirectory>> RecordingDirectory::Open(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return DirectoryFault(path, errno);
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return DirectoryFault(path, errno);
  std::unique_ptr<RecordingDirectory> directory(new RecordingDirectory(path, descriptor));
  if (faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) != 0) return DirectoryFault(path, errno);
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return directory;
  return absl::FailedPreconditionError(
      fmt::format("{}: another process records into it; give each server a folder of its own", path));
}

RecordingDirectory::~RecordingDirectory() { close(descriptor_); }

absl::StatusOr<int> RecordingDirectory::Create(absl::Time at, std::string& name) {
  const absl::StatusOr<std::vector<RecordingFile>> files = ListRecordings(path_);
  if (!files.ok()) return files.status();
  name = NameOf(at);
  if (!files->empty() && files->back().name >= name) {
    name = NameOf(TimeOf(files->back().name) + absl::Milliseconds(1));
  }
  const std::string file = path_ + "/" + name;
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return absl::UnavailableError(fmt::format("{}: {}", file, std::strerror(errno)));
  return descriptor;
}

void RecordingDirectory::Prune(int64_t max_bytes) {
  const absl::StatusOr<std::vector<RecordingFile>> files = ListRecordings(path_);
  if (!files.ok()) return;
  int64_t bytes = 0;
  for (const RecordingFile& file : *files) bytes += file.bytes;
  for (const RecordingFile& file : *files) {
    if (bytes <= max_bytes) return;
    if (unlink((path_ + "/" + file.name).c_str()) == 0) bytes -= file.bytes;
  }
}

}  // namespace firebreak
