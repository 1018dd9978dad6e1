#ifndef FIREBREAK_API_CLI_DEMO_H_
#define FIREBREAK_API_CLI_DEMO_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/clock.h"
#include "engine/engine_thread.h"
#include "rules/event.h"
#include "rules/rule_set.h"

namespace firebreak {

// A recording in memory, in order of time, with the moment from which it is worth watching.
class DemoRecording {
 public:
  // Reads `file`, or the recording that is compiled in when it is "". To find the moment it replays the recording under
  // `rules`: ten minutes before the first alert fires, else the beginning. Errors: as Recording.
  static absl::StatusOr<DemoRecording> Load(const std::string& file, std::shared_ptr<const RuleSet> rules);

  size_t size() const { return events_.size(); }
  absl::Time begin() const { return begin_; }
  absl::Time end() const { return end_; }
  absl::Time watch_from() const { return watch_from_; }

  // The number of the first event at or after `time`; size() if there is none.
  size_t FirstSince(absl::Time time) const;
  // Event number i; its views live as long as the recording.
  Event At(size_t i) const;

 private:
  struct OwnedEvent {
    Event event;
    std::string endpoint, outcome, region;
  };
  void Add(const Event& event);
  void FindIncident(std::shared_ptr<const RuleSet> rules);

  std::vector<OwnedEvent> events_;
  absl::Time begin_;
  absl::Time end_;
  absl::Time watch_from_;
};

// Feeds a recording to an engine, shifted so that watch_from() is the clock's time at construction: what lies before is
// counted at once, the rest as its time comes, and that again and again.
class DemoFeed {
 public:
  DemoFeed(DemoRecording recording, EngineThread& engine, const Clock& clock);

  // Feeds until `stop` returns true; checks it every tenth of a second.
  void Run(const std::function<bool()>& stop);

 private:
  // Hands over the events due by `now`, a batch at most.
  void FeedUntil(absl::Time now);

  const DemoRecording recording_;
  EngineThread& engine_;
  const Clock& clock_;
  absl::Duration shift_;
  const size_t first_watched_;  // where each further round begins
  size_t next_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_DEMO_H_
