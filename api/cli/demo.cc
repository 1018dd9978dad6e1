#include "api/cli/demo.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "api/cli/recording.h"
#include "api/codec/gzip.h"
#include "engine/folder.h"
#include "engine/replay.h"
#include "fmt/format.h"
#include "testdata/demo/recording.h"

namespace firebreak {
namespace {

constexpr size_t kBundledBytes = 64 << 20;
constexpr absl::Duration kLead = absl::Minutes(10);
constexpr absl::Duration kCheckEvery = absl::Milliseconds(100);
constexpr size_t kBatchEvents = 10000;

absl::StatusOr<std::unique_ptr<Recording>> OpenRecording(const std::string& file) {
  if (!file.empty()) return Recording::Open(file, "auto");
  absl::StatusOr<std::string> text = Gunzip(DemoRecordingGz(), kBundledBytes);
  if (!text.ok()) return text.status();
  return Recording::FromText(*std::move(text), "events");
}

// Remembers when the first alert of an SLO fired.
class FirstFiring : public TransitionSink {
 public:
  void OnTransition(const Transition& transition) override {
    if (!at_ && transition.to == AlertStatus::kFiring && !transition.slo.empty()) at_ = transition.at;
  }
  std::optional<absl::Time> at() const { return at_; }

 private:
  std::optional<absl::Time> at_;
};

}  // namespace

Event DemoRecording::At(size_t i) const {
  const OwnedEvent& owned = events_[i];
  Event event = owned.event;
  event.endpoint = owned.endpoint;
  event.outcome = owned.outcome;
  event.region = owned.region;
  return event;
}

void DemoRecording::Add(const Event& event) {
  events_.push_back({event, std::string(event.endpoint), std::string(event.outcome), std::string(event.region)});
}

void DemoRecording::FindIncident(std::shared_ptr<const RuleSet> rules) {
  FirstFiring first;
  ReplayOptions options;
  options.step = rules->config.evaluation_interval;
  ReplayDriver driver(std::move(rules), {}, options, first, [](int64_t, std::string_view) {});
  for (size_t i = 0; i < size(); ++i) driver.Offer(At(i), static_cast<int64_t>(i));
  driver.Finish();
  watch_from_ = first.at() ? std::max(begin_, *first.at() - kLead) : begin_;
}

absl::StatusOr<DemoRecording> DemoRecording::Load(const std::string& file, std::shared_ptr<const RuleSet> rules) {
  absl::StatusOr<std::unique_ptr<Recording>> source = OpenRecording(file);
  if (!source.ok()) return source.status();
  DemoRecording recording;
  Recording::Callbacks callbacks;
  callbacks.on_event = [&](const Event& event, int64_t) { recording.Add(event); };
  callbacks.on_reject = [](int64_t, std::string_view) {};
  callbacks.on_progress = [](int64_t, int64_t) {};
  const absl::Status read = (*source)->Read(callbacks);
  if (!read.ok()) return read;
  if (recording.events_.empty()) return absl::InvalidArgumentError(fmt::format("{}: no events in it", file));
  std::stable_sort(recording.events_.begin(), recording.events_.end(),
                   [](const OwnedEvent& a, const OwnedEvent& b) { return a.event.time < b.event.time; });
  recording.begin_ = recording.events_.front().event.time;
  recording.end_ = recording.events_.back().event.time;
  recording.FindIncident(std::move(rules));
  return recording;
}

size_t DemoRecording::FirstSince(absl::Time time) const {
  const auto it =
      std::lower_bound(events_.begin(), events_.end(), time,
                       [](const OwnedEvent& owned, absl::Time wanted) { return owned.event.time < wanted; });
  return static_cast<size_t>(it - events_.begin());
}

DemoFeed::DemoFeed(DemoRecording recording, EngineThread& engine, const Clock& clock)
    : recording_(std::move(recording)),
      engine_(engine),
      clock_(clock),
      shift_(clock.Now() - recording_.watch_from()),
      first_watched_(recording_.FirstSince(recording_.watch_from())) {}

void DemoFeed::FeedUntil(absl::Time now) {
  Folder folder(engine_.rules());
  size_t folded = 0;
  for (; next_ < recording_.size() && folded < kBatchEvents; ++next_, ++folded) {
    Event event = recording_.At(next_);
    event.time += shift_;
    if (event.time > now) break;
    folder.Add(event);
  }
  if (folded > 0) engine_.Submit(folder.Take(), {}, [](const SubmitResult&) {});
}

void DemoFeed::Run(const std::function<bool()>& stop) {
  while (!stop()) {
    const size_t before = next_;
    FeedUntil(clock_.Now());
    if (next_ == recording_.size()) {
      next_ = first_watched_;
      shift_ += recording_.end() - recording_.watch_from() + absl::Seconds(1);
    }
    if (next_ == before) absl::SleepFor(kCheckEvery);
  }
}

}  // namespace firebreak
