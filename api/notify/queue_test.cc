#include <memory>
#include <string>

#include "api/notify/alertmanager_queue.h"
#include "api/notify/queue_driver.h"
#include "api/notify/schedule.h"
#include "api/notify/webhook_queue.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;

class AlertmanagerQueueTest : public ::testing::Test, public QueueDriver<AlertmanagerQueue> {};
class WebhookQueueTest : public ::testing::Test, public QueueDriver<WebhookQueue> {};

TEST_F(AlertmanagerQueueTest, AnEmptyQueueWaitsForEver) {
  EXPECT_THAT(Take(), ElementsAre());
  EXPECT_EQ(UntilDue(), absl::InfiniteDuration());
}

TEST_F(AlertmanagerQueueTest, PendingIsToldToNobody) {
  Pend("x1");
  EXPECT_THAT(Take(), ElementsAre());
}

TEST_F(AlertmanagerQueueTest, FiringIsToldAtOnceAndEveryResendDelay) {
  Fire("x1");
  EXPECT_EQ(queue_.queued(), 1);
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
  Succeed();
  EXPECT_EQ(queue_.queued(), 0);
  EXPECT_EQ(UntilDue(), absl::Minutes(1));
  Advance(absl::Minutes(1) - absl::Nanoseconds(1));
  EXPECT_THAT(Take(), ElementsAre());
  Advance(absl::Nanoseconds(1));
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
}

TEST_F(AlertmanagerQueueTest, AResolveIsRepeatedForFifteenMinutes) {
  Resolve("x1");
  int told = 0;
  for (int minute = 0; minute < 30; ++minute) {
    if (!Take().empty()) {
      Succeed();
      ++told;
    }
    Advance(absl::Minutes(1));
  }
  EXPECT_EQ(told, 15);
  EXPECT_EQ(UntilDue(), absl::InfiniteDuration());
}

TEST_F(AlertmanagerQueueTest, AResolveIsNotRepeatedWhenPendingAgain) {
  Resolve("x1");
  EXPECT_THAT(Take(), ElementsAre("x1 resolved"));
  Succeed();
  Pend("x1");
  Advance(absl::Minutes(1));
  EXPECT_THAT(Take(), ElementsAre());
}

TEST_F(AlertmanagerQueueTest, AnUntoldResolveGoesAheadOfTheNextFiring) {
  Fire("x1");
  Take();
  Succeed();
  Resolve("x1");
  Fire("x1", 2);
  EXPECT_THAT(Take(), ElementsAre("x1 resolved"));
  Succeed();
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
  Succeed();
  EXPECT_THAT(Take(), ElementsAre());
}

TEST_F(AlertmanagerQueueTest, NewsGoAheadOfRepeatsAndOldNewsFirst) {
  Fire("x1");
  Take();
  Succeed();
  Advance(absl::Minutes(1));
  Fire("z1");
  Fire("a1");
  EXPECT_THAT(Take(), ElementsAre("z1 firing", "a1 firing", "x1 firing"));
}

TEST_F(AlertmanagerQueueTest, FailuresBackOffAndSuccessEndsThat) {
  Fire("x1");
  Take();
  Fail();
  EXPECT_NEAR(absl::ToDoubleSeconds(UntilDue()), 1, 1e-3);
  EXPECT_THAT(Take(), ElementsAre());
  Advance(absl::Seconds(1));
  Take();
  Fail();
  EXPECT_NEAR(absl::ToDoubleSeconds(UntilDue()), 1.5, 1e-3);
  Fire("y1");
  EXPECT_THAT(Take(), ElementsAre());
  Advance(absl::Seconds(2));
  EXPECT_THAT(Take(), ElementsAre("x1 firing", "y1 firing"));
  Succeed();
  Fire("z1");
  EXPECT_THAT(Take(), ElementsAre("z1 firing"));
}

TEST_F(AlertmanagerQueueTest, HurryDropsTheBackoff) {
  Fire("x1");
  Take();
  Fail();
  queue_.Hurry();
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
}

TEST_F(AlertmanagerQueueTest, ABatchHoldsSixtyFour) {
  for (int i = 0; i < 65; ++i) Fire("x" + std::to_string(i));
  EXPECT_EQ(Take().size(), 64);
  Succeed();
  EXPECT_THAT(Take(), ElementsAre("x64 firing"));
}

