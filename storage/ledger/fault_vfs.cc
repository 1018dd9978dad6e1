#include "storage/ledger/fault_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "absl/time/time.h"
#include "storage/ledger/testing.h"
#include "storage/mutex.h"

namespace firebreak {
namespace {

// A write, or where `truncates`, a cut at `offset`.
struct Change {
  int64_t offset = 0;
  std::string bytes;
  bool truncates = false;
};

void Apply(const Change& change, std::string& content) {
  if (change.truncates) {
    content.resize(change.offset);
    return;
  }
  content.resize(std::max<size_t>(content.size(), change.offset + change.bytes.size()));
  content.replace(change.offset, change.bytes.size(), change.bytes);
}

// What a file holds on a disk that forgets what was not synced.
struct Durable {
  std::string synced;
  std::vector<Change> unsynced;
};

}  // namespace

struct FaultVfs::Rep {
  // An open file: SQLite allocates this and the system's file behind it.
  struct File {
    sqlite3_file base;
    Rep* rep;
    const char* path;  // SQLite's, good while the file is open; nullptr for temporary files
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static File& Of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static Rep& Of(sqlite3_vfs* vfs) { return *static_cast<Rep*>(vfs->pAppData); }

  Rep();
  ~Rep() { sqlite3_vfs_unregister(&vfs); }

  // What is to go wrong with the operation that is about to happen; waits if it is to hang.
  Fault Next();
  int Fail(int code, int error) {
    last_error = error;
    return code;
  }
  void Note(const File& file, Change change);
  void NoteSync(const File& file);

  static int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags);
  static int Delete(sqlite3_vfs* vfs, const char* path, int sync_directory);
  static int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset);
  static int Truncate(sqlite3_file* file, sqlite3_int64 size);
  static int Sync(sqlite3_file* file, int flags);

  std::string name;
  sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
  sqlite3_vfs vfs = *system;
  sqlite3_io_methods methods{};
  std::atomic<int> last_error{0};  // kept, like errno, until healed: SQLite asks late

  mutable Mutex mutex;
  mutable CondVar changed;
  int64_t operations FIREBREAK_GUARDED_BY(mutex) = 0;
  int64_t fail_at FIREBREAK_GUARDED_BY(mutex) = 0;
  Fault fault FIREBREAK_GUARDED_BY(mutex) = Fault::kNone;
  Lasting lasting FIREBREAK_GUARDED_BY(mutex) = Lasting::kOnce;
  int hanging FIREBREAK_GUARDED_BY(mutex) = 0;
  Syncs syncs FIREBREAK_GUARDED_BY(mutex) = Syncs::kHonest;
  Opening opening FIREBREAK_GUARDED_BY(mutex) = Opening::kAllowed;
  std::map<std::string, Durable> files FIREBREAK_GUARDED_BY(mutex);
};

