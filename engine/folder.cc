#include "engine/folder.h"

#include <utility>

#include "engine/latency_buckets.h"
#include "storage/ladder_shape.h"

namespace firebreak {
namespace {

void AddTo(std::vector<std::pair<int, int64_t>>& tallies, int key, int64_t count) {
  for (auto& [existing, tally] : tallies) {
    if (existing == key) {
      tally += count;
      return;
    }
  }
  tallies.emplace_back(key, count);
}

void AddCounts(const Verdict& verdict, const Event& event, Counts& counts) {
  if (verdict.counted) counts.total += event.count;
  if (verdict.bad) counts.bad += event.count;
  if (verdict.client_error) counts.client_errors += event.count;
  if (verdict.timed) counts.timed += event.count;
  if (verdict.slow) counts.slow += event.count;
  counts.retries += event.retries * event.count;
}

}  // namespace

Folder::Folder(std::shared_ptr<const RuleSet> rules)
    : rules_(std::move(rules)), latency_bounds_(LatencyBucketBounds(rules_->config)) {}

Folder::EndpointEntry& Folder::EntryOf(std::string_view endpoint) {
  auto it = endpoints_.find(endpoint);
  if (it != endpoints_.end()) return it->second;
  const EndpointEntry fresh = {static_cast<int>(endpoints_.size()), -1};
  return endpoints_.try_emplace(std::string(endpoint), fresh).first->second;
}

Delta& Folder::DeltaFor(const EndpointPlace& place, int source, int64_t slot) {
  EndpointEntry& entry = EntryOf(place.endpoint);
  if (entry.last_delta >= 0) {
    Delta& last = deltas_[entry.last_delta];
    if (last.slot == slot && last.source == source) return last;
  }
  const auto [it, is_new] = delta_of_.try_emplace({entry.number, source, slot}, static_cast<int>(deltas_.size()));
  entry.last_delta = it->second;
  if (!is_new) return deltas_[it->second];
  Delta& delta = deltas_.emplace_back();
  delta.slot = slot;
  delta.tier = static_cast<int>(place.tier);
  delta.source = source;
  delta.endpoint = place.endpoint;
  return delta;
}

void Folder::Add(const Event& event) {
  const EndpointPlace place = rules_->classifier.Place(event.endpoint, scratch_);
  const Verdict verdict = rules_->classifier.Judge(event, place.tier);
  const int64_t slot = SlotOf(event.time, rules_->config.evaluation_interval);
  Delta& delta = DeltaFor(place, static_cast<int>(event.source), slot);
  ++events_;
  ++delta.events;
  AddCounts(verdict, event, delta.counts);
  delta.by_status[static_cast<size_t>(verdict.status_class)] += event.count;
  if (verdict.bad) AddTo(delta.bad_codes, verdict.cause_code, event.count);
  if (event.latency) {
    AddTo(delta.latency_buckets, LatencyBucketOf(latency_bounds_, *event.latency), event.count);
    delta.latency_seconds += absl::ToDoubleSeconds(*event.latency) * static_cast<double>(event.count);
  }
}

FoldedBatch Folder::Take() {
  FoldedBatch batch{rules_, std::exchange(deltas_, {}), std::exchange(events_, 0)};
  endpoints_.clear();
  delta_of_.clear();
  return batch;
}

}  // namespace firebreak
