#include "engine/signs_of_life.h"

#include <algorithm>
#include <iterator>

namespace firebreak {

void SignsOfLife::Add(absl::Time when) {
  if (instants_.empty() || when > instants_.back()) {
    instants_.push_back(when);
    return;
  }
  if (when == instants_.back()) return;
  const auto place = std::lower_bound(instants_.begin(), instants_.end(), when);
  if (*place != when) instants_.insert(place, when);
}

std::optional<absl::Time> SignsOfLife::LastUpTo(absl::Time now) const {
  const auto after = std::upper_bound(instants_.begin(), instants_.end(), now);
  if (after == instants_.begin()) return std::nullopt;
  return *std::prev(after);
}

void SignsOfLife::ForgetBeforeLastUpTo(absl::Time now) {
  const auto after = std::upper_bound(instants_.begin(), instants_.end(), now);
  if (after != instants_.begin()) instants_.erase(instants_.begin(), std::prev(after));
}

}  // namespace firebreak
