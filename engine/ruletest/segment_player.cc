#include "engine/ruletest/segment_player.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace firebreak {
namespace {

int64_t SecondsOf(absl::Duration duration) { return absl::ToInt64Seconds(duration); }

// The longest time that divides everything which can cut the traffic.
absl::Duration GrainOf(const RuleTest& test, const SegmentTraffic& traffic) {
  const Config& config = test.rules->config;
  int64_t grain = SecondsOf(test.step);
  const auto divide = [&grain](absl::Duration by) { grain = std::gcd(grain, SecondsOf(by)); };
  divide(config.evaluation_delay);
  for (const AlertPair& pair : config.pairs) {
    divide(pair.short_window);
    divide(pair.long_window);
  }
  for (const TrafficSegment& segment : traffic.segments) {
    divide(segment.duration);
    for (const TrafficLoad& load : segment.loads) divide(load.late_by);
  }
  return absl::Seconds(grain);
}

}  // namespace

SegmentPlayer::SegmentPlayer(const RuleTest& test, const SegmentTraffic& traffic, absl::Time start)
    : start_(start), grain_(GrainOf(test, traffic)) {
  absl::Duration begin;
  for (const TrafficSegment& segment : traffic.segments) {
    Add(segment, begin);
    begin += segment.duration;
    end_ = std::max(end_, begin);
  }
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [](const Stream& a, const Stream& b) { return a.begin + a.delay < b.begin + b.delay; });
}

void SegmentPlayer::Add(const TrafficSegment& segment, absl::Duration begin) {
  if (segment.kind == TrafficSegment::Kind::kRestart) restarts_.push_back({begin, segment.duration});
  for (const TrafficLoad& load : segment.loads) {
    const LoadCounter counter(load);
    const std::vector<int64_t> none(counter.kinds().size());
    waiting_.push_back({begin, segment.duration, absl::ZeroDuration(), &load, counter, false, {}, none});
    if (load.late == Decimal()) continue;
    waiting_.push_back({begin, segment.duration, load.late_by, &load, counter, true, {}, none});
    end_ = std::max(end_, begin + segment.duration + load.late_by);
  }
  if (segment.heartbeat) {
    heartbeats_.push_back({begin, *segment.heartbeat, begin + segment.duration, segment.heartbeat_source});
  }
}

void SegmentPlayer::Begin(absl::Duration until) {
  for (; begun_ < waiting_.size(); ++begun_) {
    Stream& stream = waiting_[begun_];
    if (stream.begin + stream.delay >= until) return;
    running_.push_back(std::move(stream));
  }
}

void SegmentPlayer::PlayUntil(absl::Duration until, const Sink& sink) {
  Begin(until);
  for (Stream& stream : running_) Play(stream, until, sink);
  running_.remove_if([](const Stream& stream) { return stream.played >= stream.length; });
  for (Heartbeat& beat : heartbeats_) {
    for (; beat.at <= std::min(until, beat.last); beat.at += beat.every) {
      sink.sign_of_life(beat.source, start_ + beat.at);
    }
  }
}

void SegmentPlayer::Play(Stream& stream, absl::Duration until, const Sink& sink) {
  const absl::Duration limit = std::min(stream.length, until - stream.delay - stream.begin);
  while (stream.played + grain_ <= limit) {
    stream.played += grain_;
    stream.counter.Count(stream.played, stream.next);
    Send(stream, stream.begin + stream.played, sink);
    std::swap(stream.counts, stream.next);
  }
}

void SegmentPlayer::Send(const Stream& stream, absl::Duration dated, const Sink& sink) const {
  Event event;
  event.time = start_ + dated;
  event.endpoint = stream.load->endpoint;
  event.source = stream.load->source;
  for (size_t i = 0; i < stream.counts.size(); ++i) {
    const RequestKind& kind = stream.counter.kinds()[i];
    if (kind.is_late != stream.is_late) continue;
    event.status = kind.answer.status;
    event.outcome = kind.answer.outcome;
    event.latency = kind.latency;
    event.count = stream.next[i] - stream.counts[i];
    if (event.count > 0) sink.event(event);
  }
}

}  // namespace firebreak
