#include "engine/lab/explainer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/replay.h"
#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Passes on what happens in a replay to an Explainer.
class ExplainerTest : public ::testing::Test {
 protected:
  // `bad` of 100 requests each 10 s.
  void Traffic(absl::Duration from, absl::Duration to, int bad, std::string_view endpoint = "/pay") {
    for (absl::Duration at = from; at < to; at += absl::Seconds(10)) {
      if (bad < 100) events_.push_back(MakeEvent(kTestStart + at, endpoint, 200, 100 - bad));
      if (bad > 0) events_.push_back(MakeEvent(kTestStart + at, endpoint, 503, bad));
    }
  }

  void Ask(std::string_view alert, std::variant<absl::Time, absl::Duration> when) {
    questions_.push_back({*ParseAlertName(alert, config_), when});
  }

  const std::vector<Explainer::Answer>& Answers() {
    const ReplayOptions options{absl::Seconds(10), lateness_};
    config_.allowed_lateness = std::max(config_.allowed_lateness, lateness_);
    explainer_.emplace(questions_, options.step);
    ReplayDriver driver(MakeRules(config_), {}, options, *explainer_, [](int64_t, std::string_view) {});
    driver.Observe(*explainer_);
    for (const Event& event : events_) driver.Offer(event, 1);
    driver.Finish();
    return explainer_->answers();
  }
  const Explanation& Answer(std::string_view alert, absl::Duration after_start) {
    questions_.clear();
    Ask(alert, kTestStart + after_start);
    const auto& answers = Answers();
    EXPECT_TRUE(answers[0].explanation.has_value());
    return *answers[0].explanation;
  }

  Config config_ = TestConfig();
  absl::Duration lateness_;  // how far the replay reads ahead of its evaluations
  std::vector<Event> events_;
  std::vector<Explainer::Question> questions_;
  std::optional<Explainer> explainer_;
};

constexpr char kFast[] = "checkout/availability/fast";

TEST_F(ExplainerTest, SaysWhyItFiredAndWhoDidIt) {
  Traffic(absl::Seconds(10), absl::Minutes(60), 0);
  Traffic(absl::Minutes(60), absl::Minutes(66), 30);
  Traffic(absl::Minutes(60), absl::Minutes(66), 10, "/cart");
  std::sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
  const Explanation fired = Answer(kFast, absl::Minutes(64) + absl::Seconds(10));
  ASSERT_TRUE(fired.burn.has_value());
  EXPECT_EQ(fired.burn->state.phase, AlertPhase::kFiring);
  EXPECT_EQ(fired.burn->state.pending_since, kTestStart + absl::Minutes(62) + absl::Seconds(10));
  EXPECT_EQ(fired.burn->signal.kind, BurnSignal::Kind::kAbove);
  ASSERT_THAT(fired.changes, SizeIs(1));
  EXPECT_EQ(fired.changes[0].to, AlertStatus::kFiring);
  EXPECT_EQ(fired.burn->threshold_percent, "1.44");
  EXPECT_TRUE(fired.burn->short_window.above);
  EXPECT_TRUE(fired.burn->long_window.above);
  const auto& endpoints = fired.burn->long_window.endpoints;
  ASSERT_THAT(endpoints, SizeIs(2));
  EXPECT_EQ(endpoints[0].name, "/pay");
  EXPECT_EQ(endpoints[0].bad, 3 * endpoints[1].bad);
  EXPECT_EQ(endpoints[0].bad + endpoints[1].bad, fired.burn->long_window.reading.bad);
  ASSERT_THAT(fired.burn->long_window.causes, SizeIs(1));
  EXPECT_EQ(fired.burn->long_window.causes[0].name, "503");
}

TEST_F(ExplainerTest, PendingAndInactiveHaveTheirReasonsToo) {
  Traffic(absl::Seconds(10), absl::Minutes(60), 0);
  Traffic(absl::Minutes(60), absl::Minutes(64), 30);
  const Explanation pending = Answer(kFast, absl::Minutes(63));
  EXPECT_EQ(pending.burn->state.phase, AlertPhase::kPending);
  EXPECT_EQ(pending.burn->policy.hold_for, absl::Minutes(2));
  const Explanation before = Answer(kFast, absl::Minutes(60) + absl::Seconds(30));
  EXPECT_EQ(before.burn->signal.kind, BurnSignal::Kind::kBelow);
  EXPECT_TRUE(before.burn->short_window.above);
  EXPECT_FALSE(before.burn->long_window.above);
}

