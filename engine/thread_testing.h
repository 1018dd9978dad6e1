#ifndef FIREBREAK_ENGINE_THREAD_TESTING_H_
#define FIREBREAK_ENGINE_THREAD_TESTING_H_

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "engine/clock.h"
#include "engine/testing.h"
#include "engine/transition.h"
#include "storage/mutex.h"

namespace firebreak {

// What the tests of the engine's thread share. Thread-safe.

// A clock that is moved by hand. The engine looks at it again every millisecond.
class HandClock : public Clock {
 public:
  absl::Time Now() const override {
    MutexLock lock(mutex_);
    return now_;
  }
  absl::Duration RealUntil(absl::Time when) const override {
    return Now() >= when ? absl::ZeroDuration() : absl::Milliseconds(1);
  }
  absl::Time ToWall(absl::Time when) const override { return when; }
  void Set(absl::Time now) {
    MutexLock lock(mutex_);
    now_ = now;
  }

 private:
  mutable Mutex mutex_;
  absl::Time now_ FIREBREAK_GUARDED_BY(mutex_) = kTestStart;
};

// Keeps transitions, as Describe says them; read from another thread.
class SharedLog : public TransitionSink {
 public:
  void OnTransition(const Transition& transition) override {
    MutexLock lock(mutex_);
    texts_.push_back(Describe(transition, kTestStart));
  }
  std::vector<std::string> Texts() const {
    MutexLock lock(mutex_);
    return texts_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> texts_ FIREBREAK_GUARDED_BY(mutex_);
};

// Waits for the condition, a minute at most; returns whether it came true.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return condition();
}

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_THREAD_TESTING_H_
