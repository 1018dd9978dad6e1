#include "engine/test_ledger.h"

#include <algorithm>

namespace firebreak {

void TestLedger::Add(const BatchRecord& batch) {
  latency_bounds_ = batch.latency_bounds;
  for (const Delta& delta : batch.deltas) {
    const std::string& tier = (*batch.tiers)[static_cast<size_t>(delta.tier)];
    rows_[{tier, "", delta.source, 0, delta.slot}] += delta.counts;
    rows_[{tier, delta.endpoint, delta.source, 0, delta.slot}] += delta.counts;
    for (const auto& [code, bad] : delta.bad_codes) {
      rows_[{tier, "", delta.source, code, delta.slot}] += Counts{.total = bad, .bad = bad};
    }
    CumulativeCounts& cumulative = cumulative_[{tier, delta.endpoint, delta.source}];
    for (int i = 0; i < kStatusKinds; ++i) cumulative.by_status[i] += delta.by_status[i];
    for (const auto& [bucket, requests] : delta.latency_buckets) {
      const size_t reached = static_cast<size_t>(bucket) + 1;  // as the ledger does: no empty ones at the end
      cumulative.latency_buckets.resize(std::max(cumulative.latency_buckets.size(), reached));
      cumulative.latency_buckets[static_cast<size_t>(bucket)] += requests;
    }
    cumulative.latency_seconds += delta.latency_seconds;
    cumulative.retries += delta.counts.retries;
  }
}

void TestLedger::Save(absl::Time at, const AlertChanges& changes) {
  head_ = at;
  for (const AlertRecord& record : changes.changed) alerts_.insert_or_assign(record.identity, record);
  for (const Labels& identity : changes.ended) alerts_.erase(identity);
}

void TestLedger::Visit(const Ledger::Visitor& visitor) const {
  for (const auto& [key, counts] : rows_) {
    const auto& [tier, endpoint, source, code, slot] = key;
    const CountRow row{finest_slot_ / absl::Seconds(1), slot, counts};
    if (code == 0) visitor.counts({tier, endpoint, source}, row);
    if (code != 0) visitor.causes({tier, endpoint, source}, code, row);
  }
  for (const auto& [key, counts] : cumulative_) {
    const auto& [tier, endpoint, source] = key;
    visitor.cumulative({tier, endpoint, source}, counts, latency_bounds_);
  }
}

void TestLedger::RestoreInto(Pipeline& pipeline) const {
  Visit(pipeline.RestoreCounts());
  std::vector<AlertRecord> records;
  for (const auto& [identity, record] : alerts_) records.push_back(record);
  if (head_) pipeline.RestoreAlerts(std::move(records), *head_);
}

}  // namespace firebreak
