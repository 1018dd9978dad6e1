#include "engine/recent_keys.h"

namespace firebreak {

Committer::Outcome RecentKeys::Admit(const BatchKey& key, const BatchCounts& counts, absl::Time now) {
  Forget(now);
  const auto [known, inserted] = known_.try_emplace(key.key, Known{key.body, counts});
  if (inserted) {
    order_.emplace_back(now, key.key);
    return {};
  }
  if (known->second.body != key.body) return {Committer::Verdict::kKeyReused, {}};
  return {Committer::Verdict::kDuplicate, known->second.counts};
}

// Makes room for one more, and forgets what is too old.
void RecentKeys::Forget(absl::Time now) {
  while (!order_.empty() && (order_.size() >= capacity_ || order_.front().first <= now - kKeptFor)) {
    known_.erase(order_.front().second);
    order_.pop_front();
  }
}

}  // namespace firebreak