// The numbers of requests that would have turned the answer are tried out.
TEST_F(ExplainerTest, AsManyFewerWouldHaveTurnedIt) {
  config_.pairs[0].hold_for = absl::ZeroDuration();
  Traffic(absl::Seconds(10), absl::Minutes(60), 0);
  Traffic(absl::Minutes(60), absl::Minutes(61) + absl::Seconds(10), 80);
  const absl::Duration at = absl::Minutes(61);
  const std::vector<Event> as_it_was = events_;
  const auto with_bad = [&](int64_t change) {
    events_ = as_it_was;
    for (Event& event : events_) {
      if (event.time != kTestStart + at) continue;
      event.count += event.status == 503 ? change : -change;
    }
    return Answer(kFast, at).burn->signal.kind;
  };
  const Explanation explanation = Answer(kFast, at);
  ASSERT_EQ(explanation.burn->signal.kind, BurnSignal::Kind::kAbove);
  ASSERT_TRUE(explanation.burn->flip.has_value());
  const int64_t flip = *explanation.burn->flip;
  ASSERT_LT(flip, 80);
  EXPECT_EQ(with_bad(-flip), BurnSignal::Kind::kBelow);
  EXPECT_EQ(with_bad(-flip + 1), BurnSignal::Kind::kAbove);
  // And from there it takes one more.
  events_ = as_it_was;
  with_bad(-flip);
  EXPECT_EQ(Answer(kFast, at).burn->flip, 1);
}

TEST_F(ExplainerTest, NoNumberTurnsWhatHasTooFewRequests) {
  Traffic(absl::Seconds(10), absl::Minutes(60), 0);
  events_.push_back(MakeEvent(kTestStart + absl::Minutes(70), "/pay", 200));
  const Explanation explanation = Answer(kFast, absl::Minutes(70));
  EXPECT_EQ(explanation.burn->short_window.reading.total, 1);
  EXPECT_EQ(explanation.burn->short_window.flip, 1);
  EXPECT_EQ(explanation.burn->flip, std::nullopt) << "one bad request of an hour's thousands";
}

TEST_F(ExplainerTest, WithoutDataNothingIsAboveOrBelow) {
  Traffic(absl::Seconds(10), absl::Minutes(10), 50);
  const Explanation held = Answer(kFast, absl::Minutes(17));
  EXPECT_EQ(held.burn->signal.kind, BurnSignal::Kind::kNoData);
  EXPECT_EQ(held.burn->state.phase, AlertPhase::kFiring);
  EXPECT_EQ(held.burn->short_window.flip, std::nullopt);
  ASSERT_TRUE(held.burn->ends_without_data.has_value());
  EXPECT_EQ(*held.burn->ends_without_data, *held.burn->state.no_data_since + config_.no_data_hold);
  const Explanation no_data = Answer("checkout/NoData", absl::Minutes(25));
  ASSERT_TRUE(no_data.no_data.has_value());
  EXPECT_TRUE(no_data.no_data->state.firing);
  EXPECT_EQ(no_data.no_data->last_event, kTestStart + absl::Minutes(10) - absl::Seconds(10));
}

TEST_F(ExplainerTest, TheLastRequestIsNotOneThatWasReadAhead) {
  lateness_ = absl::Minutes(5);
  Traffic(absl::Seconds(10), absl::Minutes(10), 0);
  Traffic(absl::Minutes(12), absl::Minutes(30), 0);
  const struct {
    absl::Duration at;
    absl::Duration want;
  } kRows[] = {{absl::Seconds(10), absl::Seconds(10)},
               {absl::Minutes(10) - absl::Seconds(10), absl::Minutes(10) - absl::Seconds(10)},
               {absl::Minutes(12) - absl::Seconds(10), absl::Minutes(10) - absl::Seconds(10)},
               {absl::Minutes(12), absl::Minutes(12)},
               {absl::Minutes(32), absl::Minutes(30) - absl::Seconds(10)}};
  for (const auto& row : kRows) {
    EXPECT_EQ(Answer("checkout/NoData", row.at).no_data->last_event, kTestStart + row.want) << row.at;
  }
}

