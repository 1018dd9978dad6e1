// What a pipeline is like after the process was stopped and started again, and while nothing can be written down.

#include <string>
#include <utility>
#include <vector>

#include "engine/pipeline.h"
#include "engine/test_ledger.h"
#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kTick = absl::Seconds(5);

// A pipeline whose every batch and tick goes into a ledger. Both pairs fire at once unless a test says otherwise.
class RestartTest : public ::testing::Test {
 protected:
  RestartTest() {
    for (AlertPair& pair : config_.pairs) pair.hold_for = absl::ZeroDuration();
  }

  Pipeline& pipeline() {
    if (!pipeline_) Start();
    return *pipeline_;
  }
  void Start() {
    rules_ = MakeRules(config_);
    pipeline_.emplace(rules_, PipelineOptions{"http://fb"}, now_, log_);
  }
  // Kills the process and starts it `downtime` later, with config_ as it is then.
  void Restart(absl::Duration downtime = absl::ZeroDuration()) {
    pipeline_.reset();
    now_ += downtime;
    Start();
    ledger_.RestoreInto(*pipeline_);
  }
  void Send(const Event& event) {
    const AdmittedBatch admitted = pipeline().Admit(Fold(rules_, {event}));
    ledger_.Add(admitted.record);
    pipeline_->Apply(admitted);
  }
  // Ticks for `time`; before each tick `count` requests of `endpoint` come that answer `status`.
  void Run(absl::Duration time, std::string_view endpoint = "", int status = 200, int64_t count = 10) {
    pipeline();
    for (const absl::Time end = now_ + time; now_ < end;) {
      now_ += kTick;
      if (!endpoint.empty()) Send(MakeEvent(now_, endpoint, status, count));
      Tick();
    }
  }
  // Returns what had to be written down.
  AlertChanges Tick() {
    pipeline().Tick(now_, health_);
    pipeline().TakeSnapshot();
    AlertChanges changes = pipeline().TakeChanges();
    ledger_.Save(now_, changes);
    return changes;
  }
  AlertChanges NextTick() {
    now_ += kTick;
    return Tick();
  }
  // The transitions since the last call.
  std::vector<std::string> News() {
    std::vector<std::string> texts = log_.Texts();
    log_.Clear();
    return texts;
  }
  std::vector<AlertViewPtr> Shown() { return pipeline().TakeSnapshot()->alerts; }
  AlertViewPtr View(std::string_view alertname, std::string_view pair = "") {
    for (const AlertViewPtr& view : Shown()) {
      if (view->labels.Get("alertname") == alertname && view->labels.Get("pair") == pair) return view;
    }
    ADD_FAILURE() << "no such alert: " << alertname << " " << pair;
    return std::make_shared<AlertView>();
  }
  void OnlyTheFastPair() {
    config_.pairs.pop_back();
    config_.tiers[0].burn.pop_back();
    config_.tiers[0].latency_burn.pop_back();
  }

  Config config_ = TestConfig();
  std::shared_ptr<const RuleSet> rules_;
  TransitionLog log_;
  TestLedger ledger_{kTick};
  ServiceHealth health_;
  std::optional<Pipeline> pipeline_;
  absl::Time now_ = kTestStart;
};

// --- Alerts

TEST_F(RestartTest, DowntimeDoesNotCountTowardsFor) {
  OnlyTheFastPair();
  config_.pairs[0].hold_for = absl::Minutes(2);
  Run(absl::Minutes(1) + kTick, "/pay", 503);  // pending since 5s
  Restart(absl::Minutes(3));
  Run(absl::Minutes(1) - kTick, "/pay", 503);
  EXPECT_THAT(News(), ElementsAre("+5s checkout/availability/fast inactive>pending page"));
  Run(kTick, "/pay", 503);
  EXPECT_THAT(News(), ElementsAre("+5m5s checkout/availability/fast pending>firing page"));
}

