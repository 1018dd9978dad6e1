#include "testdata/demo/recording.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/codec/event_json.h"
#include "api/codec/gzip.h"
#include "engine/replay.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/parse.h"
#include "testdata/demo/embedded_rules.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kDecodedBytes = 16 << 20;

std::string Recording() { return Gunzip(DemoRecordingGz(), kDecodedBytes).value(); }

std::shared_ptr<const RuleSet> ArticlesRules() {
  ParsedConfig parsed = ParseConfig(ArticlesRulesFiles()[0].bytes, "tiklive.yaml");
  return RuleSet::Create(parsed.config.value()).value();
}

EventDecodeResult Decode(std::string_view body, const std::function<void(const Event&)>& on_event) {
  EventTimeRule rule;
  rule.missing = EventTimeRule::Missing::kIsError;
  rule.latest = absl::InfiniteFuture();
  return EventDecoder().Decode(body, EventBodyFormat::kNdjson, rule, on_event);
}

// What happened to alerts from the beginning of the recording to shortly before its end, where silence begins.
class Timeline : public TransitionSink {
 public:
  explicit Timeline(absl::Time until) : until_(until) {}

  void OnTransition(const Transition& transition) override {
    if (transition.at >= until_) return;
    absl::Duration since = transition.at - DemoIncidentBegin();
    lines_.push_back(fmt::format("{} {}/{}/{} {}", absl::FormatDuration(since), transition.tier, transition.slo,
                                 transition.pair, AlertStatusName(transition.to)));
  }

  const std::vector<std::string>& lines() const { return lines_; }

 private:
  const absl::Time until_;
  std::vector<std::string> lines_;
};

TEST(DemoRecordingTest, IsSmallEnoughToBringAlong) {
  EXPECT_LT(DemoRecordingGz().size(), 400'000);
  std::string text = Recording();
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 60'000);
}

TEST(DemoRecordingTest, EveryLineIsAnEventOfATierInOrderOfTime) {
  std::shared_ptr<const RuleSet> rules = ArticlesRules();
  absl::Time last = absl::InfinitePast();
  int64_t out_of_order = 0;
  std::vector<std::string> strangers;
  EventDecodeResult result = Decode(Recording(), [&](const Event& event) {
    if (event.time < last) ++out_of_order;
    last = event.time;
    bool known = false;
    for (const Tier& tier : rules->config.tiers)
      known |= std::count(tier.endpoints.begin(), tier.endpoints.end(), event.endpoint) > 0;
    if (!known) strangers.emplace_back(event.endpoint);
  });
  EXPECT_GT(result.decoded, 50'000);
  EXPECT_EQ(result.rejected, 0);
  EXPECT_EQ(result.unknown_fields, 0);
  EXPECT_EQ(out_of_order, 0);
  EXPECT_THAT(strangers, IsEmpty());
}

// testdata/README.md has this table.
TEST(DemoRecordingTest, TellsItsStoryUnderTheArticlesRules) {
  Timeline timeline(DemoIncidentEnd() + absl::Hours(2));
  std::vector<std::string> rejected;
  ReplayDriver replay(ArticlesRules(), {}, {}, timeline,
                      [&](int64_t, std::string_view reason) { rejected.emplace_back(reason); });
  int64_t line = 0;
  Decode(Recording(), [&](const Event& event) { replay.Offer(event, ++line); });
  ReplaySummary summary = replay.Finish();
  EXPECT_THAT(timeline.lines(),
              ElementsAre("1m55s tier1_interactive/availability/fast pending",    //
                          "3m50s tier1_interactive/availability/slow pending",    //
                          "3m55s tier1_interactive/availability/fast firing",     //
                          "18m50s tier1_interactive/availability/slow firing",    //
                          "39m55s tier1_interactive/availability/fast resolved",  //
                          "1h4m40s tier1_interactive/availability/slow resolved"));
  EXPECT_THAT(rejected, IsEmpty());
  EXPECT_EQ(summary.behind, 0);
  EXPECT_EQ(summary.late, 0);
}

}  // namespace
}  // namespace firebreak
