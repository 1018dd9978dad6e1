#include "engine/ruletest/series_player.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

// No series of a tier can hold so many (storage/ring_ladder.h).
constexpr int64_t kTooMany = int64_t{1} << 40;

Event EventOf(const Answer& answer, std::string_view endpoint, Source source) {
  Event event;
  event.status = answer.status;
  event.outcome = answer.outcome;
  event.endpoint = endpoint;
  event.source = source;
  return event;
}

// An answer that is bad under these rules.
Answer BadAnswer(const RuleSet& rules) {
  const ErrorRule& errors = rules.config.classification.errors;
  if (errors.non_2xx) return {503, ""};
  for (const StatusClass candidate : {StatusClass::k5xx, StatusClass::k4xx, StatusClass::k3xx, StatusClass::k1xx}) {
    if (!errors.classes[static_cast<size_t>(candidate)]) continue;
    return {100 * (static_cast<int>(candidate) + 1), ""};
  }
  if (!errors.codes.empty()) return {errors.codes.front(), ""};
  for (const StatusClass candidate : {StatusClass::kTimeout, StatusClass::kShapeMismatch, StatusClass::kFailed}) {
    if (errors.classes[static_cast<size_t>(candidate)]) return {std::nullopt, std::string(StatusClassName(candidate))};
  }
  return {200, ""};  // 2xx alone is bad
}

}  // namespace

// Sends requests of one group that are dated together, and hands out the latencies that were counted beside them.
class SeriesPlayer::Sender {
 public:
  Sender(const SeriesPlayer& player, const Group& group, const Growth& growth, const Sink& sink)
      : player_(player),
        group_(group),
        sink_(sink),
        dated_(growth.dated),
        slow_(growth.slow),
        fast_(growth.timed - growth.slow) {}

  void Send(const Answer& answer, int64_t count) {
    Event event = EventOf(answer, group_.endpoint, group_.source);
    event.time = dated_;
    const size_t tier = static_cast<size_t>(group_.tier - player_.rules_.config.tiers.data());
    const Verdict verdict = player_.rules_.classifier.Judge(event, tier);
    const bool takes_latency = group_.tier->latency_limit && !verdict.bad && !verdict.client_error;
    if (takes_latency) {
      SendTimed(event, *group_.tier->latency_limit + absl::Milliseconds(1), slow_, count);
      SendTimed(event, *group_.tier->latency_limit, fast_, count);
    }
    event.latency.reset();
    SendAll(event, count);
  }

  // Requests that only the latency SLO counted.
  void SendRest() { Send({200, ""}, lacking()); }
  // Latencies that no request took.
  int64_t lacking() const { return slow_ + fast_; }

 private:
  // Out of `count` requests, those that still lack a latency of this kind.
  void SendTimed(Event& event, absl::Duration latency, int64_t& lacking, int64_t& count) {
    const int64_t timed = std::min(lacking, count);
    event.latency = latency;
    SendAll(event, timed);
    lacking -= timed;
    count -= timed;
  }

  void SendAll(Event& event, int64_t count) {
    event.count = count;
    if (count > 0) sink_.event(event);
  }

  const SeriesPlayer& player_;
  const Group& group_;
  const Sink& sink_;
  const absl::Time dated_;
  int64_t slow_;
  int64_t fast_;
};

SeriesPlayer::SeriesPlayer(const RuleTest& test, const SeriesTraffic& traffic, absl::Time start)
    : rules_(*test.rules),
      start_(start),
      interval_(traffic.interval),
      slot_(test.rules->config.evaluation_interval),
      bad_answer_(BadAnswer(*test.rules)) {
  std::map<std::tuple<size_t, Source, std::string>, Group> groups;
  for (const CounterSeries& series : traffic.series) {
    Group& group = groups[{series.tier, series.source, series.endpoint}];
    group.tier = &rules_.config.tiers[series.tier];
    group.source = series.source;
    group.endpoint = series.endpoint;
    group.series.push_back({&series, std::nullopt});
    group.counts_availability |= series.slo != "latency";
    samples_ = std::max(samples_, series.samples.size());
  }
  for (auto& [key, group] : groups) groups_.push_back(std::move(group));
}