FaultVfs::Rep::Rep() {
  static std::atomic<int> count{0};
  name = "fault" + std::to_string(++count);
  vfs.pNext = nullptr;
  vfs.zName = name.c_str();
  vfs.szOsFile = static_cast<int>(sizeof(File)) + system->szOsFile;
  vfs.pAppData = this;
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = [](sqlite3_vfs* v, const char* path, int flags, int* out) {
    return Of(v).system->xAccess(Of(v).system, path, flags, out);
  };
  vfs.xFullPathname = [](sqlite3_vfs* v, const char* path, int size, char* out) {
    return Of(v).system->xFullPathname(Of(v).system, path, size, out);
  };
  vfs.xGetLastError = [](sqlite3_vfs* v, int size, char* out) {
    const int error = Of(v).last_error;
    return error != 0 ? error : Of(v).system->xGetLastError(Of(v).system, size, out);
  };

  methods.iVersion = 2;  // without memory mapping
  methods.xClose = [](sqlite3_file* f) { return Of(f).real()->pMethods->xClose(Of(f).real()); };
  methods.xRead = [](sqlite3_file* f, void* out, int size, sqlite3_int64 offset) {
    return Of(f).real()->pMethods->xRead(Of(f).real(), out, size, offset);
  };
  methods.xWrite = Write;
  methods.xTruncate = Truncate;
  methods.xSync = Sync;
  methods.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
    return Of(f).real()->pMethods->xFileSize(Of(f).real(), size);
  };
  methods.xLock = [](sqlite3_file* f, int level) { return Of(f).real()->pMethods->xLock(Of(f).real(), level); };
  methods.xUnlock = [](sqlite3_file* f, int level) { return Of(f).real()->pMethods->xUnlock(Of(f).real(), level); };
  methods.xCheckReservedLock = [](sqlite3_file* f, int* out) {
    return Of(f).real()->pMethods->xCheckReservedLock(Of(f).real(), out);
  };
  methods.xFileControl = [](sqlite3_file* f, int operation, void* argument) {
    if (operation == SQLITE_FCNTL_LAST_ERRNO && Of(f).rep->last_error != 0) {
      *static_cast<int*>(argument) = Of(f).rep->last_error;
      return SQLITE_OK;
    }
    return Of(f).real()->pMethods->xFileControl(Of(f).real(), operation, argument);
  };
  methods.xSectorSize = [](sqlite3_file* f) { return Of(f).real()->pMethods->xSectorSize(Of(f).real()); };
  methods.xDeviceCharacteristics = [](sqlite3_file* f) {
    return Of(f).real()->pMethods->xDeviceCharacteristics(Of(f).real());
  };
  methods.xShmMap = [](sqlite3_file* f, int region, int size, int extend, void volatile** out) {
    return Of(f).real()->pMethods->xShmMap(Of(f).real(), region, size, extend, out);
  };
  methods.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
    return Of(f).real()->pMethods->xShmLock(Of(f).real(), offset, n, flags);
  };
  methods.xShmBarrier = [](sqlite3_file* f) { Of(f).real()->pMethods->xShmBarrier(Of(f).real()); };
  methods.xShmUnmap = [](sqlite3_file* f, int remove) {
    return Of(f).real()->pMethods->xShmUnmap(Of(f).real(), remove);
  };
  sqlite3_vfs_register(&vfs, /*makeDflt=*/0);
}

FaultVfs::Fault FaultVfs::Rep::Next() {
  MutexLock lock(mutex);
  ++operations;
  const bool now = fault != Fault::kNone && --fail_at <= 0;
  if (!now) return Fault::kNone;
  const Fault present = fault;
  if (present == Fault::kHang) {
    ++hanging;
    changed.NotifyAll();
    while (fault == Fault::kHang) changed.Wait(mutex);
    --hanging;
    return Fault::kNone;
  }
  if (lasting == Lasting::kOnce) fault = Fault::kNone;
  return present;
}

void FaultVfs::Rep::Note(const File& file, Change change) {
  if (file.path == nullptr) return;
  MutexLock lock(mutex);
  files[file.path].unsynced.push_back(std::move(change));
}

void FaultVfs::Rep::NoteSync(const File& file) {
  if (file.path == nullptr) return;
  MutexLock lock(mutex);
  Durable& durable = files[file.path];
  for (const Change& change : durable.unsynced) Apply(change, durable.synced);
  durable.unsynced.clear();
}

int FaultVfs::Rep::Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  Rep& rep = Of(vfs);
  file->pMethods = nullptr;
  Opening opening;
  {
    MutexLock lock(rep.mutex);
    opening = rep.opening;
    if (path != nullptr && rep.files.count(path) == 0) rep.files[path].synced = ReadFile(path);
  }
  if (opening == Opening::kDenied) return rep.Fail(SQLITE_CANTOPEN, EACCES);
  if (opening == Opening::kReadOnly) {
    if (flags & SQLITE_OPEN_CREATE && !(flags & SQLITE_OPEN_MAIN_DB)) return rep.Fail(SQLITE_CANTOPEN, EROFS);
    flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
  }
  File& opened = Of(file);
  opened.rep = &rep;
  opened.path = path;
  const int code = rep.system->xOpen(rep.system, path, opened.real(), flags, out_flags);
  if (code == SQLITE_OK) file->pMethods = &rep.methods;
  return code;
}