TEST_F(RestartTest, DowntimeOfEveryRestartIsLeftOut) {
  OnlyTheFastPair();
  config_.pairs[0].hold_for = absl::Minutes(2);
  Run(absl::Minutes(1) + kTick, "/pay", 503);
  Restart(absl::Minutes(1));
  Run(kTick, "/pay", 503);
  Restart(absl::Minutes(1));
  Restart(absl::Minutes(1));  // nothing was evaluated in between
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->active_since, kTestStart + absl::Minutes(3) + kTick);
  Run(absl::Minutes(1) - 2 * kTick, "/pay", 503);
  News();
  Run(kTick, "/pay", 503);
  EXPECT_THAT(News(), ElementsAre("+5m5s checkout/availability/fast pending>firing page"));
}

TEST_F(RestartTest, AFiringAlertGoesOnAsTheSame) {
  Run(absl::Minutes(1), "/pay", 503);
  const AlertViewPtr before = View("ErrorBudgetBurn", "fast");
  News();
  Restart(absl::Minutes(2));
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->status, AlertStatus::kFiring) << "before anything is evaluated";
  Run(absl::Minutes(1), "/pay", 503);
  EXPECT_THAT(News(), IsEmpty());
  const AlertViewPtr after = View("ErrorBudgetBurn", "fast");
  EXPECT_EQ(after->labels, before->labels);
  EXPECT_EQ(after->firing_since, kTestStart + kTick);
  EXPECT_EQ(after->active_since, kTestStart + kTick);
}

TEST_F(RestartTest, ResolvedWhileDownIsSent) {
  OnlyTheFastPair();
  Run(absl::Minutes(1), "/pay", 503);
  News();
  Restart(absl::Minutes(6));
  Run(kTick, "/pay", 200);
  EXPECT_THAT(News(), ElementsAre("+7m5s checkout/availability/fast firing>resolved page (recovered)"));
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->firing_since, kTestStart + kTick);
}

TEST_F(RestartTest, AResolvedAlertIsShownForTheRestOfItsFifteenMinutes) {
  OnlyTheFastPair();
  Run(absl::Seconds(5), "/pay", 503);
  Run(absl::Minutes(5), "/pay", 200, 1000);
  const AlertViewPtr before = View("ErrorBudgetBurn", "fast");
  ASSERT_EQ(before->status, AlertStatus::kResolved);
  Restart(absl::Minutes(1));
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->annotations, before->annotations);
  Run(*before->resolved_at + absl::Minutes(15) - now_, "/pay", 200);
  EXPECT_THAT(Shown(), IsEmpty());
  EXPECT_THAT(ledger_.alerts(), IsEmpty());
}

TEST_F(RestartTest, DowntimeDoesNotCountTowardsKeepFiringFor) {
  OnlyTheFastPair();
  config_.pairs[0].keep_firing_for = absl::Minutes(2);
  Run(kTick, "/pay", 503);
  Run(absl::Minutes(1), "/pay", 200, 1000);  // below since 10s
  News();
  Restart(absl::Minutes(4));
  Run(absl::Minutes(1), "/pay", 200, 1000);
  EXPECT_THAT(News(), IsEmpty());
  Run(kTick, "/pay", 200, 1000);
  EXPECT_THAT(News(), ElementsAre("+6m10s checkout/availability/fast firing>resolved page (recovered)"));
}

TEST_F(RestartTest, DowntimeDoesNotCountTowardsNoDataHold) {
  OnlyTheFastPair();
  Run(absl::Seconds(5), "/pay", 503);
  Run(absl::Minutes(6));  // held since 5m5s
  Restart(absl::Minutes(30));
  News();
  Run(absl::Minutes(14) - kTick);
  EXPECT_THAT(News(), ElementsAre("+40m5s checkout/NoData firing>resolved ticket (escalated)",
                                  "+40m5s checkout/NoData inactive>firing page"))
      << "held for 5 minutes of its own";
  Run(2 * kTick);
  EXPECT_THAT(News(), ElementsAre("+50m5s checkout/availability/fast firing>resolved page (no_data)"));
}

// Maintenance that is there when the process starts was in force before it stopped: what it takes out is no news.
TEST_F(RestartTest, TheMaintenanceOfAStartIsNoChange) {
  for (AlertPair& pair : config_.pairs) pair.keep_firing_for = absl::Minutes(10);
  Run(absl::Minutes(1), "/pay", 503);
  News();
  Restart();
  pipeline().SetMaintenance(std::make_shared<const MaintenanceList>(
      std::vector<MaintenanceWindow>{{"a", "*", kTestStart, kTestStart + absl::Minutes(1), "", kTestStart}}));
  Run(kTick, "/pay", 200);
  EXPECT_THAT(News(), IsEmpty()) << "keep_firing_for holds them";
}

