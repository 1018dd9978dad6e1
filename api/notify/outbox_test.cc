#include "api/notify/outbox.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1000);
const absl::Time kAgain = kNow + absl::Minutes(1);

AlertViewPtr View(AlertStatus status, int episode) {
  AlertView view;
  view.labels = {{"alertname", "A"}};
  view.status = status;
  view.firing_since = absl::FromUnixSeconds(100 * episode);
  if (status == AlertStatus::kResolved) view.resolved_at = *view.firing_since + absl::Seconds(50);
  return std::make_shared<const AlertView>(view);
}

// Numbers entries and shows what an outbox holds: "R1 F2" is resolve of episode 1, then firing of episode 2.
class OutboxTest : public ::testing::Test {
 protected:
  uint64_t Fire(int episode) {
    outbox_.Fire(++id_, View(AlertStatus::kFiring, episode), kNow);
    return outbox_.last().id;
  }
  uint64_t Resolve(int episode) {
    outbox_.Resolve(++id_, View(AlertStatus::kResolved, episode), kNow);
    return id_;
  }
  void Tell(uint64_t id) { outbox_.Told(id, Outbox::KeepTold::kAll, kAgain); }
  std::string Held() {
    std::string held;
    Outbox rest = outbox_;
    while (!rest.empty()) {
      const Outbox::Entry& entry = rest.next();
      const int64_t episode = absl::ToUnixSeconds(*entry.alert->firing_since) / 100;
      held += (held.empty() ? "" : " ") + std::string(entry.firing() ? "F" : "R") + std::to_string(episode);
      if (!entry.waiting()) held += entry.parked ? "(parked)" : "(told)";
      rest.Told(entry.id, Outbox::KeepTold::kFiring, kAgain);
      if (!rest.empty() && rest.next().firing() && rest.next().told) break;
    }
    return held;
  }

  Outbox outbox_;
  uint64_t id_ = 0;
};

TEST_F(OutboxTest, AnEpisodeThatWasNeverToldIsOneResolve) {
  Fire(1);
  Resolve(1);
  EXPECT_EQ(Held(), "R1");
}

TEST_F(OutboxTest, ANewFiringDoesNotEraseAnUntoldResolve) {
  Tell(Fire(1));
  Resolve(1);
  Fire(2);
  EXPECT_EQ(Held(), "R1 F2");
}

TEST_F(OutboxTest, UntoldEpisodesCoalesceIntoTheNewest) {
  for (int episode = 1; episode <= 100; ++episode) {
    Fire(episode);
    Resolve(episode);
  }
  EXPECT_EQ(Held(), "R100");
}

TEST_F(OutboxTest, TheResolveOfAnEpisodeThatWasSeenIsNeverCoalesced) {
  Tell(Fire(1));
  Resolve(1);
  for (int episode = 2; episode <= 100; ++episode) {
    Fire(episode);
    Resolve(episode);
  }
  Fire(101);
  EXPECT_EQ(Held(), "R1 R100 F101");
}

TEST_F(OutboxTest, AFiringThatIsTakenWhileItResolvesWasSeen) {
  const uint64_t firing = Fire(1);
  outbox_.Departed(firing);
  Resolve(1);
  Fire(2);
  Resolve(2);
  EXPECT_EQ(Held(), "R1 R2");
  outbox_.Returned(firing, "");
  Tell(firing);
  Fire(3);
  Resolve(3);
  EXPECT_EQ(Held(), "R1 R3");
}

TEST_F(OutboxTest, AFiringThatFailedWhileItResolvedWasNotSeen) {
  for (int episode = 1; episode <= 100; ++episode) {
    const uint64_t firing = Fire(episode);
    outbox_.Departed(firing);
    Resolve(episode);
    outbox_.Returned(firing, "");
  }
  EXPECT_EQ(Held(), "R100");
}

TEST_F(OutboxTest, AFiringThatMayHaveBeenTakenWasSeen) {
  const uint64_t firing = Fire(1);
  outbox_.Departed(firing);
  outbox_.Returned(firing, "timed out");
  outbox_.Doubt(firing);
  EXPECT_EQ(Held(), "F1");
  Resolve(1);
  for (int episode = 2; episode <= 100; ++episode) {
    Fire(episode);
    Resolve(episode);
  }
  EXPECT_EQ(Held(), "R1 R100");
}

TEST_F(OutboxTest, AFiringThatResolvedWhileItMayHaveBeenTakenWasSeen) {
  const uint64_t firing = Fire(1);
  outbox_.Departed(firing);
  Resolve(1);
  outbox_.Returned(firing, "timed out");
  outbox_.Doubt(firing);
  Fire(2);
  Resolve(2);
  EXPECT_EQ(Held(), "R1 R2");
}

TEST_F(OutboxTest, FiringOnRefreshesWhatIsShown) {
  const uint64_t id = Fire(1);
  Tell(id);
  EXPECT_EQ(Fire(1), id);
  EXPECT_EQ(Held(), "F1(told)");
}

