#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "api/codec/gzip.h"
#include "api/codec/gzip_stream.h"
#include "api/codec/unpack_stream.h"
#include "api/codec/zstd_stream.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr size_t kMaxLineBytes = size_t{1} << 20;
constexpr size_t kBufferBytes = size_t{256} << 10;

// An open file, or standard input.
class InputFile {
 public:
  InputFile(int descriptor, bool owned, int64_t bytes_total)
      : descriptor_(descriptor), owned_(owned), bytes_total_(bytes_total) {}
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() {
    if (owned_) close(descriptor_);
  }

  // Returns 0 at the end.
  absl::StatusOr<size_t> Read(char* out, size_t size) {
    ssize_t got = -1;
    do {
      got = read(descriptor_, out, size);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return absl::ErrnoToStatus(errno, "read");
    bytes_read_ += got;
    return static_cast<size_t>(got);
  }

  int64_t bytes_read() const { return bytes_read_; }
  int64_t bytes_total() const { return bytes_total_; }

 private:
  const int descriptor_;
  const bool owned_;
  const int64_t bytes_total_;
  int64_t bytes_read_ = 0;
};

// What undoes the packing of a file that begins like this; nullptr if it is not packed.
std::unique_ptr<UnpackStream> UnpackerFor(std::string_view beginning) {
  if (beginning.starts_with("\x1f\x8b")) return std::make_unique<GunzipStream>();
  if (UnzstdStream::Recognizes(beginning)) return std::make_unique<UnzstdStream>();
  return nullptr;
}

// The text of a file, unpacked if it is gzip or zstd.
class TextSource {
 public:
  explicit TextSource(std::unique_ptr<InputFile> file) : file_(std::move(file)), raw_(kBufferBytes, '\0') {}

  // Returns 0 at the end.
  absl::StatusOr<size_t> Read(char* out, size_t size) {
    if (!began_) {
      const absl::Status began = Begin();
      if (!began.ok()) return began;
    }
    return unpacker_ ? ReadUnpacked(out, size) : ReadPlain(out, size);
  }

  const InputFile& file() const { return *file_; }
  bool cut_off() const { return cut_off_; }

 private:
  // Reads enough to see whether the file is packed; a pipe may give a single byte at first.
  absl::Status Begin() {
    size_t held = 0;
    while (held < kMagicBytes) {
      const absl::StatusOr<size_t> got = file_->Read(raw_.data() + held, raw_.size() - held);
      if (!got.ok()) return got.status();
      if (*got == 0) break;
      held += *got;
    }
    began_ = true;
    input_ = std::string_view(raw_.data(), held);
    unpacker_ = UnpackerFor(input_);
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> ReadPlain(char* out, size_t size) {
    if (input_.empty()) return file_->Read(out, size);
    const size_t taken = input_.copy(out, size);
    input_.remove_prefix(taken);
    return taken;
  }

  absl::StatusOr<size_t> ReadUnpacked(char* out, size_t size) {
    while (true) {
      if (input_.empty() && !unpacker_->has_output()) {
        const absl::StatusOr<size_t> got = file_->Read(raw_.data(), raw_.size());
        if (!got.ok()) return got.status();
        if (*got == 0) return AtEnd();
        input_ = std::string_view(raw_.data(), *got);
      }
      const absl::StatusOr<size_t> unpacked = unpacker_->Read(input_, out, size);
      if (!unpacked.ok()) return absl::DataLossError(unpacked.status().message());
      if (*unpacked > 0) return *unpacked;
    }
  }

  absl::StatusOr<size_t> AtEnd() {
    if (unpacker_->between_members()) return size_t{0};
    cut_off_ = true;
    return absl::DataLossError("the file is cut off");
  }

  static constexpr size_t kMagicBytes = 4;

  std::unique_ptr<InputFile> file_;
  std::string raw_;
  std::string_view input_;  // what of raw_ is not used yet
  std::unique_ptr<UnpackStream> unpacker_;
  bool began_ = false;
  bool cut_off_ = false;
};

class FileLineReader : public LineReader {
 public:
  FileLineReader(std::string name, std::unique_ptr<InputFile> file)
      : name_(std::move(name)), source_(std::move(file)), buffer_(kBufferBytes, '\0') {}

