#include "engine/pipeline.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// A pipeline that is fed and ticked every 5 s from kTestStart on. Both pairs fire at once unless a test says otherwise.
class PipelineTest : public ::testing::Test {
 protected:
  PipelineTest() {
    for (AlertPair& pair : config_.pairs) pair.hold_for = absl::ZeroDuration();
  }

  Pipeline& pipeline() {
    if (!pipeline_) pipeline_.emplace(Rules(), PipelineOptions{"http://fb"}, kTestStart, log_);
    return *pipeline_;
  }
  std::shared_ptr<const RuleSet> Rules() {
    if (!rules_) rules_ = MakeRules(config_);
    return rules_;
  }
  // Ticks for `time`; before each tick `count` requests of `endpoint` come that answer `status`.
  void Run(absl::Duration time, std::string_view endpoint = "", int status = 200, int64_t count = 10) {
    for (const absl::Time end = now_ + time; now_ < end;) {
      now_ += absl::Seconds(5);
      if (!endpoint.empty()) Send(MakeEvent(now_, endpoint, status, count));
      pipeline().Tick(now_);
    }
  }
  void Send(const Event& event) { pipeline().Apply(Fold(Rules(), {event})); }
  // Takes over config_ as it is now.
  absl::Status Reload() {
    pipeline();
    rules_ = MakeRules(config_);
    return pipeline_->Reload(rules_);
  }
  // Replaces the maintenance windows; times count from kTestStart.
  void Maintain(std::vector<TimeRange> ranges, std::string tier = "checkout") {
    std::vector<MaintenanceWindow> windows;
    for (const TimeRange& range : ranges) {
      windows.push_back({std::to_string(windows.size()), tier, range.begin, range.end, "", kTestStart});
    }
    pipeline().SetMaintenance(std::make_shared<const MaintenanceList>(std::move(windows)));
  }
  static TimeRange Minutes(double from, double to) {
    return {kTestStart + from * absl::Minutes(1), kTestStart + to * absl::Minutes(1)};
  }
  // The alerts shown, as "tier/pair[endpoint] severity status".
  std::vector<std::string> Shown() {
    std::vector<std::string> shown;
    const SnapshotPtr snapshot = pipeline().TakeSnapshot();
    for (const AlertViewPtr& view : snapshot->alerts) {
      std::string text(view->labels.Get("tier"));
      text.append("/").append(view->labels.Get("pair").empty() ? view->labels.Get("alertname")
                                                               : view->labels.Get("pair"));
      if (!view->labels.Get("endpoint").empty()) text.append("[").append(view->labels.Get("endpoint")).append("]");
      text.append(" ").append(view->labels.Get("severity")).append(" ").append(AlertStatusName(view->status));
      shown.push_back(text);
    }
    return shown;
  }
  AlertViewPtr View(std::string_view alertname, std::string_view pair = "") {
    const SnapshotPtr snapshot = pipeline().TakeSnapshot();
    for (const AlertViewPtr& view : snapshot->alerts) {
      if (view->labels.Get("alertname") == alertname && view->labels.Get("pair") == pair) return view;
    }
    ADD_FAILURE() << "no such alert: " << alertname << " " << pair;
    return std::make_shared<AlertView>();
  }

  Config config_ = TestConfig();
  std::shared_ptr<const RuleSet> rules_;
  TransitionLog log_;
  std::optional<Pipeline> pipeline_;
  absl::Time now_ = kTestStart;
};

// --- What is shown

TEST_F(PipelineTest, LabelsAreTheIdentityAndHoldNoNumbers) {
  Run(absl::Seconds(5), "/pay", 503);
  EXPECT_THAT(View("ErrorBudgetBurn", "fast")->labels.pairs(),
              ElementsAre(Pair("alertname", "ErrorBudgetBurn"), Pair("pair", "fast"), Pair("service", "shop"),
                          Pair("severity", "page"), Pair("slo", "availability"), Pair("tier", "checkout")));
}

