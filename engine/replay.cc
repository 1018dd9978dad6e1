#include "engine/replay.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

constexpr absl::Duration kMaxLateness = absl::Hours(24);  // every ring holds that much more

}  // namespace

absl::Status ReplayDriver::Validate(const Config& config, const ReplayOptions& options) {
  const absl::Duration finest = config.evaluation_interval;
  if (options.step < finest || absl::Floor(options.step, finest) != options.step) {
    return absl::InvalidArgumentError(fmt::format("--step {}: wanted a multiple of evaluation_interval ({})",
                                                  DurationText(options.step), DurationText(finest)));
  }
  if (options.step > ShortestWindow(config)) {
    return absl::InvalidArgumentError(fmt::format("--step {}: wanted at most the shortest window ({})",
                                                  DurationText(options.step), DurationText(ShortestWindow(config))));
  }
  if (options.lateness < absl::ZeroDuration() || options.lateness > kMaxLateness) {
    return absl::InvalidArgumentError(
        fmt::format("--lateness {}: wanted at most {}", DurationText(options.lateness), DurationText(kMaxLateness)));
  }
  return absl::OkStatus();
}

ReplayDriver::ReplayDriver(std::shared_ptr<const RuleSet> rules, PipelineOptions pipeline_options,
                           ReplayOptions options, TransitionSink& sink, RejectCallback on_reject)
    : rules_(std::move(rules)),
      pipeline_options_(std::move(pipeline_options)),
      options_(options),
      sink_(sink),
      clock_(absl::InfinitePast()),
      folder_(rules_),
      jumps_([this](const Event& event) { Take(event); },
             [this, on_reject = std::move(on_reject)](int64_t line, std::string_view reason) {
               ++summary_.rejected;
               on_reject(line, reason);
             }) {
  summary_.tiers.resize(rules_->config.tiers.size());
}

ReplayDriver::~ReplayDriver() = default;

void ReplayDriver::Take(const Event& event) {
  const absl::Time newest = std::max(summary_.last_event.value_or(event.time), event.time);
  const bool waited_for = !summary_.first_event || event.time >= newest - options_.lateness;
  if (!next_tick_ && waited_for) summary_.first_event = std::min(summary_.first_event.value_or(event.time), event.time);
  summary_.last_event = newest;
  // More events of that very instant may follow.
  RunTicksUpTo(newest - options_.lateness - absl::Nanoseconds(1));
  const bool passed = next_tick_ ? event.time <= *next_tick_ - options_.step : event.time < *summary_.first_event;
  if (passed) ++summary_.behind;
  ++summary_.events;
  folder_.Add(event);
}

absl::Time ReplayDriver::TickAtOrAfter(absl::Time time) const {
  return absl::UnixEpoch() + absl::Ceil(time - absl::UnixEpoch(), options_.step);
}

void ReplayDriver::ApplyPending() {
  FoldedBatch batch = folder_.Take();
  for (const Delta& delta : batch.deltas) {
    const size_t tier = static_cast<size_t>(delta.tier);
    if (delta.source == static_cast<int>(rules_->config.tiers[tier].slo_source)) summary_.tiers[tier] += delta.counts;
  }
  const Pipeline::Applied applied = pipeline_->Apply(std::move(batch));
  summary_.late += applied.late;
  summary_.overflow += applied.overflow;
}

void ReplayDriver::RunTicksUpTo(absl::Time limit) {
  if (!next_tick_) {
    const absl::Time first = TickAtOrAfter(*summary_.first_event);
    if (first > limit) return;
    next_tick_ = first;
    pipeline_ = std::make_unique<Pipeline>(rules_, pipeline_options_, first, sink_);
    if (observer_ != nullptr) observer_->OnStart(*summary_.first_event, TickObserver::Memory::kNone);
  }
  if (*next_tick_ > limit) return;
  ApplyPending();
  while (*next_tick_ <= limit) {
    clock_.AdvanceTo(*next_tick_);
    pipeline_->Tick(*next_tick_);
    if (observer_ != nullptr) observer_->AfterTick(*pipeline_);
    next_tick_ = NextTick(limit);
  }
}

// The next tick after the last one; while all is quiet, the next that is wanted, or beyond `limit`.
absl::Time ReplayDriver::NextTick(absl::Time limit) const {
  const absl::Time next = *next_tick_ + options_.step;
  if (!pipeline_->IsQuiet()) return next;
  const absl::Time beyond = std::max(next, TickAtOrAfter(limit + absl::Nanoseconds(1)));
  const absl::Time wanted = observer_ == nullptr ? absl::InfiniteFuture() : observer_->NextWanted(next);
  return wanted < beyond ? TickAtOrAfter(wanted) : beyond;
}

ReplaySummary ReplayDriver::Finish() {
  jumps_.Finish();
  if (summary_.last_event) {
    RunTicksUpTo(std::max(
        TickAtOrAfter(*summary_.first_event),
        TickAtOrAfter(*summary_.last_event + rules_->config.LongestWindow() + rules_->config.evaluation_delay)));
    summary_.ticks = pipeline_->stats().ticks;
  }
  return summary_;
}

}  // namespace firebreak
