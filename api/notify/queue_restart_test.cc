// Queues that are exported and rebuilt: they go on as if nothing had been.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/notify/alert_codec.h"
#include "api/notify/alertmanager_queue.h"
#include "api/notify/queue_driver.h"
#include "api/notify/webhook_queue.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// A queue, its clocks and its disk.
template <typename Queue>
class Life : public QueueDriver<Queue> {
 public:
  // What is told until nothing is due.
  std::vector<std::string> Tell() {
    std::vector<std::string> all;
    for (std::vector<std::string> texts = this->Take(); !texts.empty(); texts = this->Take()) {
      all.insert(all.end(), texts.begin(), texts.end());
      this->Succeed();
    }
    return all;
  }

  // The keys of the documents that were written.
  std::vector<std::string> Save() {
    std::vector<std::string> keys;
    for (const Document& document : queue_.TakeChanges(Now())) {
      keys.push_back(document.key);
      if (document.body.empty()) {
        disk_.erase(document.key);
      } else {
        disk_[document.key] = document.body;
      }
    }
    return keys;
  }
  // Another process, `down` later: its monotonic clock began elsewhere.
  void Restart(absl::Duration down = absl::ZeroDuration()) {
    Save();
    now_ += down - absl::Hours(77);
    wall_ahead_ += absl::Hours(77);
    EXPECT_TRUE(Rebuild().ok());
  }
  void RetryParked() { queue_.RetryParked(); }
  void JumpWall(absl::Duration ahead) { wall_ahead_ += ahead; }
  absl::Status Rebuild() {
    queue_ = Queue(kTestTiming);
    std::vector<Document> documents;
    for (const auto& [key, body] : disk_) documents.push_back({key, body});
    const absl::Status status = queue_.Restore(documents, Now());
    return status;
  }

  // "x1 firing delivered" …
  std::vector<std::string> List() const {
    std::vector<std::string> texts;
    for (const OutboxItem& item : queue_.List(Now())) {
      texts.push_back(EpisodeText(*item.alert) + " " + std::string(OutboxStateName(item.state)));
    }
    return texts;
  }
  // The same with all that a restart keeps.
  std::vector<std::string> Details() const {
    std::vector<std::string> texts = List();
    const std::vector<OutboxItem> items = queue_.List(Now());
    for (size_t i = 0; i < items.size(); ++i) {
      texts[i] += " since " + absl::FormatTime(items[i].since) + " " + EncodeAlert(*items[i].alert);
    }
    return texts;
  }
  SteadyAndWall Now() const { return {now_, now_ + wall_ahead_}; }

  using QueueDriver<Queue>::queue_;
  std::map<std::string, std::string> disk_;

 private:
  using QueueDriver<Queue>::now_;

  absl::Duration wall_ahead_ = absl::Hours(480000);
};

class AlertmanagerRestartTest : public ::testing::Test, public Life<AlertmanagerQueue> {};
class WebhookRestartTest : public ::testing::Test, public Life<WebhookQueue> {};

std::string KeyOf(const std::string& name) { return EncodeLabels(EpisodeView(name, AlertStatus::kFiring)->labels); }

TEST_F(AlertmanagerRestartTest, WhatFiresIsToldAtOnce) {
  Fire("x1");
  Tell();
  Restart();
  EXPECT_EQ(queue_.queued(), 0);
  EXPECT_THAT(List(), ElementsAre("x1 firing delivered"));
  EXPECT_THAT(Tell(), ElementsAre("x1 firing"));
  EXPECT_EQ(UntilDue(), absl::Minutes(1));
}

TEST_F(AlertmanagerRestartTest, AResolveIsRepeatedForWhatIsLeftOfItsFifteenMinutes) {
  Fire("x1");
  Tell();
  Resolve("x1");
  Tell();
  Restart(absl::Minutes(15) - absl::Nanoseconds(1));
  EXPECT_THAT(Tell(), ElementsAre("x1 resolved"));
  Restart(absl::Nanoseconds(1));
  EXPECT_THAT(Tell(), IsEmpty());
  Save();
  EXPECT_THAT(disk_, IsEmpty());
}