TEST_F(PipelineTest, AFiringAlertSaysWhatBurns) {
  Run(absl::Minutes(2), "/cart", 200, 90);
  Send(MakeEvent(now_, "/pay", 503, 40));
  Send(MakeEvent(now_, "/cart", 500, 10));
  Run(absl::Seconds(5));
  const AlertViewPtr view = View("ErrorBudgetBurn", "fast");
  EXPECT_EQ(view->status, AlertStatus::kFiring);
  EXPECT_EQ(view->annotations.Get("causes"), "/pay 80 %, /cart 20 %; status 503 80 %, 500 20 %");
  EXPECT_EQ(view->annotations.Get("summary"),
            "checkout burns its availability error budget: 22.6x over 5m and 22.6x over 1h");
  EXPECT_THAT(
      std::string(view->annotations.Get("description")),
      AllOf(HasSubstr("5m: 50 of 2210 (2.26 %, burn 22.6x), 41.7 % of the window covered by data; 1h: 50 of 2210"),
            HasSubstr("Error budget: exhausted (22.6 times spent), of the 2m5s held out of 30d.")));
  EXPECT_EQ(view->annotations.Get("runbook_url"), "http://fb/runbooks/ErrorBudgetBurn");
  EXPECT_NEAR(*view->value, 22.62, 0.01);
}

TEST_F(PipelineTest, TheRunbookIsTheTiersElseTheConfigurationsElseOurs) {
  config_.runbook_url = "http://wiki/all";
  Run(absl::Seconds(5), "/pay", 503);
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->annotations.Get("runbook_url"), "http://wiki/all");
  config_.tiers[0].runbook_url = "http://wiki/checkout";
  ASSERT_TRUE(Reload().ok());
  Run(absl::Minutes(1), "/pay", 503);
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->annotations.Get("runbook_url"), "http://wiki/checkout");
}

TEST_F(PipelineTest, TheWordsOfAFiringAlertAreMadeAnewEveryMinute) {
  Run(absl::Seconds(5), "/pay", 503);
  const AlertViewPtr first = View("ErrorBudgetBurn", "fast");
  Run(absl::Seconds(55), "/pay", 503);
  EXPECT_EQ(View("ErrorBudgetBurn", "fast"), first);
  Run(absl::Seconds(5), "/pay", 503);
  const AlertViewPtr second = View("ErrorBudgetBurn", "fast");
  EXPECT_NE(second->annotations, first->annotations);
  EXPECT_EQ(second->labels, first->labels);
  EXPECT_EQ(second->firing_since, first->firing_since);
  EXPECT_EQ(second->active_since, first->active_since);
}

TEST_F(PipelineTest, AResolvedAlertIsShownForFifteenMinutes) {
  Run(absl::Seconds(5), "/pay", 503);
  Run(absl::Minutes(5), "/pay", 200, 1000);
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page resolved", "checkout/slow ticket resolved"));
  const absl::Time resolved = *View("ErrorBudgetBurn", "fast")->resolved_at;
  Run(resolved + absl::Minutes(15) - absl::Seconds(5) - now_, "/pay", 200, 1000);
  EXPECT_THAT(Shown(), ::testing::Contains("checkout/fast page resolved"));
  Run(absl::Seconds(5), "/pay", 200, 1000);
  EXPECT_THAT(Shown(), Not(::testing::Contains("checkout/fast page resolved")));
}