TEST_F(RestartTest, AGuardedTicketStaysATicket) {
  config_.tiers[0].min_bad = 1000;
  Run(kTick, "/pay", 503);
  News();
  Restart(absl::Minutes(1));
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->labels.Get("severity"), "ticket");
  Run(absl::Minutes(1), "/pay", 503);
  EXPECT_THAT(News(), IsEmpty());
  Run(kTick, "/pay", 503, 1000);
  EXPECT_THAT(News(), ElementsAre("+2m10s checkout/availability/fast firing>resolved ticket (escalated)",
                                  "+2m10s checkout/availability/fast inactive>firing page"));
}

// A record may have lost its view, or be written by a version that had none.
TEST_F(RestartTest, AViewIsMadeFromTheStateWhereThereIsNone) {
  Run(kTick, "/pay", 503);
  std::vector<AlertRecord> records;
  for (auto [identity, record] : ledger_.alerts()) {
    record.views = {};
    records.push_back(record);
  }
  const absl::Time head = now_;
  pipeline_.reset();
  Start();
  pipeline_->RestoreAlerts(records, head);
  config_.tiers[0].name = "other";
  const absl::Status status = pipeline_->Reload(MakeRules(config_));
  ASSERT_TRUE(status.ok());
  EXPECT_THAT(News(), Contains("+5s checkout/availability/fast firing>resolved page (removed)"));
}

// --- Alerts whose rule is gone

TEST_F(RestartTest, AlertsOfATierThatIsGoneEnd) {
  config_.pairs[1].hold_for = absl::Minutes(15);
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  Run(absl::Minutes(1), "/pay", 503);
  News();
  config_.tiers.erase(config_.tiers.begin());
  Restart(absl::Minutes(1));
  EXPECT_THAT(News(), IsEmpty()) << "nothing before the first tick";
  const AlertChanges changes = NextTick();
  EXPECT_THAT(changes.changed, SizeIs(1)) << "what fired is shown as resolved";
  EXPECT_THAT(changes.ended, SizeIs(1)) << "what was pending is gone";
  EXPECT_EQ(log_.all()[0].alert->resolved_at, now_);
  EXPECT_EQ(log_.all()[0].alert->firing_since, kTestStart + kTick);
  EXPECT_EQ(log_.all()[0].slo, "availability");
  EXPECT_THAT(News(), ElementsAre("+2m5s checkout/availability/fast firing>resolved page (removed)",
                                  "+2m5s checkout/availability/slow pending>inactive ticket (removed)"));
  Restart();
  Run(kTick);
  EXPECT_THAT(News(), IsEmpty()) << "once";
}

TEST_F(RestartTest, AnAlertOfATierThatIsGoneIsShownForFifteenMinutesAcrossRestarts) {
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  Run(kTick, "/pay", 503);
  config_.tiers.erase(config_.tiers.begin());
  Restart();
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->status, AlertStatus::kFiring) << "it ends at the first tick";
  Run(kTick, "/find");
  Restart(absl::Minutes(10));
  Run(absl::Minutes(5) - kTick, "/find");
  const AlertViewPtr view = View("ErrorBudgetBurn", "fast");
  EXPECT_EQ(view->status, AlertStatus::kResolved);
  EXPECT_EQ(view->reason, "removed");
  EXPECT_EQ(view->resolved_at, kTestStart + 2 * kTick);
  EXPECT_THAT(std::string(view->annotations.Get("summary")), HasSubstr("removed from the configuration"));
  Run(kTick, "/find");
  EXPECT_THAT(Shown(), IsEmpty());
  EXPECT_THAT(ledger_.alerts(), IsEmpty());
}

TEST_F(RestartTest, ATierThatComesBackAtARestartHasItsOldAlertToShow) {
  config_.tiers.push_back(MakeTier("search", "0.999", {"/find"}));
  Run(kTick, "/pay", 503);
  const Config with_checkout = config_;
  config_.tiers.erase(config_.tiers.begin());
  Restart();
  Run(kTick, "/find");
  ledger_.ForgetCounts();
  config_ = with_checkout;
  Restart();
  Run(kTick, "/find");
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->reason, "removed");
  Run(kTick, "/pay", 503);
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->status, AlertStatus::kFiring);
  Run(absl::Minutes(16), "/pay", 503);
  Restart();
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->firing_since, kTestStart + 4 * kTick) << "nothing old ends its record";
}