TEST_F(AlertmanagerQueueTest, ARefusedBatchIsSentOneByOneAndOnlyTheBadOneIsParked) {
  Fire("x1");
  Fire("x2");
  Fire("x3");
  EXPECT_THAT(Take(), ElementsAre("x1 firing", "x2 firing", "x3 firing"));
  RefuseContent();
  EXPECT_EQ(queue_.parked(), 0);
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
  Succeed();
  EXPECT_THAT(Take(), ElementsAre("x2 firing"));
  RefuseContent();
  EXPECT_THAT(Take(), ElementsAre("x3 firing"));
  Succeed();
  EXPECT_THAT(Take(), ElementsAre());
  EXPECT_EQ(queue_.parked(), 1);
  EXPECT_EQ(queue_.queued(), 0);

  // A repeat of the bad one does not spoil the others.
  Advance(absl::Minutes(1));
  EXPECT_THAT(Take(), ElementsAre("x1 firing", "x3 firing"));
  Succeed();
  EXPECT_THAT(Take(), ElementsAre("x2 firing"));
  Succeed();
  EXPECT_EQ(queue_.parked(), 0);
}

TEST_F(AlertmanagerQueueTest, ARefusalOfTheSenderParksAll) {
  Fire("x1");
  Fire("x2");
  Take();
  Park();
  EXPECT_EQ(queue_.parked(), 2);
  EXPECT_EQ(UntilDue(), absl::Minutes(1));
}

TEST_F(WebhookQueueTest, AGroupIsOnePost) {
  Fire("x1");
  Fire("x2");
  Fire("y1");
  EXPECT_THAT(Take(), ElementsAre("x1 firing", "x2 firing"));
  Succeed();
  EXPECT_THAT(Take(), ElementsAre("y1 firing"));
  Succeed();
  EXPECT_THAT(Take(), ElementsAre());
}

TEST_F(WebhookQueueTest, APostHoldsWhatFiresAndWhatWasNotYetToldResolved) {
  Fire("x1");
  Fire("x2");
  Take();
  Succeed();
  Resolve("x1");
  EXPECT_THAT(Take(), ElementsAre("x1 resolved", "x2 firing"));
  Succeed();
  Fire("x3");
  EXPECT_THAT(Take(), ElementsAre("x2 firing", "x3 firing"));
}

TEST_F(WebhookQueueTest, FiringIsRepeatedEveryRepeatInterval) {
  Fire("x1");
  Take();
  EXPECT_EQ(repetition(), 0);
  Succeed();
  EXPECT_EQ(UntilDue(), absl::Hours(4));
  Advance(absl::Hours(4) - absl::Nanoseconds(1));
  EXPECT_THAT(Take(), ElementsAre());
  Advance(absl::Nanoseconds(1));
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
  EXPECT_EQ(repetition(), 1);
  Fail();
  Advance(absl::Minutes(1));
  Take();
  EXPECT_EQ(repetition(), 1);
  Succeed();
  Advance(absl::Hours(4));
  Take();
  EXPECT_EQ(repetition(), 2);
}

TEST_F(WebhookQueueTest, AResolveIsToldOnce) {
  Resolve("x1");
  EXPECT_THAT(Take(), ElementsAre("x1 resolved"));
  Succeed();
  EXPECT_EQ(UntilDue(), absl::InfiniteDuration());
}

TEST_F(WebhookQueueTest, AGroupThatFailsDelaysNoOther) {
  Fire("x1");
  Take();
  Fail();
  Fire("y1");
  EXPECT_THAT(Take(), ElementsAre("y1 firing"));
  Succeed();
  Advance(absl::Seconds(1));
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
}

TEST_F(WebhookQueueTest, GroupsTakeTurnsByTheAgeOfTheirNews) {
  Fire("y1");
  Advance(absl::Seconds(1));
  Fire("x1");
  EXPECT_THAT(Take(), ElementsAre("y1 firing"));
}

TEST_F(WebhookQueueTest, AParkedGroupIsTriedAgainWithItsNextNews) {
  Fire("x1");
  Take();
  Park();
  EXPECT_EQ(queue_.parked(), 1);
  EXPECT_EQ(UntilDue(), absl::Hours(4));
  Fire("x2");
  EXPECT_THAT(Take(), ElementsAre("x1 firing", "x2 firing"));
  Succeed();
  EXPECT_EQ(queue_.parked(), 0);
}

TEST_F(WebhookQueueTest, AParkedResolveLeavesAfterFifteenMinutes) {
  Resolve("x1");
  Take();
  Park();
  EXPECT_EQ(queue_.parked(), 1);
  EXPECT_EQ(UntilDue(), absl::Minutes(15));
  Advance(absl::Minutes(15));
  EXPECT_THAT(Take(), ElementsAre());
  EXPECT_EQ(queue_.parked(), 0);
  EXPECT_EQ(UntilDue(), absl::InfiniteDuration());
}

TEST_F(WebhookQueueTest, NewsDuringATryAreToldNext) {
  Fire("x1");
  Take();
  Resolve("x1");
  Fire("x1", 2);
  Succeed();
  EXPECT_THAT(Take(), ElementsAre("x1 resolved"));
  Succeed();
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
}