TEST_F(OutboxTest, AResolveThatWasToldIsDroppedWhenTheAlertIsPendingAgain) {
  Tell(Resolve(1));
  EXPECT_EQ(Held(), "R1(told)");
  outbox_.Pend();
  EXPECT_TRUE(outbox_.empty());
}

TEST_F(OutboxTest, AResolveThatWasNotToldIsToldOnceEvenWhenPendingAgain) {
  const uint64_t resolve = Resolve(1);
  outbox_.Pend();
  EXPECT_EQ(Held(), "R1");
  Tell(resolve);
  EXPECT_TRUE(outbox_.empty());
}

TEST_F(OutboxTest, AResolveThatWasToldLeavesAfterFifteenMinutes) {
  Tell(Resolve(1));
  EXPECT_EQ(outbox_.ExpiresAt(), kNow + absl::Minutes(15));
  outbox_.Expire(kNow + absl::Minutes(15) - absl::Nanoseconds(1));
  EXPECT_FALSE(outbox_.empty());
  outbox_.Expire(kNow + absl::Minutes(15));
  EXPECT_TRUE(outbox_.empty());
}

TEST_F(OutboxTest, AResolveThatWasNotToldNeverExpires) {
  Resolve(1);
  EXPECT_EQ(outbox_.ExpiresAt(), absl::InfiniteFuture());
}

TEST_F(OutboxTest, AParkedResolveStaysVisibleForFifteenMinutes) {
  const uint64_t resolve = Resolve(1);
  const absl::Time parked_at = kNow + absl::Hours(9);
  outbox_.Parked(resolve, kAgain, parked_at);
  outbox_.Parked(resolve, kAgain, parked_at + absl::Minutes(1));
  EXPECT_EQ(outbox_.ExpiresAt(), parked_at + absl::Minutes(15));
}

TEST_F(OutboxTest, WhatWasParkedIsTriedAgainWhenTheAlertChanges) {
  outbox_.Parked(Resolve(1), kAgain, kNow);
  EXPECT_EQ(Held(), "R1(parked)");
  Fire(2);
  EXPECT_EQ(Held(), "R1 F2");
  outbox_.Parked(outbox_.next().id, kAgain, kNow);
  EXPECT_EQ(Held(), "F2");
}

TEST_F(OutboxTest, AFiringWhoseRepeatWasParkedWasSeen) {
  const uint64_t firing = Fire(1);
  Tell(firing);
  outbox_.Parked(firing, kAgain, kNow);
  Resolve(1);
  Fire(2);
  Resolve(2);
  EXPECT_EQ(Held(), "R1 R2");
}

TEST_F(OutboxTest, WhatWasParkedIsTriedAgainWhenAskedTo) {
  EXPECT_FALSE(outbox_.RetryParked());
  const uint64_t firing = Fire(1);
  EXPECT_FALSE(outbox_.RetryParked());
  outbox_.Parked(firing, kAgain, kNow);
  EXPECT_TRUE(outbox_.RetryParked());
  EXPECT_EQ(Held(), "F1");
  EXPECT_FALSE(outbox_.RetryParked());
}

TEST_F(OutboxTest, AFiringWhoseParkedRepeatIsTriedAgainWasSeen) {
  const uint64_t firing = Fire(1);
  Tell(firing);
  outbox_.Parked(firing, kAgain, kNow);
  outbox_.RetryParked();
  EXPECT_EQ(Held(), "F1");
  Resolve(1);
  Fire(2);
  Resolve(2);
  EXPECT_EQ(Held(), "R1 R2");
}

TEST_F(OutboxTest, AParkedResolveThatIsTriedAgainStaysUntilItIsTold) {
  const uint64_t resolve = Resolve(1);
  outbox_.Parked(resolve, kAgain, kNow);
  outbox_.RetryParked();
  EXPECT_EQ(outbox_.ExpiresAt(), absl::InfiniteFuture());
  Tell(resolve);
  EXPECT_EQ(Held(), "R1(told)");
}

TEST_F(OutboxTest, TriesAreCountedUntilTheEntryIsToldAndTheLastErrorIsKept) {
  const uint64_t firing = Fire(1);
  for (const std::string error : {"503 Service Unavailable", "Connection refused"}) {
    outbox_.Departed(firing);
    outbox_.Returned(firing, error);
    EXPECT_EQ(outbox_.next().error, error);
  }
  EXPECT_EQ(outbox_.next().tries, 2);
  for (int i = 0; i < 3; ++i) {
    outbox_.Departed(firing);
    outbox_.Returned(firing, "");
    Tell(firing);
  }
  EXPECT_EQ(outbox_.next().tries, 3);
  EXPECT_EQ(outbox_.next().error, "");
}

TEST_F(OutboxTest, IdsThatAreGoneAreIgnored) {
  const uint64_t resolve = Resolve(1);
  outbox_.Departed(99);
  outbox_.Told(99, Outbox::KeepTold::kAll, kAgain);
  outbox_.Parked(99, kAgain, kNow);
  outbox_.Refused(99);
  outbox_.Returned(99, "");
  outbox_.Doubt(99);
  EXPECT_EQ(Held(), "R1");
  EXPECT_EQ(outbox_.next().id, resolve);
}

}  // namespace
}  // namespace firebreak
