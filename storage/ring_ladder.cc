#include "storage/ring_ladder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <optional>

namespace firebreak {
namespace {

// The counters of Counts, one after the other.
constexpr int kNumCounters = 6;
using Counters = std::array<int64_t, kNumCounters>;
static_assert(sizeof(Counts) == sizeof(Counters));

// A counter in memory is 40 bits wide: its low four bytes, then its high byte.
constexpr int kCounterBytes = 5;
constexpr int kSlotBytes = kNumCounters * kCounterBytes;
constexpr int64_t kModulus = int64_t{1} << 40;
constexpr int64_t kMask = kModulus - 1;

int64_t LoadCounter(const uint8_t* bytes) {
  uint32_t low;
  std::memcpy(&low, bytes, sizeof(low));
  return int64_t{bytes[4]} << 32 | low;
}

void StoreCounter(uint8_t* bytes, int64_t value) {
  const uint32_t low = static_cast<uint32_t>(value);
  std::memcpy(bytes, &low, sizeof(low));
  bytes[4] = static_cast<uint8_t>(value >> 32);
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
int64_t CeilDiv(int64_t a, int64_t b) { return -FloorDiv(-a, b); }
int64_t CeilDiv(absl::Duration a, absl::Duration b) { return absl::Ceil(a, b) / b; }

// Whole seconds, rounded up.
int64_t CeilSeconds(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  return seconds + (absl::Seconds(seconds) < duration ? 1 : 0);
}

// Whether a counter of `counts` more than what is `held` stays below the modulus, for each of them.
bool Fit(const Counts& counts, const Counts& held) {
  const auto more = std::bit_cast<Counters>(counts);
  const auto already = std::bit_cast<Counters>(held);
  return std::equal(more.begin(), more.end(), already.begin(), [](int64_t a, int64_t b) { return a < kModulus - b; });
}

// No counter is greater. REQUIRES: none is negative.
int64_t BoundOf(const Counts& counts) {
  return counts.total | counts.bad | counts.client_errors | counts.timed | counts.slow | counts.retries;
}

struct Free {
  void operator()(uint8_t* bytes) const { std::free(bytes); }
};
using Bytes = std::unique_ptr<uint8_t[], Free>;

// Zeroed memory that costs nothing before it is written.
Bytes AllocateZeroed(size_t size) {
  Bytes bytes(static_cast<uint8_t*>(std::calloc(size, 1)));
  if (bytes == nullptr) throw std::bad_alloc();
  return bytes;
}

}  // namespace

// One level: running sums at the end of each of its newest slots.
// The oldest of them is only what sums begin from; the slots after it are held, that is, count late events.
// Borders are numbered so that slot i lies between border i and border i + 1.
class RingLadder::Ring {
 public:
  Ring(const LadderShape& shape, const LadderShape::Level& level)
      : width_seconds_(level.width / absl::Seconds(1)),
        finest_per_slot_(level.width / shape.finest()),
        finest_in_span_(level.span / shape.finest()),
        size_(CeilDiv(level.span, level.width) + CeilDiv(shape.slack, level.width) + 2),
        sums_(AllocateZeroed(size_ * kSlotBytes)) {}

  int64_t finest_per_slot() const { return finest_per_slot_; }
  // The longest window, in finest slots.
  int64_t finest_in_span() const { return finest_in_span_; }
  size_t allocated_bytes() const { return size_ * kSlotBytes; }

  // The slot or border of this level at or before the finest one.
  int64_t Coarse(int64_t finest) const { return finest_per_slot_ == 1 ? finest : FloorDiv(finest, finest_per_slot_); }
  // The finest border at which this level's slot begins that holds finest slot `finest`.
  int64_t SlotBegin(int64_t finest) const { return Coarse(finest) * finest_per_slot_; }
  // The oldest finest border that sums can begin from once the head is at finest slot `head`.
  int64_t OldestBorder(int64_t head) const { return (OldestSum(Coarse(head)) + 1) * finest_per_slot_; }

  // Whether `slot` counts once the head is at `head`.
  bool Holds(int64_t slot, int64_t head) const { return slot > OldestSum(head); }
  // The same with the head where it is. REQUIRES: there is a head.
  bool HoldsNow(int64_t slot) const { return Holds(slot, *head_); }
  // Whether a stored row lies within one slot of this level, and that slot is held with the head at finest slot `head`.
  bool Takes(const CountRow& row, int64_t head) const {
    return width_seconds_ % row.width_seconds == 0 && Holds(SlotOf(row), Coarse(head));
  }
  // That slot.
  int64_t SlotOf(const CountRow& row) const { return FloorDiv(row.slot, width_seconds_ / row.width_seconds); }
  // Whether `counts` fit once the head is at `head`.
  bool HasRoom(int64_t head, const Counts& counts) const;