TEST_F(AlertmanagerRestartTest, AResolveIsNotRepeatedWhenPendingAgain) {
  Fire("x1");
  Tell();
  Resolve("x1");
  Pend("x1");
  Restart();
  EXPECT_THAT(Tell(), ElementsAre("x1 resolved"));
  Advance(absl::Minutes(1));
  EXPECT_THAT(Tell(), IsEmpty());
}

TEST_F(AlertmanagerRestartTest, OlderNewsGoFirst) {
  Fire("z1");
  Advance(absl::Seconds(1));
  Fire("a1");
  Restart();
  EXPECT_THAT(Tell(), ElementsAre("z1 firing", "a1 firing"));
}

TEST_F(AlertmanagerRestartTest, TheBadAlertOfABatchStaysAlone) {
  Fire("x1");
  Fire("x2");
  Take();
  RefuseContent();
  Restart();
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
  RefuseContent();
  Restart();
  EXPECT_EQ(queue_.parked(), 1);
  EXPECT_EQ(queue_.queued(), 1);
  EXPECT_THAT(List(), ElementsAre("x1 firing parked", "x2 firing retrying"));
  EXPECT_EQ(queue_.List(Now())[0].last_error, "400 Bad Request");
  EXPECT_EQ(queue_.List(Now())[0].tries, 2);
  EXPECT_THAT(Take(), ElementsAre("x2 firing"));
}

TEST_F(AlertmanagerRestartTest, ARepeatWritesNothing) {
  Fire("x1");
  EXPECT_THAT(Save(), ElementsAre(KeyOf("x1")));
  Tell();
  EXPECT_THAT(Save(), ElementsAre(KeyOf("x1")));
  Advance(absl::Minutes(1));
  EXPECT_THAT(Tell(), ElementsAre("x1 firing"));
  EXPECT_THAT(Save(), IsEmpty());
  Fire("x1");  // shown anew
  EXPECT_THAT(Save(), IsEmpty());
  Resolve("x1");
  Tell();
  EXPECT_THAT(Save(), ElementsAre(KeyOf("x1")));
  Advance(absl::Minutes(1));
  EXPECT_THAT(Tell(), ElementsAre("x1 resolved"));
  EXPECT_THAT(Save(), IsEmpty());
  Advance(absl::Minutes(15));
  Tell();
  EXPECT_THAT(Save(), ElementsAre(KeyOf("x1")));
  EXPECT_THAT(disk_, IsEmpty());
}

TEST_F(AlertmanagerRestartTest, AFailedTryWritesNothing) {
  Fire("x1");
  Save();
  Take();
  Fail();
  EXPECT_THAT(Save(), IsEmpty());
}

TEST_F(AlertmanagerRestartTest, OnlyWhatChangedIsWritten) {
  for (int i = 0; i < 100; ++i) Fire("x" + std::to_string(i));
  Tell();
  Save();
  Resolve("x7");
  EXPECT_THAT(Save(), ElementsAre(KeyOf("x7")));
}

TEST_F(WebhookRestartTest, WhatWasToldIsRepeatedInItsTurn) {
  Fire("x1");
  Tell();
  Restart(absl::Hours(3));
  EXPECT_THAT(List(), ElementsAre("x1 firing delivered"));
  EXPECT_EQ(UntilDue(), absl::Hours(1));
  EXPECT_EQ(queue_.List(Now())[0].next_try, Now().wall + absl::Hours(1));
  Advance(absl::Hours(1) - absl::Nanoseconds(1));
  EXPECT_THAT(Take(), IsEmpty());
  Advance(absl::Nanoseconds(1));
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
  EXPECT_EQ(repetition(), 1);
  Succeed();
  Restart(absl::Hours(4));
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
  EXPECT_EQ(repetition(), 2);
}

