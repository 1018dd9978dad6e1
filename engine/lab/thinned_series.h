#ifndef FIREBREAK_ENGINE_LAB_THINNED_SERIES_H_
#define FIREBREAK_ENGINE_LAB_THINNED_SERIES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"

namespace firebreak {

// A value over time, for a chart: however many values come, a fixed number of points is kept, and no peak is hidden.
// Neighbours share a bucket, of which the lowest and the highest value stay, each where it was. When the buckets are
// used up, each takes in the one beside it. Thread-compatible.
class ThinnedSeries {
 public:
  struct Point {
    absl::Time at;
    std::optional<double> value;  // absent: no data, the line is broken here
  };

  // REQUIRES: max_buckets is even, and not 0.
  explicit ThinnedSeries(size_t max_buckets) : max_buckets_(max_buckets) {}

  // REQUIRES: times ascend.
  void Add(absl::Time at, std::optional<double> value);

  // In ascending time; two a bucket, even if they are one and the same; one for a bucket without any data.
  std::vector<Point> points() const;

 private:
  struct Bucket {
    int64_t values = 0;  // those absent, too
    Point low;
    Point high;
  };

  static void Widen(Bucket& bucket, const Bucket& other);
  void Halve();

  const size_t max_buckets_;
  int64_t values_per_bucket_ = 1;
  std::vector<Bucket> buckets_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_THINNED_SERIES_H_
