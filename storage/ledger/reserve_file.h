#ifndef FIREBREAK_STORAGE_LEDGER_RESERVE_FILE_H_
#define FIREBREAK_STORAGE_LEDGER_RESERVE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace firebreak {

// A file that is good for the space it takes: once the disk is full, that can be given away. Thread-compatible.
class ReserveFile {
 public:
  static constexpr int64_t kBytes = 8 << 20;       // or a quarter of the free space, if that is less
  static constexpr int64_t kLeastBytes = 1 << 16;  // less would be of no use

  // Opens or makes `path` and takes the space. What an earlier process held is kept as it is.
  // Errors: ResourceExhausted when there is no room for kLeastBytes, else Unavailable.
  static absl::StatusOr<ReserveFile> Open(const std::string& path);
  ReserveFile(ReserveFile&& other) noexcept;
  ~ReserveFile();

  // Gives the space back; whether that worked.
  bool Release();
  // Takes it again if that leaves half as much free; whether it did.
  bool Hold();
  bool held() const { return held_; }

 private:
  ReserveFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
  int64_t bytes_ = 0;
  bool held_ = false;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_RESERVE_FILE_H_
