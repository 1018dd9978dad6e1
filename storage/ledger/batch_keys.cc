#include "storage/ledger/batch_keys.h"

#include <algorithm>
#include <string_view>

namespace firebreak {
namespace {

Blob BlobOf(const std::array<uint8_t, 16>& hash) {
  return {std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size())};
}

}  // namespace

BatchKeys::BatchKeys(Database& database, int64_t max_keys)
    : database_(database),
      max_keys_(max_keys),
      insert_(database, "INSERT INTO batch_keys VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      select_(database, "SELECT body, accepted, rejected, late FROM batch_keys WHERE key = ?"),
      count_young_(database, "SELECT count(*) FROM batch_keys WHERE number < ? AND at_seconds > ?"),
      oldest_(database, "SELECT number, at_seconds FROM batch_keys WHERE number < ? ORDER BY number"),
      delete_(database, "DELETE FROM batch_keys WHERE number < ?") {}

absl::Status BatchKeys::Load() {
  Statement select(database_, "SELECT ifnull(min(number), 1), ifnull(max(number), 0) + 1 FROM batch_keys");
  const absl::StatusOr<bool> row = select.Next();
  if (!row.ok()) return row.status();
  committed_ = State();
  committed_.first = select.Integer(0);
  committed_.next = select.Integer(1);
  now_ = committed_;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<BatchKeys::Known>> BatchKeys::Add(const BatchKey& key, const BatchCounts& counts,
                                                               absl::Time at) {
  const absl::Status status = insert_.Run(now_.next, BlobOf(key.key), BlobOf(key.body), counts.accepted,
                                          counts.rejected, counts.late, absl::ToUnixSeconds(at));
  if (!status.ok()) return status;
  if (database_.changes() == 0) return Find(key);
  ++now_.next;
  now_.newest = std::max(now_.newest, at);
  return std::nullopt;
}

absl::StatusOr<std::optional<BatchKeys::Known>> BatchKeys::Find(const BatchKey& key) {
  select_.Bind(BlobOf(key.key));
  const absl::StatusOr<bool> row = select_.Next();
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError(database_.path() + ": a batch key is in the index only: restore a backup");
  Known known;
  known.same_body = select_.Bytes(0) == BlobOf(key.body).bytes;
  known.counts = {.accepted = select_.Integer(1), .rejected = select_.Integer(2), .late = select_.Integer(3)};
  select_.Reset();
  return known;
}

absl::Status BatchKeys::Evict() {
  const int64_t first = now_.next - max_keys_;
  if (first <= now_.first) return absl::OkStatus();
  count_young_.Bind(first, absl::ToUnixSeconds(now_.newest - kKeysKept));
  const absl::StatusOr<bool> row = count_young_.Next();
  if (!row.ok()) return row.status();
  now_.evicted_early += count_young_.Integer(0);
  count_young_.Reset();
  now_.first = first;
  return delete_.Run(first);
}

absl::StatusOr<bool> BatchKeys::ForgetOld(absl::Time now, int64_t limit) {
  const int64_t border = absl::ToUnixSeconds(now - kKeysKept);
  int64_t first = now_.first;
  oldest_.Bind(first + limit);
  while (true) {
    const absl::StatusOr<bool> row = oldest_.Next();
    if (!row.ok()) return row.status();
    if (!*row || oldest_.Integer(1) > border) break;
    first = oldest_.Integer(0) + 1;
  }
  oldest_.Reset();
  if (first == now_.first) return false;
  now_.first = first;
  if (absl::Status status = delete_.Run(first); !status.ok()) return status;
  return true;
}

}  // namespace firebreak
