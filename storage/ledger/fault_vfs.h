#ifndef FIREBREAK_STORAGE_LEDGER_FAULT_VFS_H_
#define FIREBREAK_STORAGE_LEDGER_FAULT_VFS_H_

#include <cstdint>
#include <memory>
#include <string>

namespace firebreak {

// A SQLite VFS for tests: the system's, whose writes, truncations and syncs fail on request, and which knows what of
// its files would be left after a power cut. Thread-safe; must outlive every database opened with it.
class FaultVfs {
 public:
  enum class Fault {
    kNone,
    kIoError,     // EIO, nothing is written
    kDiskFull,    // ENOSPC, nothing is written
    kShortWrite,  // half is written; truncations and syncs fail with EIO
    kHang,        // waits for Heal, then does what was asked
  };
  enum class Lasting { kOnce, kUntilHealed };
  enum class Syncs { kHonest, kSwallowed };
  enum class Opening { kAllowed, kDenied, kReadOnly };

  // Registers it with SQLite under name().
  FaultVfs();
  ~FaultVfs();
  const std::string& name() const;

  // Writes, truncations and syncs so far.
  int64_t operations() const;
  // From now on the `n`th (1 is the next) fails, and, if it is to last, all after it. Replaces what was asked before.
  void FailAt(int64_t n, Fault fault, Lasting lasting);
  // No faults from now on; what hangs goes on.
  void Heal();
  // Waits until something hangs; false if nothing does for half a minute.
  bool AwaitHang() const;

  // Swallowed syncs say that they are done, and are not: a bug to be found.
  void SetSyncs(Syncs syncs);
  void SetOpening(Opening opening);

  // Writes into `folder` what is left of every file after a power cut at this moment: all that was synced, and of what
  // was written since nothing (seed 0), or an arbitrary part.
  void PowerCut(const std::string& folder, uint32_t seed) const;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_FAULT_VFS_H_