TEST_F(RestartTest, AlertsOfAPairOrSloOrServiceThatIsGoneEnd) {
  config_.tiers[0].latency_limit = absl::Milliseconds(100);
  config_.tiers[0].latency_burn = {MustParseDecimal("2"), MustParseDecimal("2")};
  Event slow = MakeEvent(now_, "/pay", 200, 10);
  slow.latency = absl::Seconds(1);
  Send(slow);
  Run(kTick, "/pay", 503, 10);
  News();
  config_.tiers[0].latency_limit.reset();
  OnlyTheFastPair();
  Restart();
  Run(kTick, "/pay", 503);
  EXPECT_THAT(News(), UnorderedElementsAre("+10s checkout/availability/slow firing>resolved ticket (removed)",
                                           "+10s checkout/latency/fast firing>resolved page (removed)",
                                           "+10s checkout/latency/slow firing>resolved ticket (removed)"));
  config_.service = "store";
  Restart();
  Run(kTick, "/pay", 503);
  ASSERT_THAT(log_.all(), SizeIs(2));
  EXPECT_EQ(log_.all()[0].alert->labels.Get("service"), "shop");
  EXPECT_EQ(log_.all()[0].to, AlertStatus::kResolved);
  EXPECT_EQ(log_.all()[1].alert->labels.Get("service"), "store");
  EXPECT_EQ(log_.all()[1].to, AlertStatus::kFiring);
}

TEST_F(RestartTest, AlertsOfEndpointsEndWithAlertByTier) {
  OnlyTheFastPair();
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  Run(kTick, "/pay", 503);
  News();
  config_.tiers[0].alert_by = AlertBy::kTier;
  Restart();
  Run(kTick, "/pay", 503);
  EXPECT_THAT(News(), ElementsAre("+10s checkout/availability/fast[/pay] firing>resolved page (removed)",
                                  "+10s checkout/availability/fast inactive>firing page"));
}

TEST_F(RestartTest, AnAlertOfAnEndpointWithoutCountsIsWatchedOn) {
  OnlyTheFastPair();
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  config_.tiers[0].max_endpoints = 3;
  Run(kTick, "/unknown", 503);
  News();
  ledger_.ForgetCounts();
  config_.tiers[0].max_endpoints = 2;
  Restart();
  Run(kTick, "/unknown", 503);
  EXPECT_THAT(News(), IsEmpty());
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->labels.Get("endpoint"), "/unknown");
  EXPECT_EQ(View("ErrorBudgetBurn", "fast")->firing_since, kTestStart + kTick);
}

// --- No data

TEST_F(RestartTest, TheStartCountsAsASignOfLife) {
  Run(absl::Minutes(4));
  Restart(absl::Minutes(10));
  Run(absl::Minutes(5) - kTick);
  EXPECT_THAT(News(), IsEmpty());
  Run(kTick);
  EXPECT_THAT(News(), ElementsAre("+19m checkout/NoData inactive>firing ticket"));
}

TEST_F(RestartTest, AFeedThatWasLostIsNotBackByTheStartAlone) {
  Run(absl::Minutes(5));
  ASSERT_THAT(News(), ElementsAre("+5m checkout/NoData inactive>firing ticket"));
  Restart(absl::Minutes(1));
  Run(absl::Minutes(1));
  EXPECT_THAT(News(), IsEmpty());
  EXPECT_EQ(View("NoData")->firing_since, kTestStart + absl::Minutes(5));
  pipeline().SignOfLife(Source::kRum, now_);
  Run(kTick);
  EXPECT_THAT(News(), ElementsAre("+7m5s checkout/NoData firing>resolved ticket (recovered)"));
}

