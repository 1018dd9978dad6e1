#ifndef FIREBREAK_ENGINE_REPLAY_H_
#define FIREBREAK_ENGINE_REPLAY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/clock.h"
#include "engine/folder.h"
#include "engine/jump_filter.h"
#include "engine/pipeline.h"
#include "engine/tick_observer.h"
#include "rules/event.h"
#include "rules/rule_set.h"
#include "storage/counts.h"

namespace firebreak {

struct ReplayOptions {
  absl::Duration step = absl::Seconds(5);      // ticks at its multiples since the epoch
  absl::Duration lateness = absl::Minutes(5);  // a tick waits for an event newer than itself by more than this
};

struct ReplaySummary {
  int64_t events = 0;    // taken
  int64_t rejected = 0;  // jumps that nothing confirmed
  int64_t behind = 0;    // counted, but after the ticks had passed them: more than `lateness` out of order
  int64_t late = 0;      // not counted: older than everything held
  int64_t overflow = 0;  // not counted: a counter was full
  int64_t ticks = 0;     // evaluated; quiet ones are skipped
  std::optional<absl::Time> first_event;  // of those not behind
  std::optional<absl::Time> last_event;
  std::vector<Counts> tiers;  // of each tier's SLO source, over the whole recording
};

// Feeds a recording to a Pipeline on a simulated clock: the same batches and ticks a server would have seen.
//   (1) Ticks lag the newest event by `lateness`, which repairs the order of a log without sorting it.
//   (2) Events whose time is a mistake are rejected: JumpFilter.
//   (3) Ticks that can change nothing are skipped: a year of silence costs nothing.
// Thread-compatible.
class ReplayDriver {
 public:
  using RejectCallback = JumpFilter::RejectCallback;

  // Errors: InvalidArgument when the step is not a multiple of evaluation_interval or longer than the shortest window,
  // or the lateness above a day.
  static absl::Status Validate(const Config& config, const ReplayOptions& options);

  // `rules` should allow at least options.lateness (Config::allowed_lateness); `sink` must outlive the driver.
  // REQUIRES: Validate(rules->config, options).ok().
  ReplayDriver(std::shared_ptr<const RuleSet> rules, PipelineOptions pipeline_options, ReplayOptions options,
               TransitionSink& sink, RejectCallback on_reject);
  ~ReplayDriver();

  // Shows every tick to `observer`, which must outlive the driver. REQUIRES: nothing was offered yet.
  void Observe(TickObserver& observer) { observer_ = &observer; }

  // Takes the next event of the recording, in the recording's order.
  void Offer(const Event& event, int64_t line) { jumps_.Offer(event, line); }

  // Ends the recording: ticks go on to the last event plus the longest window (and evaluation_delay).
  ReplaySummary Finish();

  const Clock& clock() const { return clock_; }

 private:
  void Take(const Event& event);
  void RunTicksUpTo(absl::Time limit);
  absl::Time NextTick(absl::Time limit) const;
  void ApplyPending();
  absl::Time TickAtOrAfter(absl::Time time) const;

  const std::shared_ptr<const RuleSet> rules_;
  const PipelineOptions pipeline_options_;
  const ReplayOptions options_;
  TransitionSink& sink_;
  TickObserver* observer_ = nullptr;
  SimulatedClock clock_;
  std::unique_ptr<Pipeline> pipeline_;  // made at the first tick, when the first event is known
  Folder folder_;
  JumpFilter jumps_;
  std::optional<absl::Time> next_tick_;
  ReplaySummary summary_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_REPLAY_H_
