#ifndef FIREBREAK_STORAGE_LEDGER_DATA_DIRECTORY_H_
#define FIREBREAK_STORAGE_LEDGER_DATA_DIRECTORY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace firebreak {

// A data directory held by this process alone: ledger.db (+ -wal, -shm), `lock`, and `reserve`, a file whose space is
// given back to a full disk so that alert states and the outbox can still be written. Thread-safe.
class DataDirectory {
 public:
  // Creates the directory (0700) and takes its lock, waiting up to `wait` for a process that is just ending.
  // Errors, each naming the path and the way out: FailedPrecondition (locked: by which pid; read-only; not a directory;
  // not ours to enter), ResourceExhausted (full). Nothing is overwritten.
  static absl::StatusOr<std::unique_ptr<DataDirectory>> Open(const std::string& path,
                                                             absl::Duration wait = absl::Seconds(5));
  // Releases the lock.
  ~DataDirectory();

  // Deletes what Open made here (directory, lock, reserve), unless there is something else in it by now. For one that
  // turns out to have nothing to keep.
  void Discard();

  const std::string& path() const { return path_; }
  std::string ledger_path() const { return path_ + "/ledger.db"; }

  // FailedPrecondition, naming the file and the way out, when `lock` was moved, deleted or replaced: another process
  // may hold the directory by now. One stat.
  absl::Status CheckLock();

  // Gives the reserve's space back. Idempotent.
  void ReleaseReserve();
  // Takes it again, if there is room; whether it is held now.
  bool HoldReserve();
  bool reserve_held() const;

 private:
  struct Rep;
  DataDirectory(std::string path, std::unique_ptr<Rep> rep);
  const std::string path_;
  std::unique_ptr<Rep> rep_;
};

// Whether a process holds the data directory `path` at this moment.
bool IsHeldByServer(const std::string& path);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_DATA_DIRECTORY_H_
