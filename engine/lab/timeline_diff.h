#ifndef FIREBREAK_ENGINE_LAB_TIMELINE_DIFF_H_
#define FIREBREAK_ENGINE_LAB_TIMELINE_DIFF_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/labels.h"
#include "engine/transition.h"

namespace firebreak {

// One alert of a timeline, from when it fired until it resolved.
struct TimelineAlert {
  Labels labels;  // its identity: two alerts of one identity never fire at once
  std::string tier;
  std::string slo;   // "" for NoData
  std::string pair;  // likewise
  std::string endpoint;
  absl::Time fired;
  std::optional<absl::Time> resolved;  // absent while firing at the end
};

// Gathers the alerts of a replay. A guarded rule that is escalated is two: the ticket, and the page.
class AlertTimeline : public TransitionSink {
 public:
  void OnTransition(const Transition& transition) override;

  // In the order they fired.
  const std::vector<TimelineAlert>& alerts() const { return alerts_; }

 private:
  std::vector<TimelineAlert> alerts_;
  std::map<Labels, size_t> firing_;  // the index of each alert that is
};

// One difference between two timelines, or none. An alert that fired sooner or later is that, whenever it resolved.
struct TimelineChange {
  enum class Kind {
    kUnchanged,
    kGained,
    kLost,
    kEarlier,  // fired sooner
    kLater,
    kLonger,  // fired at the same time, and resolved later
    kShorter,
  };
  Kind kind = Kind::kUnchanged;
  std::optional<TimelineAlert> before;  // absent when gained
  std::optional<TimelineAlert> after;   // absent when lost

  absl::Time at() const { return before ? before->fired : after->fired; }
};

// Compares what two sets of rules made of the same traffic, in the order of time. Alerts correspond when they have the
// same labels (all but `service`) and were firing at the same time at some point; each corresponds to one other at
// most, the earliest that it can. Pure.
std::vector<TimelineChange> CompareTimelines(const std::vector<TimelineAlert>& before,
                                             const std::vector<TimelineAlert>& after);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_TIMELINE_DIFF_H_
