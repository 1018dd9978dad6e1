#ifndef FIREBREAK_API_HTTP_COUNTERS_H_
#define FIREBREAK_API_HTTP_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "api/http/refusal.h"
#include "api/http/server.h"

namespace firebreak {

// What the server counts. Thread-safe, without a lock.
class HttpCounters {
 public:
  void CountRefusal(RefusalReason reason);
  // REQUIRES: status in [100, 600).
  void CountResponse(int status);
  void CountAccept();
  void CountOpen();
  void CountClose();
  void CountAcceptError();
  void CountStreamOpen();
  void CountStreamClose();

  int64_t open_connections() const { return open_; }
  HttpServerStats Read() const;

 private:
  using Counter = std::atomic<int64_t>;
  static constexpr int kFirstStatus = 100;
  static constexpr int kEndStatus = 600;

  std::array<Counter, kNumRefusalReasons> refused_{};
  std::array<Counter, kEndStatus - kFirstStatus> responses_{};
  Counter open_ = 0;
  Counter accepted_ = 0;
  Counter accept_errors_ = 0;
  Counter streams_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_COUNTERS_H_