TEST_F(ExplainerTest, BeforeTheFirstRequestThereWasNone) {
  lateness_ = absl::Minutes(5);
  config_.tiers[0].slo_source = Source::kSynthetic;
  events_.push_back(MakeEvent(kTestStart + absl::Seconds(10), "/pay", 200));
  events_.push_back(MakeEvent(kTestStart + absl::Minutes(4), "/pay", 200));
  events_.back().source = Source::kSynthetic;
  EXPECT_EQ(Answer("checkout/NoData", absl::Minutes(3)).no_data->last_event, std::nullopt);
  EXPECT_EQ(Answer("checkout/NoData", absl::Minutes(4)).no_data->last_event, kTestStart + absl::Minutes(4));
}

TEST_F(ExplainerTest, GuardsAreNamed) {
  config_.tiers[0].min_bad = 1'000'000;
  Traffic(absl::Seconds(10), absl::Minutes(10), 50);
  const Explanation explanation = Answer(kFast, absl::Minutes(8));
  EXPECT_EQ(explanation.burn->state.severity, Severity::kTicket);
  EXPECT_EQ(explanation.burn->guard, "held by min_bad=1000000");
}

TEST_F(ExplainerTest, AnInstantBetweenEvaluationsMeansTheOneBefore) {
  Traffic(absl::Seconds(10), absl::Minutes(10), 0);
  Ask(kFast, kTestStart + absl::Minutes(5) + absl::Seconds(9));
  Ask(kFast, kTestStart + absl::Minutes(5) + absl::Seconds(10));
  Ask(kFast, absl::Minutes(5));  // after the first event
  const auto& answers = Answers();
  EXPECT_EQ(answers[0].evaluated_at, kTestStart + absl::Minutes(5));
  EXPECT_EQ(answers[1].evaluated_at, kTestStart + absl::Minutes(5) + absl::Seconds(10));
  EXPECT_EQ(answers[2].evaluated_at, kTestStart + absl::Minutes(5) + absl::Seconds(10));
}

TEST_F(ExplainerTest, BeforeTheBeginningTheFirstEvaluationAnswersAfterTheEndNone) {
  Traffic(absl::Minutes(5), absl::Minutes(10), 0);
  Ask(kFast, kTestStart);
  Ask(kFast, kTestStart + absl::Hours(1000));
  const auto& answers = Answers();
  EXPECT_EQ(answers[0].asked_at, kTestStart);
  EXPECT_EQ(answers[0].evaluated_at, kTestStart + absl::Minutes(5));
  EXPECT_EQ(answers[1].evaluated_at, std::nullopt);
  EXPECT_EQ(answers[1].explanation, std::nullopt);
  ASSERT_TRUE(answers[1].last_before.has_value());
  EXPECT_GT(*answers[1].last_before, kTestStart + absl::Minutes(10));
}

TEST_F(ExplainerTest, ASilenceThatIsSkippedCanBeAskedAbout) {
  Traffic(absl::Seconds(10), absl::Minutes(10), 0);
  Traffic(absl::Hours(24 * 20), absl::Hours(24 * 20) + absl::Minutes(10), 0);
  Ask(kFast, kTestStart + absl::Hours(24 * 10));
  const auto& answers = Answers();
  EXPECT_EQ(answers[0].evaluated_at, kTestStart + absl::Hours(24 * 10));
  EXPECT_EQ(answers[0].explanation->burn->signal.kind, BurnSignal::Kind::kNoData);
}

TEST_F(ExplainerTest, AnEndpointsAlertIsExplainedAloneAndAnUnknownOneListsThoseThereWere) {
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  Traffic(absl::Seconds(10), absl::Minutes(10), 50);
  Ask("checkout/availability/fast /pay", kTestStart + absl::Minutes(8));
  Ask("checkout/availability/fast /pya", kTestStart + absl::Minutes(8));
  const auto& answers = Answers();
  ASSERT_TRUE(answers[0].explanation.has_value());
  EXPECT_EQ(answers[0].explanation->burn->state.phase, AlertPhase::kFiring);
  EXPECT_THAT(answers[0].explanation->burn->short_window.endpoints, IsEmpty());
  EXPECT_EQ(answers[1].explanation, std::nullopt);
  EXPECT_THAT(answers[1].endpoints, ElementsAre("/pay", "/cart"));
}

}  // namespace
}  // namespace firebreak
