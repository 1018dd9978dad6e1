#include "storage/ledger/packed_rows.h"

namespace firebreak {
namespace {

constexpr int64_t Counts::*kCounters[] = {&Counts::total, &Counts::bad,  &Counts::client_errors,
                                          &Counts::timed, &Counts::slow, &Counts::retries};
static_assert(sizeof(Counts) == sizeof(kCounters) / sizeof(kCounters[0]) * sizeof(int64_t),
              "kCounters names every counter");

// Seven bits a byte, the lowest first; a set high bit says that more follow. Small numbers of either sign are short.
void Append(int64_t value, std::string& bytes) {
  uint64_t rest = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  for (; rest >= 0x80; rest >>= 7) bytes.push_back(static_cast<char>(rest | 0x80));
  bytes.push_back(static_cast<char>(rest));
}

int64_t Take(const std::string& bytes, size_t& position) {
  uint64_t value = 0;
  uint8_t byte = 0x80;
  for (int shift = 0; byte & 0x80; shift += 7) {
    byte = static_cast<uint8_t>(bytes[position++]);
    value |= uint64_t{byte & 0x7fu} << shift;
  }
  return static_cast<int64_t>(value >> 1 ^ (0 - (value & 1)));
}

// Wraps around: a damaged file may hold anything.
int64_t Difference(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) - b); }
int64_t Sum(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + b); }

}  // namespace

void PackedRows::Add(const CountRow& row) {
  Append(Difference(row.width_seconds, last_width_), bytes_);
  Append(Difference(row.slot, last_slot_), bytes_);
  for (auto counter : kCounters) Append(row.counts.*counter, bytes_);
  last_width_ = row.width_seconds;
  last_slot_ = row.slot;
}

void PackedRows::ForEach(const std::function<void(const CountRow&)>& visit) const {
  CountRow row;
  for (size_t position = 0; position < bytes_.size();) {
    row.width_seconds = Sum(row.width_seconds, Take(bytes_, position));
    row.slot = Sum(row.slot, Take(bytes_, position));
    for (auto counter : kCounters) row.counts.*counter = Take(bytes_, position);
    visit(row);
  }
}

}  // namespace firebreak
