#include "api/lab/explanation_text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "rules/parse.h"

namespace firebreak {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kAt = absl::FromUnixSeconds(1764000000);  // 2025-11-24T16:00:00Z

// An answer about checkout/availability/fast: 145 of 10,000 bad over 5m, 10 of 100,000 over 1h.
class ExplanationTextTest : public ::testing::Test {
 protected:
  ExplanationTextTest() {
    answer_.question = {{0, Slo::kAvailability, 0, ""}, kAt};
    answer_.asked_at = answer_.evaluated_at = kAt;
    answer_.explanation.emplace();
    explanation().alert = answer_.question.alert;
    explanation().at = kAt;
    explanation().burn.emplace();
    burn().burn = *Decimal::Parse("14.4");
    burn().objective = *Decimal::Parse("0.999");
    burn().threshold_percent = "1.44";
    burn().policy = {absl::Minutes(2), absl::ZeroDuration(), absl::Minutes(15), Severity::kPage};
    burn().short_window.reading = {absl::Minutes(5), 145, 10'000, 14.5, 1};
    burn().short_window.above = true;
    burn().short_window.flip = 1;
    burn().long_window.reading = {absl::Hours(1), 10, 100'000, 0.1, 1};
    burn().long_window.flip = 1431;
    burn().budget_left = 0.25;
  }

  Explanation& explanation() { return *answer_.explanation; }
  ExplainedBurn& burn() { return *explanation().burn; }
  std::string Text(CausesKnown causes = CausesKnown::kYes) const { return ExplanationText(answer_, config_, causes); }
  nlohmann::json Json(CausesKnown causes = CausesKnown::kYes) const {
    return nlohmann::json::parse(ExplanationJson(answer_, config_, causes))["explain"];
  }
  void SetFiring() {
    burn().signal.kind = BurnSignal::Kind::kAbove;
    burn().long_window.above = true;
    burn().state = {AlertPhase::kFiring, Severity::kPage, kAt - absl::Minutes(3), kAt - absl::Minutes(1), {}, {}};
  }

  const Config config_ = *ParseConfig("slo_tiers: {checkout: {availability: 0.999, endpoints: [/pay]}}", "x").config;
  Explainer::Answer answer_;
};

TEST_F(ExplanationTextTest, InactiveSaysWhichWindowIsNotAbove) {
  EXPECT_EQ(Text(),
            "checkout/availability/fast at 2025-11-24T16:00:00Z: inactive\n"
            "  Why: the last 5m is above, but the last 1h is not.\n"
            "  Alerts above 1.44 % (14.4x at an objective of 99.9 %) in both windows, for 2m.\n"
            "  Last 5m: 145 of 10000 (1.45 %, burn 14.5x), above 14.4x (1 fewer and it is not)\n"
            "  Last 1h: 10 of 100000 (0.01 %, burn 0.1x), not above 14.4x (1431 more and it is)\n"
            "  Even if all requests of the last 5m had been bad, not both windows would have been above.\n"
            "  Budget left: 25 %.\n");
  burn().flip = 1431;
  EXPECT_THAT(Text(), HasSubstr("  1431 more bad requests in the last 5m, and both windows would have been above.\n"));
}

TEST_F(ExplanationTextTest, PendingSaysHowFarItIs) {
  SetFiring();
  burn().state.phase = AlertPhase::kPending;
  burn().state.pending_since = kAt - absl::Seconds(90);
  EXPECT_THAT(Text(), AllOf(HasSubstr(": pending since 2025-11-24T15:58:30Z\n"),
                            HasSubstr("both windows are above; it has lasted 1m30s of the 2m (for) that it takes")));
}

TEST_F(ExplanationTextTest, FiringSaysWhatWouldHaveStoppedIt) {
  SetFiring();
  burn().flip = 1;
  EXPECT_THAT(Text(), AllOf(HasSubstr("firing [page] since 2025-11-24T15:59:00Z, above since 2025-11-24T15:57:00Z"),
                            HasSubstr("1 fewer bad request in the last 5m, and not both windows would")));
  burn().guard = "held by min_bad=500";
  EXPECT_THAT(Text(), HasSubstr("both windows are above; held by min_bad=500: a ticket and no page."));
}

TEST_F(ExplanationTextTest, HeldAlertsSayUntilWhen) {
  SetFiring();
  burn().signal.kind = BurnSignal::Kind::kBelow;
  burn().long_window.above = false;
  burn().policy.keep_firing_for = absl::Minutes(10);
  burn().state.below_since = kAt - absl::Minutes(1);
  EXPECT_THAT(Text(), HasSubstr("kept firing until 2025-11-24T16:09:00Z (keep_firing_for)"));
  burn().signal.kind = BurnSignal::Kind::kNoData;
  burn().short_window.reading = {absl::Minutes(5), 0, 0, std::nullopt, 1};
  burn().state.no_data_since = kAt;
  burn().ends_without_data = kAt + absl::Minutes(15);
  EXPECT_THAT(Text(), AllOf(HasSubstr("Why: no data: the last 5m holds no request"),
                            HasSubstr("without any it ends at 2025-11-24T16:15:00Z"), HasSubstr("  Last 5m: no data\n"),
                            Not(HasSubstr("would have been above"))));
}

TEST_F(ExplanationTextTest, MaintenanceAndRefusedRequestsDecideFirst) {
  burn().signal.kind = BurnSignal::Kind::kMaintenance;
  explanation().maintenance_until = kAt + absl::Hours(1);
  EXPECT_THAT(Text(), HasSubstr("Why: under maintenance until 2025-11-24T17:00:00Z"));
  burn().signal.kind = BurnSignal::Kind::kFailed;
  EXPECT_THAT(Text(), HasSubstr("Why: requests were being refused"));
}

TEST_F(ExplanationTextTest, TenContributionsAreNamedAndTheRestCounted) {
  for (int i = 0; i < 12; ++i) burn().short_window.endpoints.push_back({"/e" + std::to_string(i), 20 - i, 100});
  burn().short_window.causes = {{"503", 145, 0}};
  EXPECT_THAT(
      Text(),
      AllOf(HasSubstr(
                "      bad by endpoint:\n        /e0 20 of 100 (13.8 % of the bad)\n        /e1 19 of 100 (13.1 %)\n"),
            HasSubstr("        /e9 11 of 100 (7.59 %)\n        and 2 more\n"), Not(HasSubstr("/e10")),
            HasSubstr("      status: 503 145 (100 % of the bad)\n")));
  EXPECT_EQ(Json()["short"]["endpoints"].size(), 12u);
}

TEST_F(ExplanationTextTest, CodesThatAreNotToldApartAreNoStatus) {
  burn().short_window.causes = {{"503", 100, 0}, {"other", 45, 0}};
  EXPECT_THAT(Text(), HasSubstr("status: 503 100 (69 % of the bad), other codes 45 (31 %)\n"));
  EXPECT_EQ(Json()["short"]["causes"][1]["status"], "other");
}

TEST_F(ExplanationTextTest, ALedgerKnowsNoEndpoints) {
  EXPECT_THAT(Text(CausesKnown::kNo), HasSubstr("Endpoints and status codes are not known: a ledger replays tiers.\n"));
  EXPECT_TRUE(Json(CausesKnown::kNo)["short"]["endpoints"].is_null());
  EXPECT_TRUE(Json(CausesKnown::kYes)["short"]["endpoints"].is_array());
}

TEST_F(ExplanationTextTest, AnotherEvaluationThanTheOneAskedForSaysSo) {
  answer_.asked_at = kAt - absl::Minutes(5);
  EXPECT_THAT(Text(), HasSubstr("There was no evaluation at 2025-11-24T15:55:00Z: this is the next one.\n"));
}

TEST_F(ExplanationTextTest, JsonHasTheDocumentedFields) {
  SetFiring();
  burn().flip = 1;
  const nlohmann::json json = Json();
  EXPECT_EQ(json["alert"], "checkout/availability/fast");
  EXPECT_EQ(json["time"], "2025-11-24T16:00:00Z");
  EXPECT_EQ(json["status"], "firing");
  EXPECT_EQ(json["severity"], "page");
  EXPECT_EQ(json["firing_since"], "2025-11-24T15:59:00Z");
  EXPECT_EQ(json["signal"], "above");
  EXPECT_EQ(json["flip"], 1);
  EXPECT_EQ(json["short"]["bad"], 145);
  EXPECT_EQ(json["short"]["flip"], 1);
  EXPECT_EQ(json["threshold"]["percent"], "1.44");
  EXPECT_EQ(json["no_data_since"], nullptr);
}

TEST_F(ExplanationTextTest, NoDataIsExplainedByItsFeed) {
  explanation().burn.reset();
  explanation().no_data = {
      {true, true, Severity::kTicket, kAt}, kAt - absl::Minutes(7), kAt - absl::Minutes(6), absl::Minutes(5)};
  explanation().alert.slo.reset();
  explanation().feed = FeedState::kLost;
  EXPECT_EQ(Text(),
            "checkout/NoData at 2025-11-24T16:00:00Z: firing [ticket] since 2025-11-24T16:00:00Z\n"
            "  Feed: lost. Last request counted by 2025-11-24T15:53:00Z, last sign of life by 2025-11-24T15:54:00Z; "
            "lost after 5m without one.\n"
            "  An alert was held while it fired: it ends only when requests come again.\n");
  EXPECT_EQ(Json()["last_event"], "2025-11-24T15:53:00Z");
}

TEST_F(ExplanationTextTest, WhatHasNoAnswerIsAFault) {
  EXPECT_TRUE(FaultOf(answer_, config_).ok());
  answer_.explanation.reset();
  answer_.endpoints = {"/pay", "/cart"};
  answer_.question.alert.endpoint = "/pya";
  EXPECT_THAT(std::string(FaultOf(answer_, config_).message()),
              HasSubstr("that endpoint had no alert then, did you mean \"/pay\"?; there were:\n  /pay\n  /cart"));
  answer_.evaluated_at.reset();
  EXPECT_THAT(std::string(FaultOf(answer_, config_).message()), HasSubstr("the replay evaluated nothing"));
  answer_.last_before = kAt - absl::Hours(1);
  EXPECT_THAT(std::string(FaultOf(answer_, config_).message()),
              HasSubstr("@2025-11-24T16:00:00Z: the replay ends before that, at 2025-11-24T15:00:00Z"));
}

}  // namespace
}  // namespace firebreak