  bool Next(std::string_view& line, bool& truncated) override {
    long_line_.clear();
    bool began = false;
    while (true) {
      const size_t end = pending_.find('\n');
      if (end != std::string_view::npos) {
        Finish(pending_.substr(0, end), line, truncated);
        pending_.remove_prefix(end + 1);
        return true;
      }
      began = began || !pending_.empty();
      Keep(pending_);
      if (!Refill()) break;
    }
    if (!began || !status_.ok()) return false;  // a line that a fault cut short is none
    Finish({}, line, truncated);
    return true;
  }

  absl::Status status() const override { return status_; }
  bool cut_off() const override { return source_.cut_off(); }
  int64_t bytes_read() const override { return source_.file().bytes_read(); }
  int64_t bytes_total() const override { return source_.file().bytes_total(); }

 private:
  static constexpr size_t kKeptBytes = kMaxLineBytes + 2;  // with "\r", and one more to see that it is too long

  // Keeps the beginning of a line that goes on beyond the buffer.
  void Keep(std::string_view part) {
    if (long_line_.size() < kKeptBytes) long_line_.append(part.substr(0, kKeptBytes - long_line_.size()));
  }

  // `last` is the end of the line.
  void Finish(std::string_view last, std::string_view& line, bool& truncated) {
    line = last;
    if (!long_line_.empty()) {
      Keep(last);
      line = long_line_;
    }
    if (line.size() <= kMaxLineBytes + 1 && !line.empty() && line.back() == '\r') line.remove_suffix(1);
    truncated = line.size() > kMaxLineBytes;
    line = line.substr(0, kMaxLineBytes);
  }

  // Returns false at the end or at a fault.
  bool Refill() {
    pending_ = {};
    if (!status_.ok()) return false;
    const absl::StatusOr<size_t> got = source_.Read(buffer_.data(), buffer_.size());
    if (!got.ok()) {
      status_ = absl::Status(got.status().code(), fmt::format("{}: {}", name_, std::string(got.status().message())));
      return false;
    }
    pending_ = std::string_view(buffer_.data(), *got);
    return !pending_.empty();
  }

  const std::string name_;
  TextSource source_;
  std::string buffer_;
  std::string_view pending_;  // what of buffer_ is not returned yet
  std::string long_line_;     // a line in more than one buffer, as far as it was read
  absl::Status status_;
};

// A device such as /dev/zero, which no line of text comes out of. A terminal ends, and so does /dev/null.
bool IsEndless(const struct stat& about, int descriptor) {
  struct stat null = {};
  const bool is_null = stat("/dev/null", &null) == 0 && null.st_rdev == about.st_rdev;
  return S_ISCHR(about.st_mode) && !is_null && isatty(descriptor) == 0;
}

absl::Status OpenError(const std::string& path, int error) {
  const std::string message = fmt::format("{}: {}", path, std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  return absl::InvalidArgumentError(message);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LineReader>> LineReader::Open(const std::string& path) {
  if (path == "-") {
    return std::make_unique<FileLineReader>("standard input", std::make_unique<InputFile>(STDIN_FILENO, false, 0));
  }
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return OpenError(path, errno);
  struct stat about = {};
  fstat(descriptor, &about);
  auto file = std::make_unique<InputFile>(descriptor, true, S_ISREG(about.st_mode) ? about.st_size : 0);
  if (S_ISDIR(about.st_mode)) return absl::InvalidArgumentError(fmt::format("{}: is a directory", path));
  if (IsEndless(about, descriptor)) return absl::InvalidArgumentError(fmt::format("{}: is a device", path));
  return std::make_unique<FileLineReader>(path, std::move(file));
}

}  // namespace firebreak
