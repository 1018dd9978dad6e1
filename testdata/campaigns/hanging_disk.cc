// A disk that hangs, to be preloaded (LD_PRELOAD): while the file $HANG_WHILE exists, whoever writes, truncates or
// syncs a file below the folder $HANG_BELOW waits, as a process does whose disk does not answer. All else is as ever.
// It needs no privileges, which freezing a file system does.

#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

constexpr auto kBetweenLooks = std::chrono::milliseconds(5);

std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Where an open file lies; "" if the system does not say.
std::string PathOf(int fd) {
  char path[4096];
  const ssize_t size = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof(path));
  return size < 0 ? "" : std::string(path, size);
}

void WaitForDisk(int fd) {
  static const std::string flag = Setting("HANG_WHILE");
  static const std::string folder = Setting("HANG_BELOW") + "/";
  if (!PathOf(fd).starts_with(folder)) return;
  while (access(flag.c_str(), F_OK) == 0) std::this_thread::sleep_for(kBetweenLooks);
}

// Waits, then calls libc's own function of this name.
template <typename Result, typename... Arguments>
Result CallWhenDiskAnswers(const char* name, int fd, Arguments... arguments) {
  WaitForDisk(fd);
  const auto real = reinterpret_cast<Result (*)(int, Arguments...)>(dlsym(RTLD_NEXT, name));
  return real(fd, arguments...);
}

}  // namespace

extern "C" {

int fsync(int fd) { return CallWhenDiskAnswers<int>("fsync", fd); }
int fdatasync(int fd) { return CallWhenDiskAnswers<int>("fdatasync", fd); }
int ftruncate(int fd, off_t size) noexcept { return CallWhenDiskAnswers<int>("ftruncate", fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return CallWhenDiskAnswers<int>("ftruncate64", fd, size); }
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return CallWhenDiskAnswers<ssize_t>("pwrite", fd, bytes, size, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return CallWhenDiskAnswers<ssize_t>("pwrite64", fd, bytes, size, offset);
}

}  // extern "C"
