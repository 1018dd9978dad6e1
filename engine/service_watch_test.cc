#include "engine/service_watch.h"

#include <string>
#include <vector>

#include "engine/pipeline.h"
#include "engine/test_ledger.h"
#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

// A pipeline without traffic whose clock stands in the first minutes, so that nothing but Firebreak itself alerts.
class ServiceWatchTest : public ::testing::Test {
 protected:
  ServiceWatchTest() { Start(); }

  void Start() { pipeline_.emplace(MakeRules(config_), PipelineOptions{"http://fb/"}, now_, log_); }
  void Refuse() { health_.ingest = EngineObserver::Ingest::kRefusing; }
  void Accept() { health_.ingest = EngineObserver::Ingest::kOpen; }
  void Park(std::vector<std::string> destinations) { health_.parked_destinations = std::move(destinations); }
  static std::vector<std::string> Names(int count) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back("d" + std::to_string(i));
    return names;
  }
  // Ticks for `time`; returns the transitions.
  std::vector<std::string> Run(absl::Duration time) {
    log_.Clear();
    for (const absl::Time end = now_ + time; now_ < end;) {
      now_ += absl::Seconds(5);
      pipeline_->SignOfLife(Source::kRum, now_);
      pipeline_->Tick(now_, health_);
      snapshot_ = pipeline_->TakeSnapshot();
      ledger_.Save(now_, pipeline_->TakeChanges());
    }
    return log_.Texts();
  }
  std::vector<std::string> Tick() { return Run(absl::Seconds(5)); }

  Config config_ = TestConfig();
  absl::Time now_ = kTestStart;
  TransitionLog log_;
  TestLedger ledger_{absl::Seconds(5)};
  ServiceHealth health_;
  SnapshotPtr snapshot_;
  std::optional<Pipeline> pipeline_;
};

TEST_F(ServiceWatchTest, AllIsWell) {
  EXPECT_THAT(Run(absl::Minutes(1)), IsEmpty());
  EXPECT_THAT(snapshot_->alerts, IsEmpty());
  EXPECT_THAT(ledger_.alerts(), IsEmpty());
}

TEST_F(ServiceWatchTest, RefusedIngestPagesAtOnceAndEndsAfterAMinuteWithout) {
  Refuse();
  EXPECT_THAT(Tick(), ElementsAre("+5s IngestRefused inactive>firing page"));
  Accept();
  EXPECT_THAT(Run(absl::Minutes(1)), IsEmpty());
  EXPECT_THAT(Tick(), ElementsAre("+1m10s IngestRefused firing>resolved page (recovered)"));
}

TEST_F(ServiceWatchTest, RefusingNowAndThenIsOneAlert) {
  for (int i = 0; i < 10; ++i) {
    Refuse();
    EXPECT_THAT(Tick(), SizeIs(i == 0 ? 1 : 0));
    Accept();
    EXPECT_THAT(Run(absl::Seconds(55)), IsEmpty());
  }
}

TEST_F(ServiceWatchTest, WordsSayWhatIsUpAndWhereToLook) {
  Refuse();
  Park({"oncall"});
  Tick();
  ASSERT_THAT(snapshot_->alerts, SizeIs(2));
  const AlertView& parked = *snapshot_->alerts[0];
  EXPECT_THAT(parked.labels.pairs(), ElementsAre(Pair("alertname", "DeliveryParked"), Pair("destination", "oncall"),
                                                 Pair("service", "shop"), Pair("severity", "ticket")));
  EXPECT_EQ(parked.annotations.Get("summary"), "shop: alerts for oncall are parked");
  EXPECT_EQ(parked.annotations.Get("description"),
            "oncall refused alerts for good (a 4xx) since 2025-11-24T16:00:05Z. GET /v1/outbox shows what waits and "
            "what was answered; POST /v1/outbox/retry tries it again.");
  EXPECT_EQ(parked.annotations.Get("runbook_url"), "http://fb/runbooks/DeliveryParked");
  const AlertView& refused = *snapshot_->alerts[1];
  EXPECT_THAT(refused.labels.pairs(),
              ElementsAre(Pair("alertname", "IngestRefused"), Pair("service", "shop"), Pair("severity", "page")));
  EXPECT_EQ(refused.annotations.Get("summary"), "shop refuses events: nothing can be written to its ledger");
  EXPECT_THAT(std::string(refused.annotations.Get("description")), HasSubstr("503 since 2025-11-24T16:00:05Z"));
  EXPECT_EQ(refused.annotations.Get("runbook_url"), "http://fb/runbooks/IngestRefused");
  EXPECT_EQ(refused.status, AlertStatus::kFiring);
  EXPECT_EQ(refused.firing_since, now_);
}