TEST_F(RestartTest, NoDataRemembersWhatItCovers) {
  OnlyTheFastPair();
  config_.tiers[0].alert_by = AlertBy::kEndpoint;
  Run(kTick, "/pay", 503);
  Run(absl::Minutes(21), "/cart", 200);
  ASSERT_THAT(News(), ElementsAre("+5s checkout/availability/fast[/pay] inactive>firing page",
                                  "+10m5s checkout/NoData inactive>firing page",
                                  "+20m5s checkout/availability/fast[/pay] firing>resolved page (no_data)"));
  Restart(absl::Minutes(1));
  Run(absl::Minutes(5), "/cart", 200);
  EXPECT_THAT(News(), IsEmpty());
  EXPECT_THAT(std::string(View("NoData")->annotations.Get("description")), HasSubstr("but none to /pay"));
  Run(kTick, "/pay", 200);
  EXPECT_THAT(News(), ElementsAre(HasSubstr("checkout/NoData firing>resolved page (recovered)")));
}

// --- What is written down

TEST_F(RestartTest, AQuietTickWritesNothing) {
  Run(kTick, "/pay", 503);
  EXPECT_THAT(ledger_.alerts(), SizeIs(2));
  for (int i = 0; i < 20; ++i) {  // firing on, with new words every minute
    Send(MakeEvent(now_ + kTick, "/pay", 503));
    const AlertChanges changes = NextTick();
    EXPECT_THAT(changes.changed, IsEmpty());
    EXPECT_THAT(changes.ended, IsEmpty());
  }
}

TEST_F(RestartTest, AMarkThatMovesWithoutATransitionIsWritten) {
  OnlyTheFastPair();
  config_.pairs[0].keep_firing_for = absl::Minutes(2);
  Run(kTick, "/pay", 503);
  News();
  Run(kTick, "/pay", 200, 1000);
  EXPECT_THAT(News(), IsEmpty());
  const AlertState state = *ledger_.alerts().begin()->second.burn;
  EXPECT_EQ(state.phase, AlertPhase::kFiring);
  EXPECT_TRUE(state.below_since.has_value());
}

TEST_F(RestartTest, AReloadWritesWhatItRemoves) {
  Run(kTick, "/pay", 503);
  config_.tiers = {MakeTier("search", "0.999", {"/find"})};
  ASSERT_TRUE(pipeline().Reload(MakeRules(config_)).ok());
  const AlertChanges changes = pipeline().TakeChanges();
  EXPECT_THAT(changes.changed, SizeIs(2));
  for (const AlertRecord& record : changes.changed) EXPECT_FALSE(record.burn) << "resolved, and still shown";
  ledger_.Save(now_, changes);
  Run(absl::Minutes(15), "/find");
  EXPECT_THAT(ledger_.alerts(), IsEmpty());
}

TEST_F(RestartTest, AReloadThatKeepsEverythingWritesNothing) {
  Run(absl::Minutes(6));
  Run(kTick, "/pay", 503);
  ASSERT_TRUE(pipeline().Reload(MakeRules(config_)).ok());
  const AlertChanges changes = pipeline().TakeChanges();
  EXPECT_THAT(changes.changed, IsEmpty());
  EXPECT_THAT(changes.ended, IsEmpty());
}

// --- Counts

TEST_F(RestartTest, CountsComeBackAndGoOn) {
  config_.tiers.push_back(MakeTier("gone", "0.999", {"/gone"}));
  Event event = MakeEvent(now_, "/pay", 503, 3);
  event.latency = absl::Milliseconds(120);
  Send(event);
  Run(kTick, "/gone", 200);
  config_.tiers.pop_back();
  Restart(absl::Minutes(1));
  Send(event);
  const TrafficStore& traffic = pipeline().traffic();
  EXPECT_EQ(traffic.num_tiers(), 1);
  EXPECT_EQ(traffic.TierSum(0, 0, now_, absl::Hours(1)).bad, 6);
  EXPECT_EQ(traffic.EndpointSum(0, 0, 0, now_, absl::Hours(1)).bad, 6);
  EXPECT_EQ(traffic.CauseSums(0, 0, now_, absl::Hours(1)), (std::vector<std::pair<int, int64_t>>{{503, 6}}));
  EXPECT_EQ(traffic.Cumulative(0, 0, 0)->latency_buckets[1], 6);
  EXPECT_NEAR(traffic.Cumulative(0, 0, 0)->latency_seconds, 0.72, 1e-9);
}