TEST_F(PipelineTest, ATransitionCarriesTheCountsThatDecided) {
  Run(absl::Minutes(1), "/pay", 200, 100);
  Run(absl::Seconds(5), "/pay", 503, 100);
  ASSERT_EQ(log_.all().size(), 2u);
  const Transition& transition = log_.all()[0];
  EXPECT_EQ(transition.at, now_);
  EXPECT_EQ(transition.short_window.window, absl::Minutes(5));
  EXPECT_EQ(transition.short_window.bad, 100);
  EXPECT_EQ(transition.short_window.total, 1300);
  EXPECT_EQ(transition.long_window.window, absl::Hours(1));
  EXPECT_NEAR(*transition.long_window.burn, 100.0 / 1300 * 1000, 1e-9);
  EXPECT_NEAR(transition.long_window.coverage, 65.0 / 3600, 1e-9);
  EXPECT_NEAR(*transition.budget_left, 1 - 100 / 1.3, 1e-9);
  EXPECT_EQ(transition.alert->firing_since, now_);
}

TEST_F(PipelineTest, TheSnapshotShowsTiersBudgetsAndFeeds) {
  config_.tiers[0].latency_limit = absl::Milliseconds(100);
  Run(absl::Minutes(1), "/pay", 200, 100);
  Run(absl::Seconds(5), "/pay", 503, 1);
  const SnapshotPtr snapshot = pipeline().TakeSnapshot();
  EXPECT_EQ(snapshot->at, now_);
  EXPECT_EQ(snapshot->started, kTestStart);
  ASSERT_EQ(snapshot->tiers.size(), 1u);
  const TierView& tier = snapshot->tiers[0];
  EXPECT_EQ(tier.feed, FeedState::kTraffic);
  EXPECT_EQ(tier.last_event, now_);
  ASSERT_EQ(tier.slos.size(), 2u);
  EXPECT_EQ(tier.slos[0].budget.counts.bad, 1);
  EXPECT_EQ(tier.slos[0].budget.counts.total, 1201);
  EXPECT_NEAR(tier.slos[0].budget.remaining, 1 - 1 / 1.201, 1e-9);
  ASSERT_EQ(tier.slos[0].pairs.size(), 2u);
  EXPECT_EQ(tier.slos[0].pairs[0].threshold, "1.44");
  EXPECT_EQ(tier.slos[0].pairs[0].short_window.total, 1201);
  EXPECT_EQ(tier.slos[1].slo, Slo::kLatency);
  EXPECT_EQ(tier.slos[1].pairs[0].threshold, "72");
  EXPECT_EQ(tier.slos[1].budget.counts.total, 0);
  EXPECT_EQ(tier.slos[1].budget.remaining, 1);
  EXPECT_EQ(snapshot->stats.ticks, 13);
  EXPECT_EQ(snapshot->stats.events, 13);
}

// --- No data

TEST_F(PipelineTest, NoDataSaysWhetherTheSourceIsIdleOrLost) {
  Run(absl::Minutes(5));
  EXPECT_EQ(View("NoData")->annotations.Get("description"),
            "checkout has had no rum request and no heartbeat for 5m or longer; none was ever counted.");
  EXPECT_EQ(View("NoData")->annotations.Get("runbook_url"), "http://fb/runbooks/NoData");
  Run(absl::Seconds(5), "/pay", 200);
  EXPECT_EQ(View("NoData")->annotations.Get("description"), "checkout has rum requests.");
  EXPECT_EQ(View("NoData")->annotations.Get("summary"), "checkout: no longer without data");
}

TEST_F(PipelineTest, NoDataNamesTheAlertsThatAreHeld) {
  Run(absl::Seconds(5), "/pay", 503);
  for (int minute = 0; minute < 10; ++minute) {
    Run(absl::Minutes(1));
    pipeline().SignOfLife(Source::kRum, now_);
  }
  EXPECT_EQ(View("NoData")->annotations.Get("description"),
            "checkout has no rum requests just now, though their source is alive; the last request was counted at "
            "2025-11-24T16:00:05Z. ErrorBudgetBurn fast (checkout) was firing when its short window ran empty at "
            "2025-11-24T16:05:05Z; without data it ends at 2025-11-24T16:20:05Z.");
}