TEST_F(ServiceWatchTest, AResolvedOneIsShownForFifteenMinutesAndThenForgotten) {
  Park({"oncall"});
  Tick();
  Park({});
  EXPECT_THAT(Tick(), ElementsAre("+10s DeliveryParked[oncall] firing>resolved ticket (recovered)"));
  EXPECT_EQ(snapshot_->alerts[0]->annotations.Get("summary"), "shop: no alert is parked any more");
  EXPECT_EQ(snapshot_->alerts[0]->resolved_at, now_);
  Run(absl::Minutes(15) - absl::Seconds(5));
  EXPECT_THAT(snapshot_->alerts, SizeIs(1));
  Run(absl::Seconds(5));
  EXPECT_THAT(snapshot_->alerts, IsEmpty());
  EXPECT_THAT(ledger_.alerts(), IsEmpty());
}

TEST_F(ServiceWatchTest, EveryDestinationHasItsTicket) {
  Park({"a", "b"});
  EXPECT_THAT(Tick(), ElementsAre("+5s DeliveryParked[a] inactive>firing ticket",
                                  "+5s DeliveryParked[b] inactive>firing ticket"));
  Park({"b"});
  EXPECT_THAT(Tick(), ElementsAre("+10s DeliveryParked[a] firing>resolved ticket (recovered)"));
}

TEST_F(ServiceWatchTest, MoreThanTenBecomeOne) {
  Park(Names(10));
  EXPECT_THAT(Tick(), SizeIs(10));
  Park(Names(11));
  const std::vector<std::string> news = Tick();
  ASSERT_THAT(news, SizeIs(11));
  EXPECT_EQ(news[0], "+10s DeliveryParked[d0] firing>resolved ticket (merged)");
  EXPECT_EQ(news[10], "+10s DeliveryParked inactive>firing ticket");
  ASSERT_THAT(snapshot_->alerts, SizeIs(11));
  const AlertView& merged = *snapshot_->alerts[0];
  EXPECT_EQ(merged.status, AlertStatus::kResolved);
  EXPECT_EQ(merged.annotations.Get("summary"), "shop: one alert speaks for the parked alerts of all destinations now");
  EXPECT_EQ(snapshot_->alerts[10]->annotations.Get("summary"), "shop: alerts for 11 destinations are parked");
  EXPECT_THAT(std::string(snapshot_->alerts[10]->annotations.Get("description")), HasSubstr(": d0, d1, d2, d3"));
  Park(Names(1));
  EXPECT_THAT(Tick(), IsEmpty()) << "until none is left";
  EXPECT_THAT(std::string(snapshot_->alerts[10]->annotations.Get("description")), HasSubstr("Z: d0."));
  Park({});
  EXPECT_THAT(Tick(), ElementsAre("+20s DeliveryParked firing>resolved ticket (recovered)"));
  Park(Names(1));
  EXPECT_THAT(Tick(), ElementsAre("+25s DeliveryParked[d0] inactive>firing ticket"));
}

TEST_F(ServiceWatchTest, AReloadThatRenamesTheServiceStartsNewAlerts) {
  Refuse();
  Tick();
  config_.service = "store";
  log_.Clear();
  ASSERT_TRUE(pipeline_->Reload(MakeRules(config_)).ok());
  EXPECT_THAT(log_.Texts(), ElementsAre("+5s IngestRefused firing>resolved page (removed)"));
  EXPECT_EQ(log_.all()[0].alert->annotations.Get("summary"),
            "shop is no longer watched by IngestRefused: that rule was removed from the configuration");
  EXPECT_THAT(pipeline_->TakeChanges().changed, SizeIs(1)) << "shown as resolved";
  EXPECT_THAT(Tick(), ElementsAre("+10s IngestRefused inactive>firing page"));
  EXPECT_EQ(log_.all()[0].alert->labels.Get("service"), "store");
  ASSERT_THAT(snapshot_->alerts, SizeIs(2));
  EXPECT_EQ(snapshot_->alerts[1]->labels.Get("service"), "shop");
}

TEST_F(ServiceWatchTest, QuietTicksWriteNothing) {
  Refuse();
  Park({"oncall"});
  Tick();
  pipeline_->Tick(now_ + absl::Seconds(5), health_);
  EXPECT_THAT(pipeline_->TakeChanges().changed, IsEmpty());
}

TEST_F(ServiceWatchTest, AfterARestartAlertsGoOnAsTheSame) {
  Park({"a", "b"});
  Tick();
  now_ += absl::Minutes(10);
  Start();
  ledger_.RestoreInto(*pipeline_);
  Park({"b"});
  EXPECT_THAT(Tick(), ElementsAre("+10m10s DeliveryParked[a] firing>resolved ticket (recovered)"));
  ASSERT_THAT(snapshot_->alerts, SizeIs(2));
  EXPECT_EQ(snapshot_->alerts[1]->firing_since, kTestStart + absl::Seconds(5));
}

}  // namespace
}  // namespace firebreak
