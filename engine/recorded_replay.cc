#include "engine/recorded_replay.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "storage/ladder_shape.h"

namespace firebreak {

RecordedReplay::RecordedReplay(std::shared_ptr<const RuleSet> rules, PipelineOptions options, absl::Duration step,
                               TransitionSink& sink)
    : rules_(std::move(rules)), options_(std::move(options)), step_(step), sink_(sink), folder_(rules_) {
  summary_.tiers.resize(rules_->config.tiers.size());
}

void RecordedReplay::Begin(absl::Time at, TickObserver::Memory memory) {
  if (pipeline_ != nullptr) summary_.ticks += pipeline_->stats().ticks;
  pipeline_ = std::make_unique<Pipeline>(rules_, options_, at, sink_);
  last_tick_ = at;
  if (observer_ != nullptr) observer_->OnStart(at, memory);
}

void RecordedReplay::Start(absl::Time at, absl::Duration recorded_interval, std::optional<absl::Time> resumed) {
  EndBatch();
  const std::unique_ptr<Pipeline> before = std::exchange(pipeline_, nullptr);
  if (before != nullptr) summary_.ticks += before->stats().ticks;
  const bool goes_on = before != nullptr && resumed.has_value();
  Begin(at, goes_on ? TickObserver::Memory::kKept : TickObserver::Memory::kNone);
  recorded_interval_ = recorded_interval;
  if (!goes_on) {
    records_.clear();
    maintenance_.reset();
    return;
  }
  pipeline_->TakeCounts(*before);
  for (size_t source = 0; source < lives_.size(); ++source) {
    const auto recent = lives_[source].upper_bound(at - rules_->config.source_lost_after);
    for (auto it = recent; it != lives_[source].end(); ++it) {
      pipeline_->SignOfLife(static_cast<Source>(source), *it);
    }
  }
  std::vector<AlertRecord> records;
  for (auto& [identity, record] : records_) records.push_back(record);
  pipeline_->RestoreAlerts(std::move(records), *resumed);
  if (maintenance_ != nullptr) pipeline_->SetMaintenance(maintenance_);
}

void RecordedReplay::Continue(absl::Time at, absl::Duration recorded_interval) {
  EndBatch();
  recorded_interval_ = recorded_interval;
  if (pipeline_ == nullptr) Begin(at, TickObserver::Memory::kNone);
}

void RecordedReplay::Add(const Event& event) {
  folder_.Add(event);
  ++summary_.events;
  summary_.first_event = std::min(summary_.first_event.value_or(event.time), event.time);
  summary_.last_event = std::max(summary_.last_event.value_or(event.time), event.time);
}

void RecordedReplay::EndBatch() {
  FoldedBatch batch = folder_.Take();
  if (batch.events == 0) return;
  for (const Delta& delta : batch.deltas) {
    const auto tier = static_cast<size_t>(delta.tier);
    const auto source = static_cast<size_t>(delta.source);
    if (delta.source == static_cast<int>(rules_->config.tiers[tier].slo_source)) summary_.tiers[tier] += delta.counts;
    lives_[source].insert(SlotEnd(delta.slot, rules_->config.evaluation_interval));
  }
  for (std::set<absl::Time>& lives : lives_) {
    if (lives.empty()) continue;
    lives.erase(lives.begin(), lives.lower_bound(*lives.rbegin() - rules_->config.source_lost_after - absl::Hours(1)));
  }
  const Pipeline::Applied applied = pipeline_->Apply(std::move(batch));
  summary_.late += applied.late;
  summary_.overflow += applied.overflow;
}

void RecordedReplay::Tick(absl::Time at, EngineObserver::Ingest ingest) {
  EndBatch();
  if (at <= last_tick_) return;
  const absl::Time after = std::max(last_tick_, at - std::max(step_, recorded_interval_));
  last_tick_ = at;
  ServiceHealth health;
  health.ingest = ingest;
  absl::Time tick = absl::UnixEpoch() + absl::Floor(after - absl::UnixEpoch(), step_) + step_;
  for (; tick <= at; tick += step_) {
    pipeline_->Tick(tick, health);
    KeepChanges();
    if (observer_ != nullptr) observer_->AfterTick(*pipeline_);
  }
}

void RecordedReplay::KeepChanges() {
  AlertChanges changes = pipeline_->TakeChanges();
  for (const Labels& identity : changes.ended) records_.erase(identity);
  for (AlertRecord& record : changes.changed) {
    Labels identity = record.identity;
    records_.insert_or_assign(std::move(identity), std::move(record));
  }
}

void RecordedReplay::SignOfLife(Source source, absl::Time at) {
  EndBatch();
  pipeline_->SignOfLife(source, at);
}

void RecordedReplay::SetMaintenance(MaintenanceListPtr windows) {
  EndBatch();
  maintenance_ = std::move(windows);
  pipeline_->SetMaintenance(maintenance_);
}

ReplaySummary RecordedReplay::Finish() {
  EndBatch();
  if (pipeline_ != nullptr) summary_.ticks += pipeline_->stats().ticks;
  return summary_;
}

}  // namespace firebreak
