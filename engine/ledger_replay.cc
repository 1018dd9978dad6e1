#include "engine/ledger_replay.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "rules/duration.h"
#include "storage/ladder_shape.h"

namespace firebreak {
namespace {

bool IsMultiple(absl::Duration duration, absl::Duration grid) { return absl::Floor(duration, grid) == duration; }

absl::Status OffGrid(std::string_view setting, absl::Duration value, absl::Duration grid) {
  return absl::InvalidArgumentError(
      fmt::format("{}: {} is not a multiple of {}, the width of the counts that a ledger keeps for replay", setting,
                  DurationText(value), DurationText(grid)));
}

absl::Time AtOrAfter(absl::Time time, absl::Duration step) {
  return absl::UnixEpoch() + absl::Ceil(time - absl::UnixEpoch(), step);
}

std::optional<int> TierNamed(const Config& config, std::string_view name) {
  const auto tier = std::find_if(config.tiers.begin(), config.tiers.end(),
                                 [name](const Tier& candidate) { return candidate.name == name; });
  if (tier == config.tiers.end()) return std::nullopt;
  return static_cast<int>(tier - config.tiers.begin());
}

}  // namespace

// Passes on what is judged.
class LedgerReplay::Judged : public TransitionSink {
 public:
  Judged(const Config& config, TransitionSink& sink) : config_(config), sink_(sink) {}

  void OnTransition(const Transition& transition) override {
    const std::optional<int> tier = TierNamed(config_, transition.tier);
    const bool by_endpoint = tier && config_.tiers[static_cast<size_t>(*tier)].alert_by == AlertBy::kEndpoint;
    if (!by_endpoint || transition.slo.empty()) sink_.OnTransition(transition);
  }

 private:
  const Config& config_;
  TransitionSink& sink_;
};

absl::StatusOr<Config> LedgerReplay::OnRowGrid(Config config) {
  const absl::Duration grid = std::max(kRowWidth, config.evaluation_interval);
  for (const AlertPair& pair : config.pairs) {
    if (!IsMultiple(pair.short_window, grid)) return OffGrid("alerts." + pair.name + ".short", pair.short_window, grid);
    if (!IsMultiple(pair.long_window, grid)) return OffGrid("alerts." + pair.name + ".long", pair.long_window, grid);
  }
  if (!IsMultiple(config.evaluation_delay, grid)) return OffGrid("evaluation_delay", config.evaluation_delay, grid);
  config.evaluation_interval = grid;
  return config;
}

LedgerReplay::LedgerReplay(std::shared_ptr<const RuleSet> rules, PipelineOptions options, absl::Time since,
                           absl::Duration step, TransitionSink& sink)
    : rules_(std::move(rules)),
      since_(since),
      step_(step),
      sink_(std::make_unique<Judged>(rules_->config, sink)),
      pipeline_(rules_, std::move(options), since, *sink_),
      next_tick_(AtOrAfter(since + absl::Nanoseconds(1), step)) {
  summary_.tiers.resize(rules_->config.tiers.size());
}

LedgerReplay::~LedgerReplay() = default;

void LedgerReplay::Observe(TickObserver& observer) {
  observer_ = &observer;
  observer.OnStart(since_, TickObserver::Memory::kNone);
}

void LedgerReplay::SetMaintenance(MaintenanceListPtr windows) { pipeline_.SetMaintenance(std::move(windows)); }

std::vector<std::string> LedgerReplay::NotJudged() const {
  std::vector<std::string> tiers;
  for (const Tier& tier : rules_->config.tiers) {
    if (tier.alert_by == AlertBy::kEndpoint) tiers.push_back(tier.name);
  }
  return tiers;
}

void LedgerReplay::Take(const SeriesName& series, const CountRow& row) {
  const std::optional<int> tier = TierNamed(rules_->config, series.tier);
  if (!tier) return;
  const absl::Time end = absl::FromUnixSeconds((row.slot + 1) * row.width_seconds);
  TickBefore(end);
  const absl::Duration grid = rules_->config.evaluation_interval;
  if (absl::Seconds(row.width_seconds) > grid) ++wide_rows_;
  const int64_t slot = absl::Seconds(row.width_seconds) == grid ? row.slot : SlotOf(end, grid);
  const auto counted = pipeline_.ApplyTier(*tier, series.source, slot, row.counts);
  if (counted == TrafficStore::ApplyResult::kLate) summary_.late += row.counts.total;
  if (counted == TrafficStore::ApplyResult::kOverflow) summary_.overflow += row.counts.total;
  if (end <= since_) return;
  summary_.events += row.counts.total;
  summary_.first_event = summary_.first_event.value_or(end);
  summary_.last_event = end;
  const Tier& config = rules_->config.tiers[static_cast<size_t>(*tier)];
  if (series.source == static_cast<int>(config.slo_source)) summary_.tiers[static_cast<size_t>(*tier)] += row.counts;
}

// Evaluates all that is due before rows which end at `time` are counted.
void LedgerReplay::TickBefore(absl::Time time) {
  for (; next_tick_ < time; next_tick_ += step_) {
    pipeline_.Tick(next_tick_);
    if (observer_ != nullptr) observer_->AfterTick(pipeline_);
  }
}

ReplaySummary LedgerReplay::Finish(absl::Time until) {
  TickBefore(until + absl::Nanoseconds(1));
  summary_.ticks = pipeline_.stats().ticks;
  return summary_;
}

}  // namespace firebreak
