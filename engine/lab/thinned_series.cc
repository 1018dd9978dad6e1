#include "engine/lab/thinned_series.h"

namespace firebreak {

// Takes `other`, which is later, into `bucket`.
void ThinnedSeries::Widen(Bucket& bucket, const Bucket& other) {
  bucket.values += other.values;
  if (!other.low.value) return;
  if (!bucket.low.value || *other.low.value < *bucket.low.value) bucket.low = other.low;
  if (!bucket.high.value || *other.high.value > *bucket.high.value) bucket.high = other.high;
}

void ThinnedSeries::Halve() {
  for (size_t i = 0; i < buckets_.size() / 2; ++i) {
    buckets_[i] = buckets_[2 * i];
    Widen(buckets_[i], buckets_[2 * i + 1]);
  }
  buckets_.resize(buckets_.size() / 2);
  values_per_bucket_ *= 2;
}

void ThinnedSeries::Add(absl::Time at, std::optional<double> value) {
  const Bucket added{1, {at, value}, {at, value}};
  if (!buckets_.empty() && buckets_.back().values < values_per_bucket_) {
    Widen(buckets_.back(), added);
    return;
  }
  if (buckets_.size() == max_buckets_) Halve();
  buckets_.push_back(added);
}

std::vector<ThinnedSeries::Point> ThinnedSeries::points() const {
  std::vector<Point> points;
  points.reserve(2 * buckets_.size());
  for (const Bucket& bucket : buckets_) {
    const bool low_first = bucket.low.at <= bucket.high.at;
    points.push_back(low_first ? bucket.low : bucket.high);
    if (bucket.low.value) points.push_back(low_first ? bucket.high : bucket.low);
  }
  return points;
}

}  // namespace firebreak
