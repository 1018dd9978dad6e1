#ifndef FIREBREAK_STORAGE_COUNTS_H_
#define FIREBREAK_STORAGE_COUNTS_H_

#include <cstdint>

namespace firebreak {

// What is counted of the requests of one series in one stretch of time. All are whole numbers of requests.
struct Counts {
  int64_t total = 0;          // every request the SLO counts
  int64_t bad = 0;            // <= total
  int64_t client_errors = 0;  // 4xx, whether or not they are in total
  int64_t timed = 0;          // <= total: in the latency SLO
  int64_t slow = 0;           // <= timed
  int64_t retries = 0;        // wire attempts beyond the first

  Counts& operator+=(const Counts& other) {
    total += other.total;
    bad += other.bad;
    client_errors += other.client_errors;
    timed += other.timed;
    slow += other.slow;
    retries += other.retries;
    return *this;
  }
  Counts& operator-=(const Counts& other) {
    total -= other.total;
    bad -= other.bad;
    client_errors -= other.client_errors;
    timed -= other.timed;
    slow -= other.slow;
    retries -= other.retries;
    return *this;
  }
  friend Counts operator+(Counts a, const Counts& b) { return a += b; }
  friend Counts operator-(Counts a, const Counts& b) { return a -= b; }
  friend bool operator==(const Counts&, const Counts&) = default;
};

// The counts of one series in one slot of any width: (slot * width, (slot + 1) * width] since the epoch. What a ledger
// keeps, and what rings are rebuilt from.
struct CountRow {
  int64_t width_seconds = 0;
  int64_t slot = 0;
  Counts counts;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_COUNTS_H_