// One endpoint of a busy tier falls silent while it fires: NoData must not say that the tier has no requests.
TEST_F(PipelineTest, NoDataOfOneEndpointDoesNotClaimTheTierIsSilent) {
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  Run(absl::Seconds(5), "/pay", 503);
  Run(absl::Minutes(10), "/cart", 200);
  EXPECT_THAT(Shown(), ::testing::Contains("checkout/NoData page firing"));
  EXPECT_THAT(
      std::string(View("NoData")->annotations.Get("description")),
      HasSubstr(
          "checkout has rum requests, but none to /pay. ErrorBudgetBurn fast (/pay) was firing when its short window"));
}

// --- Maintenance

TEST_F(PipelineTest, WordsLeaveOutWhatWasUnderMaintenance) {
  Maintain({Minutes(0, 1)});
  Run(absl::Minutes(1), "/cart", 500);
  Run(absl::Seconds(5), "/pay", 503);
  const AlertViewPtr view = View("ErrorBudgetBurn", "fast");
  EXPECT_EQ(view->annotations.Get("causes"), "/pay 100 %; status 503 100 %");
  EXPECT_THAT(std::string(view->annotations.Get("description")),
              AllOf(HasSubstr("5m: 10 of 10 (100 %, burn 1000x), 120 under maintenance left out, 21.7 %"),
                    HasSubstr("Error budget: exhausted (1000 times spent), of the 1m5s held out of 30d, "
                              "120 requests under maintenance left out.")));
  EXPECT_EQ(log_.all()[0].short_window.excluded_bad, 120);
}

TEST_F(PipelineTest, AnAlertThatMaintenanceEndsSaysSo) {
  Run(absl::Minutes(1), "/pay", 503);
  Maintain({Minutes(1, 60)});
  Run(absl::Seconds(5), "/pay", 503);
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->annotations.Get("summary"),
            "checkout is under maintenance until 2025-11-24T17:00:00Z: its availability error budget is not watched");
  EXPECT_EQ(pipeline().TakeSnapshot()->tiers[0].maintenance_until, kTestStart + absl::Hours(1));
}

TEST_F(PipelineTest, NoDataThatMaintenanceEndsSaysSo) {
  Run(absl::Minutes(5));
  Maintain({Minutes(5, 60)});
  Run(absl::Seconds(5));
  EXPECT_EQ(View("NoData")->reason, "maintenance");
  EXPECT_EQ(View("NoData")->annotations.Get("summary"), "checkout: under maintenance, where no data is no fault");
}

TEST_F(PipelineTest, WhatAPastWindowTakesOutEndsAtOnceThoughItWouldBeKeptFiring) {
  for (AlertPair& pair : config_.pairs) pair.keep_firing_for = absl::Hours(1);
  Run(absl::Minutes(1), "/pay", 503);
  Run(absl::Minutes(1), "/pay", 200);
  log_.Clear();
  Maintain({Minutes(0, 1)});
  Run(absl::Seconds(5), "/pay", 200);
  EXPECT_THAT(log_.Texts(), ElementsAre("+2m5s checkout/availability/fast firing>resolved page (maintenance)",
                                        "+2m5s checkout/availability/slow firing>resolved ticket (maintenance)"));
}

