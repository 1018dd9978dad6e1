#ifndef FIREBREAK_API_HTTP_BODY_MEMORY_H_
#define FIREBREAK_API_HTTP_BODY_MEMORY_H_

#include <atomic>
#include <cstdint>

namespace firebreak {

// What all bodies under way may hold together, so that memory stays bounded whatever clients send: ten thousand
// connections times 8 MiB would be 80 GB. Thread-safe.
class BodyMemory {
 public:
  explicit BodyMemory(int64_t capacity_bytes) : free_bytes_(capacity_bytes) {}

  // False, taking nothing, when less than `bytes` are left.
  bool Take(int64_t bytes) {
    if (free_bytes_.fetch_sub(bytes, std::memory_order_relaxed) >= bytes) return true;
    Return(bytes);
    return false;
  }
  void Return(int64_t bytes) { free_bytes_.fetch_add(bytes, std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> free_bytes_;
};

// The share of one body: grows with it, and is returned at the end of life. Thread-compatible.
class BodyCharge {
 public:
  explicit BodyCharge(BodyMemory& memory) : memory_(memory) {}
  ~BodyCharge() { Clear(); }
  BodyCharge(const BodyCharge&) = delete;
  BodyCharge& operator=(const BodyCharge&) = delete;

  bool Grow(int64_t bytes) {
    if (!memory_.Take(bytes)) return false;
    bytes_ += bytes;
    return true;
  }
  void Clear() {
    memory_.Return(bytes_);
    bytes_ = 0;
  }

 private:
  BodyMemory& memory_;
  int64_t bytes_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_BODY_MEMORY_H_
