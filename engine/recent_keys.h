#ifndef FIREBREAK_ENGINE_RECENT_KEYS_H_
#define FIREBREAK_ENGINE_RECENT_KEYS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "storage/ledger/committer.h"
#include "storage/ledger/records.h"

namespace firebreak {

// The keys of the batches of the last 24 hours, in memory: what a server without a data directory has in place of the
// ledger's. The oldest make room when there are more than `capacity`. Thread-compatible.
class RecentKeys {
 public:
  static constexpr size_t kCapacity = 250'000;  // some 30 MB
  static constexpr absl::Duration kKeptFor = absl::Hours(24);

  explicit RecentKeys(size_t capacity = kCapacity) : capacity_(capacity) {}

  // What is to be done with a batch under `key` that is answered `counts`. From kCommitted on the key is known.
  // REQUIRES: capacity > 0.
  Committer::Outcome Admit(const BatchKey& key, const BatchCounts& counts, absl::Time now);

  size_t size() const { return order_.size(); }

 private:
  using Key = std::array<uint8_t, 16>;
  struct Known {
    Key body;
    BatchCounts counts;
  };

  void Forget(absl::Time now);

  const size_t capacity_;
  absl::flat_hash_map<Key, Known> known_;
  std::deque<std::pair<absl::Time, Key>> order_;  // as they came
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RECENT_KEYS_H_