// Errors under maintenance still lie in the windows when what came after it recovers: that is a recovery.
TEST_F(PipelineTest, ARecoveryAfterMaintenanceIsARecovery) {
  Maintain({Minutes(0, 2)});
  Run(absl::Minutes(2), "/pay", 503);
  Run(absl::Seconds(30), "/pay", 503);
  Run(absl::Seconds(30), "/pay", 200, 10'000);
  EXPECT_THAT(log_.Texts(), ::testing::Contains("+2m35s checkout/availability/fast firing>resolved page (recovered)"));
  for (const std::string& text : log_.Texts()) EXPECT_THAT(text, Not(HasSubstr("maintenance")));
}

TEST_F(PipelineTest, AWindowThatChangesNothingEndsNothing) {
  Run(absl::Minutes(1), "/pay", 503);
  log_.Clear();
  Maintain({Minutes(-60, -30)});
  Run(absl::Minutes(1), "/pay", 503);
  Maintain({Minutes(0, 1)}, "elsewhere");
  Run(absl::Minutes(1), "/pay", 503);
  EXPECT_THAT(log_.Texts(), IsEmpty());
}

TEST_F(PipelineTest, WhatComesLateForAPastWindowIsLeftOutAsWell) {
  Run(absl::Minutes(10), "/pay", 200);
  Maintain({Minutes(2, 4)});
  Send(MakeEvent(kTestStart + absl::Minutes(3), "/pay", 503, 1000));
  Run(absl::Seconds(5), "/pay", 200);
  EXPECT_THAT(log_.Texts(), IsEmpty());
  const BudgetView budget = pipeline().TakeSnapshot()->tiers[0].slos[0].budget;
  EXPECT_EQ(budget.counts.bad, 0);
  EXPECT_EQ(budget.excluded.bad, 1000);
  EXPECT_EQ(budget.excluded.total, 1000 + 240);
}

TEST_F(PipelineTest, AnEndpointsAlertLeavesOutItsTiersMaintenance) {
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  Maintain({Minutes(0, 1)});
  Run(absl::Minutes(1), "/cart", 503);
  EXPECT_THAT(log_.Texts(), IsEmpty());
  Run(absl::Seconds(5), "/cart", 503);
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast[/cart] page firing", "checkout/slow[/cart] ticket firing"));
  EXPECT_EQ(log_.all()[0].long_window.total, 10);
  EXPECT_EQ(log_.all()[0].long_window.excluded_total, 120);
}

TEST_F(PipelineTest, AReloadKeepsMaintenanceByTheNamesOfTiers) {
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  Maintain({Minutes(0, 60)}, "search");
  Run(absl::Seconds(5), "/find", 503);
  std::swap(config_.tiers[0], config_.tiers[1]);
  ASSERT_TRUE(Reload().ok());
  Run(absl::Seconds(5), "/find", 503);
  Run(absl::Seconds(5), "/pay", 503);
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page firing", "checkout/slow ticket firing"));
}

// --- Batches

TEST_F(PipelineTest, LateAndOverflowingEventsAreReportedAndCounted) {
  Run(absl::Seconds(5), "/pay", 200);
  const Pipeline::Applied late = pipeline().Apply(
      Fold(Rules(), {MakeEvent(now_ - absl::Hours(24 * 31), "/pay", 503), MakeEvent(now_, "/pay", 200)}));
  EXPECT_EQ(late.late, 1);
  EXPECT_EQ(late.overflow, 0);
  Event flood = MakeEvent(now_, "/cart", 200, 1'000'000);
  flood.retries = 1'000'000;
  EXPECT_EQ(pipeline().Apply(Fold(Rules(), {flood})).overflow, 0);
  EXPECT_EQ(pipeline().Apply(Fold(Rules(), {flood})).overflow, 1);
  EXPECT_EQ(pipeline().stats().late_dropped, 1);
  EXPECT_EQ(pipeline().stats().overflow_dropped, 1);
  EXPECT_EQ(pipeline().stats().events, 5);
}

TEST_F(PipelineTest, ABatchOfAnOlderConfigurationIsMappedByTheNamesOfTiers) {
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  config_.tiers.push_back(MakeTier("gone", "0.999", {"/gone"}));
  const FoldedBatch old = Fold(Rules(), {MakeEvent(kTestStart, "/pay", 200, 1), MakeEvent(kTestStart, "/find", 200, 2),
                                         MakeEvent(kTestStart, "/gone", 200, 4)});
  pipeline();
  config_.tiers.pop_back();
  std::swap(config_.tiers[0], config_.tiers[1]);            // search, checkout
  config_.tiers[0].latency_limit = absl::Milliseconds(42);  // other latency buckets
  config_.classification.unknown_endpoint_tier = 1;
  ASSERT_TRUE(Reload().ok());
  EXPECT_EQ(pipeline().Apply(old).late, 0);
  const auto sum = [&](int tier) { return pipeline().traffic().TierSum(tier, 0, kTestStart, absl::Hours(1)).total; };
  EXPECT_EQ(sum(0), 2);
  EXPECT_EQ(sum(1), 1 + 4) << "a tier that is gone counts where unknown endpoints go";
}

// --- Reload

TEST_F(PipelineTest, AReloadKeepsStatesOfWhatStays) {
  config_.pairs[1].hold_for = absl::Minutes(15);
  Run(absl::Minutes(1), "/pay", 503);
  const auto before = log_.Texts();
  config_.tiers[0].burn[0] = MustParseDecimal("20");
  config_.pairs[1].hold_for = absl::Minutes(2);
  config_.tiers.insert(config_.tiers.begin(), MakeTier("front", "0.99", {"/front"}));
  ASSERT_TRUE(Reload().ok());
  EXPECT_EQ(log_.Texts(), before);
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page firing", "checkout/slow ticket pending"));
  Run(absl::Minutes(1) + absl::Seconds(5), "/pay", 503);
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page firing", "checkout/slow ticket firing"));
  EXPECT_EQ(View("ErrorBudgetBurn", "slow")->active_since, kTestStart + absl::Seconds(5));
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->firing_since, kTestStart + absl::Seconds(5));
}