  // Does nothing if the head is there or beyond it already.
  void AdvanceTo(int64_t head) {
    if (!head_) head_ = head;  // all sums are zero already
    if (head > *head_) MoveHead(head);
  }
  // REQUIRES: the head is not before `slot`, which is held; there is room.
  void Add(int64_t slot, const Counts& counts);

  // What was counted between two borders. What lies outside the ring is zero.
  Counts Between(int64_t left, int64_t right) const;

 private:
  void MoveHead(int64_t head);
  int64_t OldestSum(int64_t head) const { return head - size_ + 1; }
  // REQUIRES: there is a head, and `slot` is from the oldest sum to the head.
  int64_t IndexOf(int64_t slot) const {
    const int64_t index = head_index_ - (*head_ - slot);
    return index < 0 ? index + size_ : index;
  }
  uint8_t* At(int64_t index) const { return sums_.get() + index * kSlotBytes; }
  int64_t Next(int64_t index) const { return index + 1 == size_ ? 0 : index + 1; }

  // The running sums up to a border, or up to the nearest that the ring has. REQUIRES: there is a head.
  const uint8_t* SumsAt(int64_t border) const { return At(IndexOf(std::clamp(border - 1, OldestSum(*head_), *head_))); }

  int64_t width_seconds_;
  int64_t finest_per_slot_;
  int64_t finest_in_span_;
  int64_t size_;
  std::optional<int64_t> head_;
  int64_t head_index_ = 0;
  Bytes sums_;
};

bool RingLadder::Ring::HasRoom(int64_t head, const Counts& counts) const {
  const Counts held = Between(OldestSum(head) + 1, head + 1);
  return Fit(counts, held);
}

void RingLadder::Ring::MoveHead(int64_t head) {
  uint8_t newest[kSlotBytes];
  std::memcpy(newest, At(head_index_), kSlotBytes);
  for (int64_t moves = std::min(head - *head_, size_); moves > 0; --moves) {
    head_index_ = Next(head_index_);
    std::memcpy(At(head_index_), newest, kSlotBytes);
  }
  head_ = head;
}

void RingLadder::Ring::Add(int64_t slot, const Counts& counts) {
  const auto amounts = std::bit_cast<Counters>(counts);
  const int64_t first = IndexOf(slot);
  for (int i = 0; i < kNumCounters; ++i) {
    if (amounts[i] == 0) continue;
    int64_t index = first;
    for (int64_t later = slot; later <= *head_; ++later, index = Next(index)) {
      uint8_t* sum = At(index) + i * kCounterBytes;
      StoreCounter(sum, LoadCounter(sum) + amounts[i]);
    }
  }
}

Counts RingLadder::Ring::Between(int64_t left, int64_t right) const {
  if (!head_) return {};
  const uint8_t* before = SumsAt(left);
  const uint8_t* after = SumsAt(right);
  const auto counted = [before, after](int counter) {
    const int offset = counter * kCounterBytes;
    return (LoadCounter(after + offset) - LoadCounter(before + offset)) & kMask;
  };
  return {counted(0), counted(1), counted(2), counted(3), counted(4), counted(5)};
}

RingLadder::RingLadder(const LadderShape& shape)
    : finest_(shape.finest()), finest_seconds_(shape.finest() / absl::Seconds(1)) {
  rings_.reserve(shape.levels.size());
  for (const LadderShape::Level& level : shape.levels) rings_.emplace_back(shape, level);
}

RingLadder::RingLadder(RingLadder&&) noexcept = default;
RingLadder& RingLadder::operator=(RingLadder&&) noexcept = default;
RingLadder::~RingLadder() = default;

void RingLadder::AdvanceTo(int64_t slot) {
  if (head_ && slot <= *head_) return;
  for (Ring& ring : rings_) ring.AdvanceTo(ring.Coarse(slot));
  head_ = slot;
}

// Spares a look at every ring until the series may have counted 2^40 of something.
bool RingLadder::SurelyFits(const Counts& counts) const { return BoundOf(counts) < kModulus - ever_; }

void RingLadder::Counted(const Counts& counts) { ever_ = std::min(ever_ + BoundOf(counts), kModulus); }

RingLadder::AddResult RingLadder::Judge(int64_t slot, const Counts& counts, int64_t head) const {
  head = std::max(head, slot);
  const bool fits = SurelyFits(counts);
  bool held = false;
  for (const Ring& ring : rings_) {
    if (!ring.Holds(ring.Coarse(slot), ring.Coarse(head))) continue;
    if (!fits && !ring.HasRoom(ring.Coarse(head), counts)) return AddResult::kOverflow;
    held = true;
  }
  return held ? AddResult::kCounted : AddResult::kLate;
}

RingLadder::AddResult RingLadder::Add(int64_t slot, const Counts& counts) {
  const int64_t head = std::max(head_.value_or(slot), slot);
  if (!SurelyFits(counts) && Judge(slot, counts, head) == AddResult::kOverflow) return AddResult::kOverflow;
  head_ = head;
  bool held = false;
  for (Ring& ring : rings_) {
    const int64_t coarse = ring.Coarse(slot);
    ring.AdvanceTo(coarse);
    if (!ring.HoldsNow(coarse)) continue;
    ring.Add(coarse, counts);
    held = true;
  }
  if (!held) return AddResult::kLate;
  Counted(counts);
  return AddResult::kCounted;
}

RingLadder::AddResult RingLadder::Restore(const CountRow& row, int64_t head) {
  const bool fits = SurelyFits(row.counts);
  bool held = false;
  for (const Ring& ring : rings_) {
    if (!ring.Takes(row, head)) continue;
    if (!fits && !ring.HasRoom(ring.Coarse(head), row.counts)) return AddResult::kOverflow;
    held = true;
  }
  if (held) Counted(row.counts);
  for (Ring& ring : rings_) {
    if (!ring.Takes(row, head)) continue;
    ring.AdvanceTo(ring.SlotOf(row));
    ring.Add(ring.SlotOf(row), row.counts);
  }
  return held ? AddResult::kCounted : AddResult::kLate;
}

RingLadder::Extent RingLadder::ExtentOf(absl::Time end, absl::Duration window) const {
  const int64_t right = absl::ToUnixSeconds(end) / finest_seconds_;
  const int64_t length = CeilDiv(CeilSeconds(window), finest_seconds_);
  assert(0 < length && length <= rings_.back().finest_in_span());
  size_t level = 0;
  while (rings_[level].finest_in_span() < length && level + 1 < rings_.size()) ++level;
  return {rings_[level].SlotBegin(right - length), right, level};
}

Counts RingLadder::Sum(absl::Time end, absl::Duration window) const {
  const Extent extent = ExtentOf(end, window);
  const Ring& ring = rings_[extent.level];
  const int64_t coarse_right = ring.Coarse(extent.right);
  Counts counts = ring.Between(ring.Coarse(extent.left), coarse_right);
  // Events after `end` may share its coarse slot: the rest comes from the finest level.
  const int64_t border = coarse_right * ring.finest_per_slot();
  if (border < extent.right) counts += rings_.front().Between(border, extent.right);
  return counts;
}

Counts RingLadder::SumInside(absl::Time end, absl::Duration window, const TimeRanges& ranges, int64_t head) const {
  Counts counts;
  const Extent extent = ExtentOf(end, window);
  const absl::Time begin = SlotEnd(extent.left - 1, finest_);
  auto range = std::partition_point(ranges.begin(), ranges.end(), [&](const TimeRange& r) { return r.end <= begin; });
  int64_t done = extent.left;  // ranges may overlap once their borders are moved
  for (; range != ranges.end() && range->begin < end; ++range) {
    int64_t left = extent.left;
    size_t level = extent.level;
    if (range->begin > begin) {
      const int64_t first_slot = SlotOf(range->begin + absl::Nanoseconds(1), finest_);
      level = LevelFor(first_slot, extent.level, head);
      left = rings_[level].SlotBegin(first_slot);
    }
    const int64_t last_slot = SlotOf(std::min(range->end, end), finest_);
    const Ring& last_ring = rings_[LevelFor(last_slot, extent.level, head)];
    const int64_t right = last_ring.SlotBegin(last_slot) + last_ring.finest_per_slot();
    counts += Between(std::max(left, done), right, level, head);
    done = std::max(right, done);
  }
  return counts;
}

// The finest border after which `level` serves parts of windows: both it and the next level hold that border, so
// that what lies before can be read from there. Older for coarser levels.
int64_t RingLadder::ServesFrom(size_t level, int64_t head) const {
  const int64_t per_slot = rings_[level + 1].finest_per_slot();
  return FloorDiv(rings_[level].OldestBorder(head) + per_slot - 1, per_slot) * per_slot;
}

// The finest level that serves finest slot `slot`, else `coarsest`.
size_t RingLadder::LevelFor(int64_t slot, size_t coarsest, int64_t head) const {
  size_t level = 0;
  while (level < coarsest && rings_[level].SlotBegin(slot) < ServesFrom(level, head)) ++level;
  return level;
}

// What was counted between two finest borders, each part from the finest level that serves it.
// REQUIRES: `left` is a border that level `coarsest` holds; `right` is one of the level that serves what is before it.
Counts RingLadder::Between(int64_t left, int64_t right, size_t coarsest, int64_t head) const {
  Counts counts;
  for (size_t level = 0; level <= coarsest && left < right; ++level) {
    const Ring& ring = rings_[level];
    const int64_t from = level == coarsest ? left : std::max(left, ServesFrom(level, head));
    if (from >= right) continue;
    counts += ring.Between(ring.Coarse(from), ring.Coarse(right));
    right = from;
  }
  return counts;
}

size_t RingLadder::memory_bytes() const {
  size_t bytes = sizeof(*this) + rings_.size() * sizeof(Ring);
  for (const Ring& ring : rings_) bytes += ring.allocated_bytes();
  return bytes;
}

}  // namespace firebreak
