#ifndef FIREBREAK_STORAGE_MUTEX_H_
#define FIREBREAK_STORAGE_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

// Clang's thread-safety annotations; nothing under other compilers.
#if defined(__clang__)
#define FIREBREAK_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define FIREBREAK_THREAD_ANNOTATION(x)
#endif
#define FIREBREAK_GUARDED_BY(x) FIREBREAK_THREAD_ANNOTATION(guarded_by(x))
#define FIREBREAK_REQUIRES(x) FIREBREAK_THREAD_ANNOTATION(requires_capability(x))
#define FIREBREAK_EXCLUDES(x) FIREBREAK_THREAD_ANNOTATION(locks_excluded(x))

namespace firebreak {

// The house mutex: std::mutex that clang's analysis understands. Abseil's is not used, since Debian builds it without
// ThreadSanitizer, which then reports races that are none.
class FIREBREAK_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void Lock() FIREBREAK_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void Unlock() FIREBREAK_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a Mutex for a scope.
class FIREBREAK_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) FIREBREAK_THREAD_ANNOTATION(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() FIREBREAK_THREAD_ANNOTATION(release_capability()) { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A condition variable for Mutex. Waits may end spuriously: call them in a loop that checks the condition.
class CondVar {
 public:
  void Wait(Mutex& mutex) FIREBREAK_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // Waits at most `timeout` of monotonic time.
  void WaitFor(Mutex& mutex, absl::Duration timeout) FIREBREAK_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_until(lock, std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout));
    lock.release();
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_MUTEX_H_
