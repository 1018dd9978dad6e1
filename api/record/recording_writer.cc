#include "api/record/recording_writer.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "fmt/format.h"

namespace firebreak {

absl::StatusOr<std::unique_ptr<RecordingWriter>> RecordingWriter::Create(RecordingDirectory& directory, absl::Time at) {
  std::string name;
  const absl::StatusOr<int> descriptor = directory.Create(at, name);
  if (!descriptor.ok()) return descriptor.status();
  return std::unique_ptr<RecordingWriter>(new RecordingWriter(*descriptor, std::move(name), at));
}

RecordingWriter::RecordingWriter(int descriptor, std::string name, absl::Time at)
    : descriptor_(descriptor),
      name_(std::move(name)),
      opened_at_(at),
      zstd_([this](std::string_view packed) { return Write(packed); }) {}

RecordingWriter::~RecordingWriter() { close(descriptor_); }

absl::Status RecordingWriter::Write(std::string_view packed) {
  while (!packed.empty()) {
    const ssize_t written = write(descriptor_, packed.data(), packed.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::UnavailableError(fmt::format("{}: {}", name_, std::strerror(errno)));
    packed.remove_prefix(static_cast<size_t>(written));
    bytes_ += written;
  }
  return absl::OkStatus();
}

absl::Status RecordingWriter::Close() {
  absl::Status status = zstd_.EndFrame();
  if (status.ok() && fdatasync(descriptor_) != 0) {
    status = absl::UnavailableError(fmt::format("{}: {}", name_, std::strerror(errno)));
  }
  return status;
}

}  // namespace firebreak
