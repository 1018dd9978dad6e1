#ifndef FIREBREAK_ENGINE_RULETEST_SEGMENT_PLAYER_H_
#define FIREBREAK_ENGINE_RULETEST_SEGMENT_PLAYER_H_

#include <cstdint>
#include <list>
#include <vector>

#include "engine/ruletest/load_counter.h"
#include "engine/ruletest/player.h"

namespace firebreak {

// Plays segments. Requests of one grain of time are dated at its end and arrive then, or as much later as their load
// says. The grain divides the step, every window and every segment: no window at any evaluation could tell it from a
// finer one (LoadCounter, 2).
class SegmentPlayer : public Player {
 public:
  SegmentPlayer(const RuleTest& test, const SegmentTraffic& traffic, absl::Time start);

  void PlayUntil(absl::Duration until, const Sink& sink) override;
  absl::Duration end() const override { return end_; }
  std::vector<PlannedRestart> restarts() const override { return restarts_; }

 private:
  // What has arrived of one load, of that which is in time or of that which is late.
  struct Stream {
    absl::Duration begin;  // of the segment
    absl::Duration length;
    absl::Duration delay;
    const TrafficLoad* load = nullptr;
    LoadCounter counter;
    bool is_late = false;
    absl::Duration played;           // of the segment
    std::vector<int64_t> counts;     // up to there, by kind
    std::vector<int64_t> next = {};  // kept for its memory
  };
  struct Heartbeat {
    absl::Duration at;
    absl::Duration every;
    absl::Duration last;
    Source source;
  };

  void Add(const TrafficSegment& segment, absl::Duration begin);
  void Begin(absl::Duration until);
  void Play(Stream& stream, absl::Duration until, const Sink& sink);
  void Send(const Stream& stream, absl::Duration dated, const Sink& sink) const;

  const absl::Time start_;
  const absl::Duration grain_;
  absl::Duration end_;
  std::vector<PlannedRestart> restarts_;
  std::vector<Stream> waiting_;  // by when they begin
  size_t begun_ = 0;             // of waiting_
  std::list<Stream> running_;
  std::vector<Heartbeat> heartbeats_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_SEGMENT_PLAYER_H_