class ScheduleTest : public ::testing::TestWithParam<Destination::Kind> {
 protected:
  // "Watchdog", the alertname of another alert, or "" for nothing.
  std::string Take(Health health = Health::kFresh) {
    batch_ = schedule_.Take(now_, health);
    return batch_ ? std::string(batch_->items[0].alert->labels.Get("alertname")) : "";
  }
  void Finish(Verdict verdict, std::optional<absl::Duration> hold_back = std::nullopt) {
    schedule_.Finish(*batch_, {.verdict = verdict}, hold_back, now_);
  }
  absl::Duration Interval() const {
    return GetParam() == Destination::Kind::kAlertmanager ? absl::Minutes(1) : absl::Minutes(5);
  }

  absl::Time now_ = absl::FromUnixSeconds(1000000);
  Schedule schedule_{
      {GetParam(), kTestTiming, Schedule::Watchdog::kOn}, MakeWatchdog("shop", "http://r/Watchdog", now_), now_};
  std::optional<Batch> batch_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, ScheduleTest,
                         ::testing::Values(Destination::Kind::kAlertmanager, Destination::Kind::kWebhook));

TEST_P(ScheduleTest, TheWatchdogIsToldAtOnceAndAtItsInterval) {
  EXPECT_EQ(Take(), "Watchdog");
  EXPECT_EQ(batch_->repetition, 0);
  Finish(Verdict::kDelivered);
  EXPECT_EQ(schedule_.NextDue(), now_ + Interval());
  now_ += Interval() - absl::Nanoseconds(1);
  EXPECT_EQ(Take(), "");
  now_ += absl::Nanoseconds(1);
  EXPECT_EQ(Take(), "Watchdog");
  EXPECT_EQ(batch_->repetition, 1);
}

TEST_P(ScheduleTest, TheWatchdogIsSilentWhileStale) {
  EXPECT_EQ(Take(Health::kStale), "");
  EXPECT_EQ(schedule_.NextDue(), now_ + absl::Seconds(5));
  now_ += absl::Hours(1);
  EXPECT_EQ(Take(Health::kStale), "");
  now_ += absl::Seconds(5);
  EXPECT_EQ(Take(Health::kFresh), "Watchdog");
}

TEST_P(ScheduleTest, TheWatchdogWaitsUntilEverythingIsDelivered) {
  schedule_.Apply(EpisodeView("x1", AlertStatus::kFiring), now_);
  EXPECT_EQ(Take(), "A");
  Finish(Verdict::kRetry);
  EXPECT_EQ(Take(), "");
  now_ += absl::Seconds(1);
  EXPECT_EQ(Take(), "A");
  Finish(Verdict::kDelivered);
  EXPECT_EQ(Take(), "Watchdog");
}

TEST_P(ScheduleTest, AWatchdogThatFailsBacksOff) {
  EXPECT_EQ(Take(), "Watchdog");
  Finish(Verdict::kRetry);
  EXPECT_EQ(schedule_.NextDue(), now_ + absl::Milliseconds(500));
  now_ += absl::Milliseconds(500);
  EXPECT_EQ(Take(), "Watchdog");
  EXPECT_EQ(batch_->repetition, 0);
}

TEST_P(ScheduleTest, RetryAfterHoldsEverythingBack) {
  schedule_.Apply(EpisodeView("x1", AlertStatus::kFiring), now_);
  Take();
  Finish(Verdict::kRetry, absl::Minutes(3));
  schedule_.Apply(EpisodeView("y1", AlertStatus::kFiring), now_);
  EXPECT_EQ(schedule_.NextDue(), now_ + absl::Minutes(3));
  now_ += absl::Minutes(3) - absl::Nanoseconds(1);
  EXPECT_EQ(Take(), "");
  now_ += absl::Nanoseconds(1);
  EXPECT_EQ(Take(), "A");
}

TEST_P(ScheduleTest, HurryTriesWhatWaitsAndLeavesTheWatchdog) {
  schedule_.Apply(EpisodeView("x1", AlertStatus::kFiring), now_);
  Take();
  Finish(Verdict::kRetry, absl::Minutes(3));
  schedule_.Hurry();
  EXPECT_EQ(Take(), "A");
  Finish(Verdict::kDelivered);
  EXPECT_EQ(Take(), "");
}

TEST_P(ScheduleTest, TheWatchdogCanBeSwitchedOnLater) {
  schedule_.SetOptions({GetParam(), kTestTiming, Schedule::Watchdog::kOff},
                       MakeWatchdog("shop", "http://r/Watchdog", now_), now_);
  EXPECT_EQ(Take(), "");
  EXPECT_EQ(schedule_.NextDue(), absl::InfiniteFuture());
  schedule_.SetOptions({GetParam(), kTestTiming, Schedule::Watchdog::kOn},
                       MakeWatchdog("market", "http://r/Watchdog", now_), now_);
  EXPECT_EQ(Take(), "Watchdog");
  EXPECT_EQ(batch_->items[0].alert->labels,
            Labels({{"alertname", "Watchdog"}, {"service", "market"}, {"severity", "none"}}));
}

}  // namespace
}  // namespace firebreak