TEST_F(WebhookRestartTest, WhatWasNotToldIsTold) {
  Fire("x1");
  Advance(absl::Seconds(1));
  Fire("a1");
  Restart(absl::Hours(100));
  EXPECT_THAT(Tell(), ElementsAre("x1 firing", "a1 firing"));
}

TEST_F(WebhookRestartTest, WhatWasInFlightIsToldAgain) {
  Fire("x1");
  Take();
  Restart();
  EXPECT_THAT(Tell(), ElementsAre("x1 firing"));
}

TEST_F(WebhookRestartTest, TheResolveOfAnEpisodeThatWasSeenIsToldWhateverFollows) {
  const std::pair<std::string, bool> kRows[] = {{"told", true}, {"in flight at the crash", false}};
  for (const auto& [text, told] : kRows) {
    SCOPED_TRACE(text);
    static_cast<Life<WebhookQueue>&>(*this) = Life<WebhookQueue>();
    Fire("x1");
    Save();
    Take();
    if (told) Succeed();
    Restart();
    for (int episode = 1; episode <= 5; ++episode) {
      Resolve("x1", episode);
      Fire("x1", episode + 1);
    }
    Restart();
    EXPECT_THAT(Tell(), ElementsAre("x1 resolved", "x1 resolved", "x1 firing"));
  }
}

TEST_F(WebhookRestartTest, AResolveOfAnEpisodeThatWasInFlightWhenItWasSavedIsToldWhateverFollows) {
  Fire("x1");
  Take();
  Resolve("x1");
  Restart();
  Fire("x1", 2);
  Resolve("x1", 2);
  EXPECT_THAT(Tell(), ElementsAre("x1 resolved", "x1 resolved"));
}

TEST_F(WebhookRestartTest, AnEpisodeThatWasNeverSeenArrivesOnceWithBothTimes) {
  Fire("x1", 3);
  Resolve("x1", 3);
  Restart();
  const std::vector<OutboxItem> items = queue_.List(Now());
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].alert->firing_since, absl::FromUnixSeconds(300));
  EXPECT_EQ(items[0].alert->resolved_at, absl::FromUnixSeconds(350));
  EXPECT_THAT(Tell(), ElementsAre("x1 resolved"));
  Restart();
  EXPECT_THAT(Tell(), IsEmpty());
  EXPECT_THAT(disk_, IsEmpty());
}

TEST_F(WebhookRestartTest, WhatIsParkedStaysParkedUntilItsTurnOrAPersonSaysSo) {
  Fire("x1");
  Resolve("y1");
  for (int i = 0; i < 2; ++i) {
    Take();
    Park();
  }
  Restart(absl::Minutes(14));
  EXPECT_EQ(queue_.parked(), 2);
  EXPECT_EQ(queue_.queued(), 0);
  EXPECT_THAT(List(), UnorderedElementsAre("x1 firing parked", "y1 resolved parked"));
  EXPECT_EQ(queue_.List(Now())[0].last_error, "404 Not Found");
  EXPECT_THAT(Take(), IsEmpty());
  Restart(absl::Minutes(1));
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_THAT(List(), ElementsAre("x1 firing parked"));
  EXPECT_EQ(UntilDue(), absl::Hours(4) - absl::Minutes(15));

  EXPECT_EQ(queue_.RetryParked(), 1);
  EXPECT_EQ(queue_.RetryParked(), 0);
  Restart();
  EXPECT_THAT(Tell(), ElementsAre("x1 firing"));
  EXPECT_THAT(List(), ElementsAre("x1 firing delivered"));
}

TEST_F(WebhookRestartTest, ANewsOfAGroupWritesThatAlertAndItsGroup) {
  for (int i = 0; i < 100; ++i) Fire("x" + std::to_string(i));
  Tell();
  Save();
  EXPECT_THAT(disk_, SizeIs(101));
  Fire("x7", 2);
  Tell();
  EXPECT_THAT(Save(), ElementsAre(KeyOf("x7"), R"(group {"alertname":"A","service":"s","tier":"x"})"));
}