absl::Duration SeriesPlayer::end() const {
  return samples_ == 0 ? absl::ZeroDuration() : interval_ * static_cast<int64_t>(samples_ - 1);
}

void SeriesPlayer::PlayUntil(absl::Duration until, const Sink& sink) {
  for (; next_ < samples_ && interval_ * static_cast<int64_t>(next_) <= until; ++next_) {
    std::array<bool, kNumSources> scraped{};
    for (Group& group : groups_) {
      if (PlayScrape(group, sink)) scraped[static_cast<size_t>(group.source)] = true;
    }
    for (size_t source = 0; source < scraped.size(); ++source) {
      if (scraped[source]) sink.sign_of_life(static_cast<Source>(source), At(next_));
    }
  }
}

absl::Time SeriesPlayer::At(size_t sample) const { return start_ + interval_ * static_cast<int64_t>(sample); }

bool SeriesPlayer::PlayScrape(Group& group, const Sink& sink) {
  std::vector<Growth> growths;  // nearly always one
  bool scraped = false;
  for (Scraped& scrape : group.series) {
    const CounterSeries& series = *scrape.series;
    if (next_ >= series.samples.size() || !series.samples[next_]) continue;
    scraped = true;
    const std::optional<size_t> before = std::exchange(scrape.last, next_);
    if (!before) continue;
    const int64_t now = *series.samples[next_];
    const int64_t then = *series.samples[*before];
    const int64_t grown = now >= then ? now - then : now;
    if (grown == 0) continue;
    if (grown >= kTooMany) {
      Refuse(group, fmt::format("{} more requests, wanted fewer than {}", grown, kTooMany));
      continue;
    }
    const absl::Time dated = At(*before) + slot_;
    auto found = std::find_if(growths.begin(), growths.end(), [&](const Growth& g) { return g.dated == dated; });
    if (found == growths.end()) found = growths.insert(growths.end(), Growth{dated, {}, 0, 0, 0, 0});
    Add(series, grown, *found);
  }
  for (const Growth& growth : growths) Send(group, growth, sink);
  return scraped;
}

void SeriesPlayer::Add(const CounterSeries& series, int64_t grown, Growth& growth) {
  const bool bad = series.counts == CounterSeries::Counts::kSloBadRequests;
  if (series.counts == CounterSeries::Counts::kAnswers) {
    growth.answers.emplace_back(&series.answer, grown);
  } else if (series.slo == "latency") {
    (bad ? growth.slow : growth.timed) += grown;
  } else {
    (bad ? growth.bad : growth.requests) += grown;
  }
}

void SeriesPlayer::Send(const Group& group, const Growth& growth, const Sink& sink) {
  if (growth.slow > growth.timed) return Refuse(group, "more slow requests than requests with a latency");
  if (growth.bad > growth.requests) return Refuse(group, "more bad requests than requests");
  Sender sender(*this, group, growth, sink);
  for (const auto& [answer, count] : growth.answers) sender.Send(*answer, count);
  sender.Send(bad_answer_, growth.bad);
  sender.Send({200, ""}, growth.requests - growth.bad);
  if (!group.counts_availability) sender.SendRest();
  if (sender.lacking() > 0) Refuse(group, "more requests with a latency than good requests");
}

void SeriesPlayer::Refuse(const Group& group, std::string_view what) {
  const absl::Duration at = interval_ * static_cast<int64_t>(next_);
  fault_.Update(absl::InvalidArgumentError(
      fmt::format("the series of {} say at {}: {}", group.tier->name, DurationText(at), what)));
}

}  // namespace firebreak
