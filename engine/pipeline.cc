#include "engine/pipeline.h"

#include <algorithm>
#include <utility>

#include "engine/latency_buckets.h"
#include "fmt/format.h"
#include "storage/ladder_shape.h"

namespace firebreak {
namespace {

std::vector<TrafficStore::TierSpec> TierSpecs(const Config& config) {
  std::vector<TrafficStore::TierSpec> specs;
  for (const Tier& tier : config.tiers) {
    TrafficStore::TierSpec spec{tier.name, tier.max_endpoints, {}};
    for (const std::string& endpoint : tier.endpoints) {
      if (!endpoint.starts_with('~')) spec.endpoints.push_back(endpoint);
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

int NumLatencyBuckets(const Config& config) { return static_cast<int>(LatencyBucketBounds(config).size()) + 1; }

TrafficStore MakeStore(const Config& config) {
  TrafficStore::Options options;
  options.shape = LadderShapeFor(config);
  options.longest_cause_window = config.period;
  options.latency_buckets = NumLatencyBuckets(config);
  return TrafficStore(options, TierSpecs(config));
}

std::vector<TierWatch> MakeWatches(const std::shared_ptr<const RuleSet>& rules) {
  std::vector<TierWatch> watches;
  for (int tier = 0; tier < static_cast<int>(rules->config.tiers.size()); ++tier) watches.emplace_back(rules, tier);
  return watches;
}

std::optional<int> TierNamed(const Config& config, std::string_view name) {
  for (size_t i = 0; i < config.tiers.size(); ++i) {
    if (config.tiers[i].name == name) return static_cast<int>(i);
  }
  return std::nullopt;
}

// The name of the first setting that fixes the shape of the rings and differs, or "".
std::string_view FixedSettingThatDiffers(const Config& a, const Config& b) {
  if (a.evaluation_interval != b.evaluation_interval) return "evaluation_interval";
  if (a.period != b.period) return "period";
  if (a.allowed_lateness != b.allowed_lateness) return "allowed_lateness";
  if (a.evaluation_delay != b.evaluation_delay) return "evaluation_delay";
  return "";
}

}  // namespace

LadderShape LadderShapeFor(const Config& config) {
  return LadderShape::For(config.evaluation_interval, config.period,
                          config.allowed_lateness + config.evaluation_delay + kMaxAhead);
}

Pipeline::Pipeline(std::shared_ptr<const RuleSet> rules, PipelineOptions options, absl::Time start,
                   TransitionSink& sink)
    : rules_(std::move(rules)),
      options_(std::move(options)),
      start_(start),
      sink_(sink),
      traffic_(MakeStore(rules_->config)),
      watches_(MakeWatches(rules_)),
      excused_until_(start),
      last_tick_(start),
      maintenance_(std::make_shared<const MaintenanceList>()),
      maintenance_at_last_tick_(maintenance_) {
  SetRules(rules_);
}

void Pipeline::SetRules(std::shared_ptr<const RuleSet> rules) {
  rules_ = std::move(rules);
  std::vector<std::string> names;
  for (const Tier& tier : rules_->config.tiers) names.push_back(tier.name);
  tier_names_ = std::make_shared<const std::vector<std::string>>(std::move(names));
  latency_bounds_ = LatencyBoundsText(LatencyBucketBounds(rules_->config));
  CompileMaintenance();
}

int Pipeline::MapTier(const FoldedBatch& batch, int tier) const {
  if (batch.rules == rules_) return tier;
  const std::string& name = batch.rules->config.tiers[static_cast<size_t>(tier)].name;
  const std::optional<int> mapped = TierNamed(rules_->config, name);
  return mapped.value_or(static_cast<int>(rules_->config.classification.unknown_endpoint_tier));
}

AdmittedBatch Pipeline::Admit(FoldedBatch batch) {
  AdmittedBatch admitted;
  BatchRecord& record = admitted.record;
  record.tiers = tier_names_;
  record.latency_bounds = latency_bounds_;
  const bool same_buckets =
      batch.rules == rules_ || LatencyBoundsText(LatencyBucketBounds(batch.rules->config)) == latency_bounds_;
  record.deltas.reserve(batch.deltas.size());
  for (Delta& delta : batch.deltas) {
    delta.tier = MapTier(batch, delta.tier);
    if (!same_buckets) delta.latency_buckets.clear();
    const TrafficStore::ApplyResult result = traffic_.Admit(delta, in_flight_);
    if (result == TrafficStore::ApplyResult::kLate) record.counts.late += delta.events;
    if (result == TrafficStore::ApplyResult::kOverflow) admitted.overflow += delta.events;
    if (result != TrafficStore::ApplyResult::kCounted) continue;
    in_flight_.Add(delta);
    record.deltas.push_back(std::move(delta));
  }
  admitted.events = batch.events;
  record.counts.accepted = batch.events - record.counts.late - admitted.overflow;
  record.counts.rejected = admitted.overflow;
  return admitted;
}

std::optional<int> Pipeline::TierNow(const BatchRecord& record, const Delta& delta) const {
  if (record.tiers == tier_names_) return delta.tier;
  return TierNamed(rules_->config, (*record.tiers)[static_cast<size_t>(delta.tier)]);
}

void Pipeline::Count(const Delta& delta) {
  traffic_.Count(delta);
  SignOfLife(static_cast<Source>(delta.source), SlotEnd(delta.slot, rules_->config.evaluation_interval));
}

void Pipeline::Apply(const AdmittedBatch& batch) {
  const BatchRecord& record = batch.record;
  for (const Delta& delta : record.deltas) {
    in_flight_.Remove(delta);
    if (record.tiers == tier_names_) {
      Count(delta);
    } else if (const std::optional<int> tier = TierNow(record, delta)) {
      Delta mapped = delta;
      mapped.tier = *tier;
      if (record.latency_bounds != latency_bounds_) mapped.latency_buckets.clear();
      Count(mapped);
    }
  }
  stats_.events += batch.events;
  stats_.late_dropped += record.counts.late;
  stats_.overflow_dropped += batch.overflow;
}

void Pipeline::Abandon(const AdmittedBatch& batch) {
  for (const Delta& delta : batch.record.deltas) {
    in_flight_.Remove(delta);
    if (const std::optional<int> tier = TierNow(batch.record, delta)) traffic_.Abandon(*tier, delta.endpoint);
  }
}

Pipeline::Applied Pipeline::Apply(FoldedBatch batch) {
  const AdmittedBatch admitted = Admit(std::move(batch));
  Apply(admitted);
  return {admitted.record.counts.late, admitted.overflow};
}

TrafficStore::ApplyResult Pipeline::ApplyTier(int tier, int source, int64_t slot, const Counts& counts) {
  const TrafficStore::ApplyResult result = traffic_.CountTier(tier, source, slot, counts);
  if (result == TrafficStore::ApplyResult::kCounted) {
    SignOfLife(static_cast<Source>(source), SlotEnd(slot, rules_->config.evaluation_interval));
  }
  return result;
}

void Pipeline::SignOfLife(Source source, absl::Time when) { lives_[static_cast<size_t>(source)].Add(when); }

std::optional<absl::Time> Pipeline::LastLife(Source source, absl::Time now) const {
  return lives_[static_cast<size_t>(source)].LastUpTo(now);
}

Evaluation Pipeline::At(absl::Time now) const {
  const absl::Duration grid = rules_->config.evaluation_interval;
  const absl::Time end = now - rules_->config.evaluation_delay;
  return {rules_->config,
          options_,
          traffic_,
          tier_maintenance_,
          absl::UnixEpoch() + absl::Floor(end - absl::UnixEpoch(), grid),
          now};
}

void Pipeline::SetMaintenance(MaintenanceListPtr windows) {
  maintenance_ = std::move(windows);
  if (stats_.ticks == 0) maintenance_at_last_tick_ = maintenance_;  // it was in force before the restart, too
  CompileMaintenance();
}

void Pipeline::CompileMaintenance() {
  tier_maintenance_.clear();
  for (const Tier& tier : rules_->config.tiers) {
    tier_maintenance_.push_back({maintenance_->Of(tier.name), maintenance_at_last_tick_->Of(tier.name)});
  }
}

FeedState Pipeline::Feed(const Tier& tier, int number, const Evaluation& evaluation) const {
  const int source = static_cast<int>(tier.slo_source);
  const Counts counts = traffic_.TierSum(number, source, evaluation.end, ShortestWindow(rules_->config));
  if (counts.total > 0) return FeedState::kTraffic;
  absl::Time alive = LastLife(tier.slo_source, evaluation.now).value_or(absl::InfinitePast());
  // Our own silence is no sign that a feed which was missed before is back.
  if (!watches_[static_cast<size_t>(number)].NoDataFiring()) alive = std::max(alive, excused_until_);
  return evaluation.now - alive >= rules_->config.source_lost_after ? FeedState::kLost : FeedState::kIdle;
}

void Pipeline::Tick(absl::Time now, const ServiceHealth& health) {
  traffic_.AdvanceTo(now);
  for (SignsOfLife& lives : lives_) lives.ForgetBeforeLastUpTo(now);
  last_tick_ = now;
  ++stats_.ticks;
  if (health.ingest == EngineObserver::Ingest::kRefusing) excused_until_ = now;
  Evaluation evaluation = At(now);
  evaluation.ingest = ingest_at_last_tick_ = health.ingest;
  removed_.End(now, sink_);
  TakeBackAlerts();
  for (size_t i = 0; i < watches_.size(); ++i) {
    const FeedState feed = Feed(rules_->config.tiers[i], static_cast<int>(i), evaluation);
    watches_[i].Tick(evaluation, feed, sink_);
  }
  service_watch_.Tick(health, evaluation, sink_);
  if (maintenance_at_last_tick_ == maintenance_) return;
  maintenance_at_last_tick_ = maintenance_;
  CompileMaintenance();
}

bool Pipeline::IsQuiet() const {
  const absl::Time end = At(last_tick_).end;
  for (size_t i = 0; i < watches_.size(); ++i) {
    const Tier& tier = rules_->config.tiers[i];
    const auto last = traffic_.LastEvent(static_cast<int>(i), static_cast<int>(tier.slo_source));
    // The widest slot rounds a window's left edge down by less than itself.
    const bool windows_empty = !last || *last <= end - rules_->config.LongestWindow() - absl::Hours(1);
    const TimeRanges& maintenance = tier_maintenance_[i].now;
    const bool maintenance_ahead = !maintenance.empty() && maintenance.back().end > end;
    if (!windows_empty || maintenance_ahead || !watches_[i].AllInactive() || !watches_[i].NoDataFiring()) return false;
  }
  return true;
}

absl::Status Pipeline::Reload(std::shared_ptr<const RuleSet> rules) {
  const std::string_view fixed = FixedSettingThatDiffers(rules_->config, rules->config);
  if (!fixed.empty()) {
    return absl::FailedPreconditionError(fmt::format("{} changed: that takes a restart", fixed));
  }
  const std::string old_bounds = latency_bounds_;
  SetRules(std::move(rules));
  std::vector<TierWatch> old_watches = std::exchange(watches_, MakeWatches(rules_));
  traffic_.Reconfigure(TierSpecs(rules_->config), NumLatencyBuckets(rules_->config));
  if (latency_bounds_ != old_bounds) traffic_.ResetHistograms();
  for (TierWatch& old : old_watches) {
    old.CollectChanges(changes_);
    const std::optional<int> same = TierNamed(rules_->config, old.tier().name);
    if (same) watches_[static_cast<size_t>(*same)].TakeOver(old, traffic_);
    removed_.Add(old.TakeRecords());
  }
  removed_.Add(service_watch_.TakeOthersThan(rules_->config.service));
  removed_.End(last_tick_, sink_);
  return absl::OkStatus();
}

AlertChanges Pipeline::TakeChanges() {
  AlertChanges changes = std::exchange(changes_, {});
  for (TierWatch& watch : watches_) watch.CollectChanges(changes);
  service_watch_.CollectChanges(changes);
  removed_.CollectChanges(changes);
  return changes;
}

Ledger::Visitor Pipeline::RestoreCounts() {
  traffic_.AdvanceTo(start_);
  const auto tier_of = [this, latest = absl::ToUnixSeconds(start_ + kMaxAhead)](
                           const SeriesName& series, const CountRow& row) -> std::optional<int> {
    if (row.slot * row.width_seconds >= latest) return std::nullopt;
    return TierNamed(rules_->config, series.tier);
  };
  Ledger::Visitor visitor;
  visitor.counts = [this, tier_of](const SeriesName& series, const CountRow& row) {
    const std::optional<int> tier = tier_of(series, row);
    if (!tier) return;
    if (!series.endpoint.empty()) {
      traffic_.RestoreEndpoint(*tier, series.endpoint, series.source, row);
      return;
    }
    traffic_.RestoreTier(*tier, series.source, row);
    const absl::Time end = SlotEnd(row.slot, absl::Seconds(row.width_seconds));
    if (end > start_ - rules_->config.source_lost_after) SignOfLife(static_cast<Source>(series.source), end);
  };
  visitor.causes = [this, tier_of](const SeriesName& series, int code, const CountRow& row) {
    if (const auto tier = tier_of(series, row)) traffic_.RestoreCause(*tier, series.source, code, row);
  };
  visitor.cumulative = [this](const SeriesName& series, CumulativeCounts counts, const std::string& bounds) {
    if (bounds != latency_bounds_) {
      counts.latency_buckets.clear();
      counts.latency_seconds = 0;
    }
    const std::optional<int> tier = TierNamed(rules_->config, series.tier);
    if (tier) traffic_.RestoreCumulative(*tier, series.endpoint, series.source, std::move(counts));
  };
  return visitor;
}

void Pipeline::TakeCounts(Pipeline& before) {
  traffic_ = std::move(before.traffic_);
  traffic_.AdvanceTo(start_);
}

// The endpoint of an alert is watched again even if it has no counts any more.
void Pipeline::PlaceEndpointOf(const AlertRecord& record) {
  const std::string_view endpoint = record.identity.Get("endpoint");
  const std::optional<int> tier = TierNamed(rules_->config, record.identity.Get("tier"));
  if (endpoint.empty() || !tier) return;
  const bool watched = rules_->config.tiers[static_cast<size_t>(*tier)].alert_by == AlertBy::kEndpoint;
  if (watched && ActiveView(record) != nullptr) traffic_.PlaceEndpoint(*tier, endpoint);
}

void Pipeline::RestoreAlerts(std::vector<AlertRecord> records, absl::Time head) {
  resumed_ = head;
  AlertRecords by_identity;
  for (AlertRecord& record : records) {
    PlaceEndpointOf(record);
    by_identity.insert_or_assign(record.identity, std::move(record));
  }
  const absl::Duration downtime = start_ - head;
  for (TierWatch& watch : watches_) watch.Restore(by_identity, downtime, traffic_);
  service_watch_.Restore(by_identity, rules_->config.service, downtime);
  removed_.Add(std::move(by_identity));
}

// What has been collected first is overwritten by what the rules make of their alerts.
void Pipeline::TakeBackAlerts() {
  if (removed_.records().empty()) return;
  removed_.CollectChanges(changes_);
  for (TierWatch& watch : watches_) watch.Restore(removed_.records(), absl::ZeroDuration(), traffic_);
  service_watch_.Restore(removed_.records(), rules_->config.service, absl::ZeroDuration());
}

Evaluation Pipeline::LastEvaluation() const {
  Evaluation evaluation = At(last_tick_);
  evaluation.ingest = ingest_at_last_tick_;
  return evaluation;
}

FeedState Pipeline::FeedOf(int tier) const {
  return Feed(rules_->config.tiers[static_cast<size_t>(tier)], tier, At(last_tick_));
}

SnapshotPtr Pipeline::TakeSnapshot() {
  auto snapshot = std::make_shared<Snapshot>();
  const Evaluation evaluation = At(last_tick_);
  snapshot->at = last_tick_;
  snapshot->started = start_;
  snapshot->rules = rules_;
  snapshot->maintenance = maintenance_;
  snapshot->stats = stats_;
  for (size_t i = 0; i < watches_.size(); ++i) {
    const FeedState feed = Feed(rules_->config.tiers[i], static_cast<int>(i), evaluation);
    snapshot->tiers.push_back(watches_[i].View(evaluation, feed));
    watches_[i].CollectAlerts(evaluation, feed, snapshot->alerts);
  }
  service_watch_.CollectAlerts(evaluation.now, snapshot->alerts);
  removed_.CollectAlerts(evaluation.now, snapshot->alerts);
  return snapshot;
}

}  // namespace firebreak
