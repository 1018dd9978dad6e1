#include "engine/lab/history_book.h"

#include <algorithm>
#include <utility>

#include "engine/pipeline.h"

namespace firebreak {
namespace {

constexpr size_t kSmallest = 1024;  // entries that are put in order at once

SloCounts& operator+=(SloCounts& a, const SloCounts& b) {
  a.bad += b.bad;
  a.total += b.total;
  return a;
}

std::optional<int> TierNamed(const Config& config, std::string_view name) {
  const auto tier = std::find_if(config.tiers.begin(), config.tiers.end(),
                                 [name](const Tier& candidate) { return candidate.name == name; });
  if (tier == config.tiers.end()) return std::nullopt;
  return static_cast<int>(tier - config.tiers.begin());
}

// Whether the slot has any time in common with a range.
bool Touches(const TimeRanges& ranges, absl::Time slot_end, absl::Duration width) {
  const auto range =
      std::partition_point(ranges.begin(), ranges.end(), [&](const TimeRange& r) { return r.end <= slot_end - width; });
  return range != ranges.end() && range->begin < slot_end;
}

}  // namespace

void HistoryBook::Slots::Add(int64_t slot, const Counts& counts) {
  const SloCounts availability = CountsFor(Slo::kAvailability, counts);
  const SloCounts latency = CountsFor(Slo::kLatency, counts);
  if (!entries_.empty() && entries_.back().slot == slot) {
    entries_.back().availability += availability;
    entries_.back().latency += latency;
    return;
  }
  if (entries_.size() >= std::max(2 * sorted_, kSmallest)) Sort();
  entries_.push_back({slot, availability, latency});
}

void HistoryBook::Slots::Sort() {
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.slot < b.slot; });
  size_t kept = 0;
  for (size_t i = 1; i < entries_.size(); ++i) {
    if (entries_[i].slot != entries_[kept].slot) {
      entries_[++kept] = entries_[i];
    } else {
      entries_[kept].availability += entries_[i].availability;
      entries_[kept].latency += entries_[i].latency;
    }
  }
  if (!entries_.empty()) entries_.resize(kept + 1);
  sorted_ = entries_.size();
}

SloHistory HistoryBook::Slots::For(Slo slo, const LadderShape& shape) {
  Sort();
  std::vector<SloHistory::Slot> slots;
  slots.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    const SloCounts& counts = slo == Slo::kAvailability ? entry.availability : entry.latency;
    if (counts.total > 0) slots.push_back({entry.slot, counts});
  }
  return SloHistory(shape, slots);
}

HistoryBook::HistoryBook(std::shared_ptr<const RuleSet> rules)
    : rules_(std::move(rules)), shape_(LadderShapeFor(rules_->config)), tiers_(rules_->config.tiers.size()) {}

void HistoryBook::SetMaintenance(int tier, TimeRanges ranges) {
  tiers_[static_cast<size_t>(tier)].maintenance = std::move(ranges);
}

void HistoryBook::Count(int tier, int source, int64_t slot, const Counts& counts) {
  first_slot_ = std::min(first_slot_.value_or(slot), slot);
  last_slot_ = std::max(last_slot_.value_or(slot), slot);
  const auto index = static_cast<size_t>(tier);
  if (source != static_cast<int>(rules_->config.tiers[index].slo_source)) return;
  TierSlots& slots = tiers_[index];
  const bool excluded = Touches(slots.maintenance, SlotEnd(slot, shape_.finest()), shape_.finest());
  (excluded ? slots.excluded : slots.counted).Add(slot, counts);
}

void HistoryBook::Add(const FoldedBatch& batch) {
  for (const Delta& delta : batch.deltas) Count(delta.tier, delta.source, delta.slot, delta.counts);
}

void HistoryBook::Add(const SeriesName& series, const CountRow& row) {
  const std::optional<int> tier = TierNamed(rules_->config, series.tier);
  if (!tier) return;
  const absl::Duration width = absl::Seconds(row.width_seconds);
  if (width > shape_.finest()) ++wide_rows_;
  Count(*tier, series.source, SlotOf(SlotEnd(row.slot, width), shape_.finest()), row.counts);
}

SloHistory HistoryBook::Counted(int tier, Slo slo) {
  return tiers_[static_cast<size_t>(tier)].counted.For(slo, shape_);
}

SloHistory HistoryBook::Excluded(int tier, Slo slo) {
  return tiers_[static_cast<size_t>(tier)].excluded.For(slo, shape_);
}

std::optional<absl::Time> HistoryBook::first() const {
  if (!first_slot_) return std::nullopt;
  return SlotEnd(*first_slot_, shape_.finest());
}

std::optional<absl::Time> HistoryBook::last() const {
  if (!last_slot_) return std::nullopt;
  return SlotEnd(*last_slot_, shape_.finest());
}

TickRange TicksOfRecording(const HistoryBook& book, absl::Duration step) {
  const Config& config = book.rules().config;
  const auto at_or_after = [step](absl::Time time) {
    return absl::UnixEpoch() + absl::Ceil(time - absl::UnixEpoch(), step);
  };
  TickRange ticks{at_or_after(*book.first()), step, 0};
  const absl::Time last = at_or_after(*book.last() + config.LongestWindow() + config.evaluation_delay);
  ticks.count = (last - ticks.first) / step + 1;
  return ticks;
}

}  // namespace firebreak