TEST_F(RestartTest, HistogramsOfOtherBucketsStartAnew) {
  config_.tiers[0].latency_limit = absl::Milliseconds(200);
  Event event = MakeEvent(now_, "/pay", 200, 3);
  event.latency = absl::Milliseconds(120);
  Send(event);
  Run(kTick);
  config_.tiers[0].latency_limit = absl::Milliseconds(210);  // as many
  Restart();
  const CumulativeCounts& counts = *pipeline().traffic().Cumulative(0, 0, 0);
  EXPECT_THAT(counts.latency_buckets, ::testing::Each(0));
  EXPECT_EQ(counts.latency_seconds, 0);
  EXPECT_EQ(counts.by_status[1], 3);
}

// The wall clock was an hour ahead before the restart: what it dated then must not spoil the rings of now.
TEST_F(RestartTest, WhatAClockAheadHasDatedIsLeftOut) {
  Run(kTick, "/pay", 200, 1);
  now_ += absl::Hours(1);
  Run(kTick, "/pay", 503, 1);
  Restart(-absl::Hours(1));
  Send(MakeEvent(now_, "/pay", 200, 1));
  EXPECT_EQ(pipeline().traffic().TierSum(0, 0, now_, absl::Minutes(5)), (Counts{.total = 2}));
  EXPECT_EQ(pipeline().traffic().TierSum(0, 0, now_ + absl::Hours(2), absl::Hours(6)).total, 2);
}

TEST_F(RestartTest, EventsAheadOfTheKillCountWhenTheirTimeComes) {
  Send(MakeEvent(now_ + absl::Seconds(30), "/pay", 503, 7));
  Run(kTick);
  Restart();
  Run(absl::Seconds(20));
  EXPECT_THAT(News(), IsEmpty());
  Run(kTick);
  EXPECT_THAT(News(), Contains("+30s checkout/availability/fast inactive>firing page"));
}

// --- Batches on their way

TEST_F(RestartTest, AnAbandonedBatchLeavesNothingBehind) {
  config_.tiers[0].max_endpoints = 3;
  pipeline();
  const auto admit = [&](std::string_view endpoint) {
    return pipeline().Admit(Fold(rules_, {MakeEvent(now_, endpoint, 200, 1)}));
  };
  const AdmittedBatch first = admit("/new");
  const AdmittedBatch second = admit("/newer");
  EXPECT_EQ(first.record.deltas[0].endpoint, "/new");
  EXPECT_EQ(second.record.deltas[0].endpoint, "__other__") << "the last place is taken";
  pipeline().Abandon(first);
  EXPECT_EQ(pipeline().traffic().num_endpoints(0), 2);
  EXPECT_EQ(pipeline().stats().events, 0);
  EXPECT_EQ(pipeline().traffic().TierSum(0, 0, now_, absl::Hours(1)), Counts());
  EXPECT_EQ(admit("/newer").record.deltas[0].endpoint, "/newer") << "it is free again";
  pipeline().Apply(second);
  EXPECT_EQ(pipeline().traffic().endpoint_name(0, 2), "__other__") << "what was decided stays";
}

TEST_F(RestartTest, AFullCounterCountsWhatIsOnItsWay) {
  Event flood = MakeEvent(now_, "/pay", 200, 1'000'000);
  flood.retries = 600'000;
  pipeline();
  const AdmittedBatch first = pipeline().Admit(Fold(rules_, {flood}));
  EXPECT_EQ(first.overflow, 0);
  EXPECT_EQ(pipeline().Admit(Fold(rules_, {flood})).overflow, 1);
  pipeline().Abandon(first);
  EXPECT_EQ(pipeline().Admit(Fold(rules_, {flood})).overflow, 0);
}

TEST_F(RestartTest, ABatchThatAgedOnItsWayIsInTheCumulativeCounts) {
  const AdmittedBatch admitted = pipeline().Admit(Fold(MakeRules(config_), {MakeEvent(now_, "/pay", 503, 5)}));
  EXPECT_EQ(admitted.record.counts.accepted, 1);
  now_ += absl::Hours(24 * 32);
  pipeline().Tick(now_);
  pipeline().Apply(admitted);
  EXPECT_EQ(pipeline().stats().late_dropped, 0);
  EXPECT_EQ(pipeline().traffic().TierSum(0, 0, now_, absl::Hours(24 * 30)), Counts());
  EXPECT_EQ(pipeline().traffic().Cumulative(0, 0, 0)->by_status[4], 5);
}