TEST_F(WebhookRestartTest, NothingIsLeftOfWhatIsOver) {
  Fire("x1");
  Fire("y1");
  Tell();
  Save();
  Resolve("x1");
  Resolve("y1");
  Tell();
  Save();
  EXPECT_THAT(disk_, IsEmpty());
}

TEST_F(WebhookRestartTest, AGroupThatCameAnewBeforeItWasSavedIsReadAgain) {
  Fire("x1");
  Tell();
  Save();
  Resolve("x1");
  Tell();
  Fire("x1", 2);
  Restart();
  EXPECT_THAT(Tell(), ElementsAre("x1 firing"));
}

TEST_F(WebhookRestartTest, AChangedRepeatIntervalHolds) {
  Fire("x1");
  Tell();
  Restart(absl::Hours(2));
  queue_.SetTiming({absl::Minutes(1), absl::Hours(1), absl::Seconds(1)});
  EXPECT_THAT(Take(), ElementsAre("x1 firing"));
}

TEST_F(WebhookRestartTest, AWallClockThatWasSetBackDelaysNothingForLong) {
  Fire("x1");
  Tell();
  Resolve("y1");
  Take();
  Park();
  Save();
  JumpWall(-absl::Hours(12));
  Restart();
  EXPECT_EQ(queue_.List(Now())[0].since, Now().wall);
  EXPECT_EQ(queue_.List(Now())[0].next_try, Now().wall + absl::Hours(4));
  Advance(absl::Minutes(15));
  Take();
  EXPECT_EQ(queue_.parked(), 0);
}

TEST_F(WebhookRestartTest, DocumentsOfAnotherGroupingAreRemoved) {
  Fire("x1");
  Tell();
  Save();
  disk_[R"(group {"alertname":"B"})"] = R"({"told_at":"2025-11-24T16:00:00Z","reminders":1})";
  Restart();
  Save();
  EXPECT_THAT(disk_, SizeIs(2));
  EXPECT_EQ(disk_.count(R"(group {"alertname":"B"})"), 0);
}

TEST_F(WebhookRestartTest, WhatCannotBeReadIsNamed) {
  Fire("x1");
  Tell();
  Fire("x2");
  Resolve("x2");
  Save();
  const auto good = disk_;
  const std::string group = R"(group {"alertname":"A","service":"s","tier":"x"})";
  const struct {
    std::string key, from, to, fault;
  } kRows[] = {
      {KeyOf("x1"), "{\"entries\"", "entries", "is not JSON"},
      {KeyOf("x1"), R"("told":true)", R"("told":1)", "entries[0].told: wanted true or false"},
      {KeyOf("x1"), R"("told":true,)", "", "entries[0].told: wanted a value, but there is none"},
      {KeyOf("x1"), R"("tries":1)", R"("tries":-1)", "entries[0].tries: wanted an integer, at least 0"},
      {KeyOf("x1"), R"("tries":1)", R"("tries":1,"more":2)", "entries[0].more: not known"},
      {KeyOf("x1"), R"("firing")", R"("fire")",
       "entries[0].alert.status: wanted inactive, pending, firing or resolved"},
      {KeyOf("x1"), R"("firing")", R"("pending")", "entries[0]: wanted an alert that is firing or resolved"},
      {KeyOf("x1"), R"("endpoint":"x1")", R"("endpoint":"x2")", "entries[0]: wanted the labels of the key"},
      {KeyOf("x1"), R"("repeats_resolve":true)", R"("repeats_resolve":null)", "repeats_resolve: wanted true or false"},
      {KeyOf("x2"), R"("keep_until":")", R"("keep_until":null,"x":")", "entries[0].keep_until: wanted a time, for a"},
      {group, "told_at", "toldat", "told_at: wanted a value, but there is none"},
      {group, R"("reminders":0)", R"("reminders":"0")", "reminders: wanted an integer, at least 0"},
  };
  for (const auto& [key, from, to, fault] : kRows) {
    SCOPED_TRACE(key + " " + fault);
    disk_ = good;
    std::string& body = disk_[key];
    ASSERT_NE(body.find(from), std::string::npos) << body;
    body.replace(body.find(from), from.size(), to);
    const absl::Status status = Rebuild();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), ::testing::StartsWith("outbox document " + key + ": " + fault));
    EXPECT_THAT(List(), IsEmpty());
  }
  disk_ = {{KeyOf("x1"), R"({"entries":[],"repeats_resolve":true})"}};
  EXPECT_THAT(std::string(Rebuild().message()), ::testing::HasSubstr("entries: wanted at least one"));
  disk_ = {{"{", R"({})"}};
  EXPECT_THAT(std::string(Rebuild().message()), ::testing::HasSubstr("outbox document {: is not JSON"));
}