TEST_F(PipelineTest, AReloadResolvesWhatIsGone) {
  config_.pairs[1].hold_for = absl::Minutes(15);
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  Run(absl::Minutes(1), "/pay", 503);
  log_.Clear();
  config_.tiers.erase(config_.tiers.begin());
  ASSERT_TRUE(Reload().ok());
  EXPECT_THAT(log_.Texts(), ElementsAre("+1m checkout/availability/fast firing>resolved page (removed)",
                                        "+1m checkout/availability/slow pending>inactive ticket (removed)"));
  EXPECT_EQ(log_.all()[0].alert->resolved_at, now_);
  EXPECT_EQ(log_.all()[0].alert->firing_since, kTestStart + absl::Seconds(5));
}

TEST_F(PipelineTest, WhatAReloadTookAwayIsShownAsResolvedForFifteenMinutes) {
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  config_.pairs[1].hold_for = absl::Minutes(15);
  Run(absl::Minutes(1), "/pay", 503);
  config_.tiers.erase(config_.tiers.begin());
  ASSERT_TRUE(Reload().ok());
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page resolved"));
  const AlertViewPtr view = View("ErrorBudgetBurn", "fast");
  EXPECT_EQ(view->reason, "removed");
  EXPECT_EQ(view->annotations.Get("summary"),
            "checkout is no longer watched by ErrorBudgetBurn (availability, fast): that rule was removed from the "
            "configuration");
  Run(absl::Minutes(15) - absl::Seconds(5), "/find");
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page resolved"));
  Run(absl::Seconds(5), "/find");
  EXPECT_THAT(Shown(), IsEmpty());
}

TEST_F(PipelineTest, WhatHadResolvedBeforeAReloadTookItAwayIsShownForTheRestOfItsTime) {
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  Run(absl::Seconds(5), "/pay", 503, 1);
  Run(absl::Seconds(5), "/pay", 200, 10000);
  ASSERT_THAT(Shown(), ElementsAre("checkout/fast page resolved", "checkout/slow ticket resolved"));
  Run(absl::Minutes(10), "/find");
  config_.tiers.erase(config_.tiers.begin());
  ASSERT_TRUE(Reload().ok());
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->reason, "recovered");
  Run(absl::Minutes(5) - absl::Seconds(5), "/find");
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page resolved", "checkout/slow ticket resolved"));
  Run(absl::Seconds(5), "/find");
  EXPECT_THAT(Shown(), IsEmpty());
}

