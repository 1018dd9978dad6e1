#include "storage/counts.h"

namespace firebreak {

Counts& Counts::operator+=(const Counts& other) {
  total += other.total;
  bad += other.bad;
  client_errors += other.client_errors;
  timed += other.timed;
  slow += other.slow;
  retries += other.retries;
  return *this;
}

Counts& Counts::operator-=(const Counts& other) {
  total -= other.total;
  bad -= other.bad;
  client_errors -= other.client_errors;
  timed -= other.timed;
  slow -= other.slow;
  retries -= other.retries;
  return *this;
}

}  // namespace firebreak