int FaultVfs::Rep::Delete(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  Rep& rep = Of(vfs);
  {
    MutexLock lock(rep.mutex);
    rep.files.erase(path);
  }
  return rep.system->xDelete(rep.system, path, sync_directory);
}

int FaultVfs::Rep::Write(sqlite3_file* f, const void* bytes, int size, sqlite3_int64 offset) {
  File& file = Of(f);
  Rep& rep = *file.rep;
  const Fault fault = rep.Next();
  if (fault == Fault::kIoError) return rep.Fail(SQLITE_IOERR_WRITE, EIO);
  if (fault == Fault::kDiskFull) return rep.Fail(SQLITE_FULL, ENOSPC);
  const int written = fault == Fault::kShortWrite ? size / 2 : size;
  const int code = file.real()->pMethods->xWrite(file.real(), bytes, written, offset);
  if (code != SQLITE_OK) return code;
  rep.Note(file, {offset, std::string(static_cast<const char*>(bytes), written)});
  return fault == Fault::kShortWrite ? rep.Fail(SQLITE_FULL, 0) : SQLITE_OK;
}

int FaultVfs::Rep::Truncate(sqlite3_file* f, sqlite3_int64 size) {
  File& file = Of(f);
  Rep& rep = *file.rep;
  if (rep.Next() != Fault::kNone) return rep.Fail(SQLITE_IOERR_TRUNCATE, EIO);
  const int code = file.real()->pMethods->xTruncate(file.real(), size);
  if (code == SQLITE_OK) rep.Note(file, {size, "", /*truncates=*/true});
  return code;
}

int FaultVfs::Rep::Sync(sqlite3_file* f, int flags) {
  File& file = Of(f);
  Rep& rep = *file.rep;
  const Fault fault = rep.Next();
  if (fault != Fault::kNone) return rep.Fail(SQLITE_IOERR_FSYNC, fault == Fault::kDiskFull ? ENOSPC : EIO);
  {
    MutexLock lock(rep.mutex);
    if (rep.syncs == Syncs::kSwallowed) return SQLITE_OK;
  }
  const int code = file.real()->pMethods->xSync(file.real(), flags);
  if (code == SQLITE_OK) rep.NoteSync(file);
  return code;
}

FaultVfs::FaultVfs() : rep_(std::make_unique<Rep>()) {}
FaultVfs::~FaultVfs() = default;

const std::string& FaultVfs::name() const { return rep_->name; }

int64_t FaultVfs::operations() const {
  MutexLock lock(rep_->mutex);
  return rep_->operations;
}

void FaultVfs::FailAt(int64_t n, Fault fault, Lasting lasting) {
  MutexLock lock(rep_->mutex);
  rep_->fail_at = n;
  rep_->fault = fault;
  rep_->lasting = lasting;
}

void FaultVfs::Heal() {
  MutexLock lock(rep_->mutex);
  rep_->fault = Fault::kNone;
  rep_->last_error = 0;
  rep_->changed.NotifyAll();
}

bool FaultVfs::AwaitHang() const {
  MutexLock lock(rep_->mutex);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (rep_->hanging == 0 && std::chrono::steady_clock::now() < deadline) {
    rep_->changed.WaitFor(rep_->mutex, absl::Milliseconds(100));
  }
  return rep_->hanging > 0;
}

void FaultVfs::SetSyncs(Syncs syncs) {
  MutexLock lock(rep_->mutex);
  rep_->syncs = syncs;
}

void FaultVfs::SetOpening(Opening opening) {
  MutexLock lock(rep_->mutex);
  rep_->opening = opening;
}

void FaultVfs::PowerCut(const std::string& folder, uint32_t seed) const {
  MutexLock lock(rep_->mutex);
  std::minstd_rand random(seed);
  for (const auto& [path, durable] : rep_->files) {
    std::string content = durable.synced;
    for (const Change& change : durable.unsynced) {
      if (seed != 0 && random() % 2 == 0) Apply(change, content);
    }
    WriteFile(folder + path.substr(path.find_last_of('/')), content);
  }
}

}  // namespace firebreak