TEST_F(PipelineTest, ARuleThatComesBackTakesItsAlertBack) {
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  Run(absl::Seconds(5), "/pay", 503);
  const Tier checkout = config_.tiers[0];
  config_.tiers.erase(config_.tiers.begin());
  ASSERT_TRUE(Reload().ok());
  config_.tiers.push_back(checkout);
  ASSERT_TRUE(Reload().ok());
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page resolved", "checkout/slow ticket resolved"));
  Run(absl::Seconds(5), "/pay", 503);
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page firing", "checkout/slow ticket firing")) << "a new episode";
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->firing_since, now_);
}

TEST_F(PipelineTest, AReloadThatDropsAPairOrTheLatencySloResolvesTheirAlerts) {
  config_.tiers[0].latency_limit = absl::Milliseconds(100);
  config_.tiers[0].latency_burn = {MustParseDecimal("2"), MustParseDecimal("2")};
  Event slow = MakeEvent(now_, "/pay", 200, 10);
  slow.latency = absl::Seconds(1);
  Send(slow);
  Run(absl::Seconds(5), "/pay", 503, 10);
  EXPECT_EQ(Shown().size(), 4u);
  log_.Clear();
  config_.tiers[0].latency_limit.reset();
  config_.pairs.pop_back();
  config_.tiers[0].burn.pop_back();
  config_.tiers[0].latency_burn.pop_back();
  ASSERT_TRUE(Reload().ok());
  EXPECT_THAT(log_.Texts(), UnorderedElementsAre("+5s checkout/availability/slow firing>resolved ticket (removed)",
                                                 "+5s checkout/latency/fast firing>resolved page (removed)",
                                                 "+5s checkout/latency/slow firing>resolved ticket (removed)"));
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page firing", "checkout/slow ticket resolved",
                                   "checkout/fast page resolved", "checkout/slow ticket resolved"));
}

TEST_F(PipelineTest, AReloadThatChangesTheServiceStartsNewAlerts) {
  Run(absl::Seconds(5), "/pay", 503);
  log_.Clear();
  config_.service = "store";
  ASSERT_TRUE(Reload().ok());
  ASSERT_EQ(log_.all().size(), 2u);
  for (const Transition& transition : log_.all()) {
    EXPECT_EQ(transition.to, AlertStatus::kResolved);
    EXPECT_EQ(transition.alert->labels.Get("service"), "shop");
  }
  log_.Clear();
  Run(absl::Seconds(5), "/pay", 503);
  ASSERT_EQ(log_.all().size(), 2u);
  EXPECT_EQ(log_.all()[0].to, AlertStatus::kFiring);
  EXPECT_EQ(log_.all()[0].alert->labels.Get("service"), "store");
}

TEST_F(PipelineTest, AReloadToAlertByEndpointChangesWhoAlerts) {
  Run(absl::Seconds(5), "/pay", 503);
  log_.Clear();
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  ASSERT_TRUE(Reload().ok());
  EXPECT_THAT(log_.Texts(), ElementsAre("+5s checkout/availability/fast firing>resolved page (removed)",
                                        "+5s checkout/availability/slow firing>resolved ticket (removed)"));
  Run(absl::Seconds(5), "/pay", 503);
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast[/pay] page firing", "checkout/slow[/pay] ticket firing",
                                   "checkout/fast page resolved", "checkout/slow ticket resolved"));
}

// Endpoints may get other numbers in the store by a reload; their alerts are theirs all the same.
TEST_F(PipelineTest, AReloadKeepsTheAlertsOfEndpoints) {
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  config_.tiers[0].endpoints = {"/a", "/b", "/cart"};
  Run(absl::Minutes(1), "/cart", 503);
  log_.Clear();
  config_.tiers[0].endpoints = {"/cart", "/b"};
  ASSERT_TRUE(Reload().ok());
  Run(absl::Minutes(1), "/cart", 503);
  Run(absl::Minutes(1), "/b", 200);
  EXPECT_THAT(log_.Texts(), IsEmpty());
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast[/cart] page firing", "checkout/slow[/cart] ticket firing"));
}

