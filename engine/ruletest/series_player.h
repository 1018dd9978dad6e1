#ifndef FIREBREAK_ENGINE_RULETEST_SERIES_PLAYER_H_
#define FIREBREAK_ENGINE_RULETEST_SERIES_PLAYER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/ruletest/player.h"

namespace firebreak {

// Plays counters as Prometheus would have scraped them. What a counter grew by between two samples in a row arrives
// with the later one and is dated one finest slot after the earlier: so a window counts it exactly when both samples
// lie in it, which is what Prometheus' rate() goes by, gaps and late series included. A counter that falls was reset.
// Each scrape is a sign of life.
class SeriesPlayer : public Player {
 public:
  SeriesPlayer(const RuleTest& test, const SeriesTraffic& traffic, absl::Time start);

  void PlayUntil(absl::Duration until, const Sink& sink) override;
  // Errors: counters of one SLO that contradict each other, or those of the requests; that grow by 2^40 at once.
  absl::Status fault() const override { return fault_; }
  absl::Duration end() const override;

 private:
  // A series and its latest sample.
  struct Scraped {
    const CounterSeries* series = nullptr;
    std::optional<size_t> last;
  };
  // The series of one endpoint and source.
  struct Group {
    const Tier* tier = nullptr;
    Source source = Source::kRum;
    std::string endpoint;
    std::vector<Scraped> series;
    bool counts_availability = false;  // else only latencies
  };
  // What the counters of a group grew by, where that is dated together.
  struct Growth {
    absl::Time dated;
    std::vector<std::pair<const Answer*, int64_t>> answers;
    int64_t requests = 0;  // of availability
    int64_t bad = 0;
    int64_t timed = 0;  // of latency
    int64_t slow = 0;
  };
  class Sender;

  absl::Time At(size_t sample) const;
  // Whether any series of the group has the next sample.
  bool PlayScrape(Group& group, const Sink& sink);
  static void Add(const CounterSeries& series, int64_t grown, Growth& growth);
  void Send(const Group& group, const Growth& growth, const Sink& sink);
  void Refuse(const Group& group, std::string_view what);

  const RuleSet& rules_;
  const absl::Time start_;
  const absl::Duration interval_;
  const absl::Duration slot_;
  const Answer bad_answer_;
  std::vector<Group> groups_;
  size_t samples_ = 0;  // of the longest series
  size_t next_ = 0;     // the scrape to play next
  absl::Status fault_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_SERIES_PLAYER_H_