// One random step of a history; tries end before the next step.
template <typename Queue>
void Step(int choice, std::map<std::string, int>& episodes, Life<Queue>& life) {
  const std::string name = choice % 2 == 0 ? "y1" : "x" + std::to_string(choice % 3);
  int& episode = episodes[name];  // positive while it fires
  switch (choice / 6) {
    case 0:
    case 1:
    case 2:
      episode = episode > 0 ? -episode : 1 - episode;
      return episode > 0 ? life.Fire(name, episode) : life.Resolve(name, -episode);
    case 3:
      return episode > 0 ? void() : life.Pend(name);
    case 4:
      return life.Take().empty() ? void() : life.Succeed();
    case 5:
      return life.Take().empty() ? void() : life.Park();
    case 6:
      return life.Take().empty() ? void() : life.RefuseContent();
    case 7:
      return life.Take().empty() ? void() : life.Fail();
    case 8:
      return life.RetryParked();
    case 9:
      return life.Advance(absl::Minutes(6));
  }
}

// A try that failed is not written: after a restart nothing has been tried yet.
std::vector<std::string> WithoutTries(std::vector<std::string> texts) {
  for (std::string& text : texts) {
    const size_t at = text.find(" retrying");
    if (at != std::string::npos) text.replace(at, 9, " waiting");
  }
  return texts;
}

// What a queue would do is what its rebuilt twin does, for a while, with a destination that takes everything. Only
// an Alertmanager is told again at once what is otherwise told within its resend delay.
template <typename Queue>
void CheckTwin(Life<Queue> life) {
  constexpr bool kRepeatsAtOnce = std::is_same_v<Queue, AlertmanagerQueue>;
  life.queue_.Hurry();
  Life<Queue> twin = life;
  twin.Restart();
  RC_ASSERT(WithoutTries(twin.Details()) == WithoutTries(life.Details()));
  for (int i = 0; i < 30; ++i) {
    for (Life<Queue>* each : {&life, &twin}) each->Advance(kRepeatsAtOnce ? absl::Minutes(1) : absl::Minutes(10));
    std::vector<std::string> told = life.Tell(), twin_told = twin.Tell();
    std::sort(told.begin(), told.end());
    std::sort(twin_told.begin(), twin_told.end());
    RC_ASSERT(told == twin_told);
    RC_ASSERT(WithoutTries(twin.List()) == WithoutTries(life.List()));
  }
}

template <typename Queue>
bool TwinsAgree() {
  return rc::check([] {
    Life<Queue> life;
    std::map<std::string, int> episodes;
    for (const int choice : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 60))) {
      Step(choice, episodes, life);
      if (choice % 5 == 0) life.Save();
    }
    CheckTwin(life);
  });
}

TEST(QueueTwinTest, AnAlertmanagersRebuiltQueueGoesOnAlike) { ASSERT_TRUE(TwinsAgree<AlertmanagerQueue>()); }
TEST(QueueTwinTest, AWebhooksRebuiltQueueGoesOnAlike) { ASSERT_TRUE(TwinsAgree<WebhookQueue>()); }

}  // namespace
}  // namespace firebreak
