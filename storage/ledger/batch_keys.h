#ifndef FIREBREAK_STORAGE_LEDGER_BATCH_KEYS_H_
#define FIREBREAK_STORAGE_LEDGER_BATCH_KEYS_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/ledger/database.h"
#include "storage/ledger/records.h"
#include "storage/ledger/statement.h"

namespace firebreak {

// How long a batch's key is known at least, unless newer ones need its place.
inline constexpr absl::Duration kKeysKept = absl::Hours(24);

// The keys of batches that were counted, numbered in the order they came; the numbers held have no gap.
// All calls but Load and the counts REQUIRE a transaction. Thread-compatible.
class BatchKeys {
 public:
  // `max_keys` newest ones are kept.
  BatchKeys(Database& database, int64_t max_keys);

  absl::Status Load();

  // What is known of a key.
  struct Known {
    bool same_body = false;
    BatchCounts counts;
  };
  // Enters a key, or says what is known of it.
  absl::StatusOr<std::optional<Known>> Add(const BatchKey& key, const BatchCounts& counts, absl::Time at);

  // Makes room: forgets the oldest beyond `max_keys`.
  absl::Status Evict();
  // Forgets up to `limit` of the oldest, if they are old enough by `now`; returns whether there were any.
  absl::StatusOr<bool> ForgetOld(absl::Time now, int64_t limit);

  // How the transaction ended.
  void Committed() { committed_ = now_; }
  void RolledBack() { now_ = committed_; }

  int64_t held() const { return committed_.next - committed_.first; }
  // Forgotten before kKeysKept had passed, since Load.
  int64_t evicted_early() const { return committed_.evicted_early; }

 private:
  struct State {
    int64_t first = 1;  // numbers from `first` up to, and not including, `next` are held
    int64_t next = 1;
    int64_t evicted_early = 0;
    absl::Time newest = absl::InfinitePast();  // when the newest batch came
  };

  absl::StatusOr<std::optional<Known>> Find(const BatchKey& key);

  Database& database_;
  const int64_t max_keys_;
  Statement insert_;
  Statement select_;
  Statement count_young_;
  Statement oldest_;
  Statement delete_;
  State now_;
  State committed_;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_BATCH_KEYS_H_