TEST_F(PipelineTest, AReloadKeepsNoData) {
  Run(absl::Minutes(6));
  log_.Clear();
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  ASSERT_TRUE(Reload().ok());
  Run(absl::Seconds(5));
  EXPECT_THAT(log_.Texts(), ElementsAre("+6m5s search/NoData inactive>firing ticket"));
  EXPECT_EQ(View("NoData")->firing_since, kTestStart + absl::Minutes(5));
}

// Counts in buckets of other bounds would be wrong for ever, even where the number of buckets is the same.
TEST_F(PipelineTest, AReloadThatMovesALatencyBoundStartsTheHistogramsAnew) {
  config_.tiers[0].latency_limit = absl::Milliseconds(200);
  Event event = MakeEvent(now_, "/pay", 200);
  event.latency = absl::Milliseconds(220);
  Send(event);
  const auto seconds = [&] { return pipeline().traffic().Cumulative(0, 0, 0)->latency_seconds; };
  ASSERT_TRUE(Reload().ok());
  EXPECT_GT(seconds(), 0) << "the same bounds";
  config_.tiers[0].latency_limit = absl::Milliseconds(210);
  ASSERT_TRUE(Reload().ok());
  EXPECT_EQ(seconds(), 0);
}

TEST_F(PipelineTest, WhatShapesTheRingsTakesARestart) {
  Run(absl::Seconds(5), "/pay", 503);
  const Config before = config_;
  const auto refused = [&](auto change) {
    config_ = before;
    change(config_);
    const auto old = pipeline().rules();
    const absl::Status status = pipeline().Reload(MakeRules(config_));
    EXPECT_EQ(pipeline().rules(), old);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    return std::string(status.message());
  };
  EXPECT_EQ(refused([](Config& c) { c.evaluation_interval = absl::Seconds(10); }),
            "evaluation_interval changed: that takes a restart");
  EXPECT_THAT(refused([](Config& c) { c.period = absl::Hours(24 * 7); }), HasSubstr("period changed"));
  EXPECT_THAT(refused([](Config& c) { c.allowed_lateness = absl::Minutes(1); }), HasSubstr("allowed_lateness"));
  EXPECT_THAT(refused([](Config& c) { c.evaluation_delay = absl::Minutes(1); }), HasSubstr("evaluation_delay"));
  EXPECT_THAT(Shown(), ElementsAre("checkout/fast page firing", "checkout/slow ticket firing"));
}

// --- Quiet

TEST_F(PipelineTest, QuietOnlyWhenNothingCanChangeAnyMore) {
  EXPECT_FALSE(pipeline().IsQuiet());
  Run(absl::Minutes(5));
  EXPECT_TRUE(pipeline().IsQuiet()) << "lost, and no event anywhere";
  Run(absl::Seconds(5), "/pay", 503);
  EXPECT_FALSE(pipeline().IsQuiet());
  Run(absl::Hours(6), "/pay", 200, 1);
  EXPECT_FALSE(pipeline().IsQuiet());
  Run(absl::Hours(6));
  EXPECT_FALSE(pipeline().IsQuiet()) << "a coarse slot may still show the last event";
  Run(absl::Hours(1) + absl::Seconds(5));
  EXPECT_TRUE(pipeline().IsQuiet());
  Maintain({{now_ + absl::Minutes(10), now_ + absl::Minutes(20)}});
  EXPECT_FALSE(pipeline().IsQuiet()) << "it will end NoData";
  Run(absl::Minutes(20));
  EXPECT_FALSE(pipeline().IsQuiet()) << "… which will fire again";
  Run(absl::Minutes(5));
  EXPECT_TRUE(pipeline().IsQuiet());
}

}  // namespace
}  // namespace firebreak