TEST_F(RestartTest, ABatchOfATierThatGoesMeanwhileIsCountedNowhere) {
  config_.tiers.push_back(MakeTier("gone", "0.999", {"/gone"}));
  pipeline();
  const AdmittedBatch admitted =
      pipeline().Admit(Fold(rules_, {MakeEvent(now_, "/gone", 200, 1), MakeEvent(now_, "/pay", 200, 2)}));
  config_.tiers.pop_back();
  config_.tiers.insert(config_.tiers.begin(), MakeTier("front", "0.99", {"/front"}));
  ASSERT_TRUE(pipeline().Reload(MakeRules(config_)).ok());
  pipeline().Apply(admitted);
  EXPECT_EQ(pipeline().traffic().TierSum(0, 0, now_, absl::Hours(1)).total, 0);
  EXPECT_EQ(pipeline().traffic().TierSum(1, 0, now_, absl::Hours(1)).total, 2);
}

// --- While events are refused

TEST_F(RestartTest, WhileRefusingFiringAlertsAreHeld) {
  OnlyTheFastPair();
  Run(kTick, "/pay", 503);
  News();
  health_.ingest = EngineObserver::Ingest::kRefusing;
  Run(absl::Hours(2));
  EXPECT_THAT(News(), ElementsAre("+10s IngestRefused inactive>firing page"));
  health_.ingest = EngineObserver::Ingest::kOpen;
  Run(kTick, "/pay", 200);
  EXPECT_THAT(News(), ElementsAre(HasSubstr("checkout/availability/fast firing>resolved page (recovered)")));
}

TEST_F(RestartTest, WhileRefusingPendingAlertsWaitOnAndFireWhenTheyAreAbove) {
  OnlyTheFastPair();
  config_.pairs[0].hold_for = absl::Minutes(2);
  Run(kTick, "/pay", 503);
  News();
  health_.ingest = EngineObserver::Ingest::kRefusing;
  Run(absl::Minutes(2));
  EXPECT_THAT(News(), ElementsAre("+10s IngestRefused inactive>firing page",
                                  "+2m5s checkout/availability/fast pending>firing page"))
      << "the windows are above still";
}

TEST_F(RestartTest, WhileRefusingNoDataNeitherBeginsNorEnds) {
  Run(kTick, "/pay", 200);
  health_.ingest = EngineObserver::Ingest::kRefusing;
  Run(absl::Minutes(30));
  EXPECT_THAT(News(), ElementsAre("+10s IngestRefused inactive>firing page"));
  health_.ingest = EngineObserver::Ingest::kOpen;
  Run(absl::Minutes(5) - kTick);
  EXPECT_THAT(News(), ElementsAre("+31m10s IngestRefused firing>resolved page (recovered)"));
  Run(kTick);
  EXPECT_THAT(News(), ElementsAre("+35m5s checkout/NoData inactive>firing ticket"))
      << "the silence counts from the end of the refusing";
  health_.ingest = EngineObserver::Ingest::kRefusing;
  pipeline().SignOfLife(Source::kRum, now_);
  Run(kTick);
  health_.ingest = EngineObserver::Ingest::kOpen;
  EXPECT_THAT(News(), ElementsAre("+35m10s IngestRefused inactive>firing page"));
  Run(kTick);
  EXPECT_THAT(News(), ElementsAre("+35m15s checkout/NoData firing>resolved ticket (recovered)"));
}

TEST_F(RestartTest, IngestRefusedOutlivesTheProcess) {
  health_.ingest = EngineObserver::Ingest::kRefusing;
  Run(kTick);
  health_.ingest = EngineObserver::Ingest::kOpen;
  Run(absl::Seconds(30));
  News();
  Restart(absl::Hours(1));
  EXPECT_EQ(View("IngestRefused")->firing_since, kTestStart + kTick);
  Run(absl::Seconds(35) - kTick);
  EXPECT_THAT(News(), IsEmpty());
  Run(kTick);
  EXPECT_THAT(News(), ElementsAre("+1h1m10s IngestRefused firing>resolved page (recovered)"));
}

}  // namespace
}  // namespace firebreak
