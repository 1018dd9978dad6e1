// Dispatchers that are restarted: what a destination is told then, and what is on disk meanwhile.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/notify/dispatcher_fixture.h"
#include "api/notify/fake_ledger.h"
#include "api/notify/fake_receiver.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Kind = Destination::Kind;

class DurableDispatcherTest : public DispatcherFixture {
 protected:
  DurableDispatcherTest() : DispatcherFixture(absl::Hours(1)) {}

  void Start() {
    absl::StatusOr<std::unique_ptr<Dispatcher>> dispatcher =
        Dispatcher::Restore(options_, clock_, ledger_, ledger_.State());
    ASSERT_TRUE(dispatcher.ok()) << dispatcher.status();
    dispatcher_ = *std::move(dispatcher);
    ledger_.SetDestinations(dispatcher_->DestinationNames());
  }
  // kill -9.
  void Kill() {
    ledger_.Crash();
    dispatcher_.reset();
    ledger_.Reopen();
  }

  // The ledger commits the step, and the destinations are told.
  void Fire(const std::string& tier, int episode = 1) { Deliver(*View(tier, AlertStatus::kFiring, episode)); }
  void Resolve(const std::string& tier, int episode = 1) { Deliver(*View(tier, AlertStatus::kResolved, episode)); }
  void Pend(const std::string& tier) { Deliver(*View(tier, AlertStatus::kPending, 1)); }
  void Deliver(const AlertView& view) {
    const int64_t news = ledger_.Write(view);
    if (dispatcher_ != nullptr) {
      dispatcher_->Deliver(std::make_shared<const AlertView>(view), news, NewsDurability::kDurable);
    }
  }

  // Episode n begins 100 n seconds after the start and lasts 50.
  AlertViewPtr View(const std::string& tier, AlertStatus status, int episode) {
    AlertView view;
    view.labels = {{"alertname", "A"}, {"service", "shop"}, {"tier", tier}};
    view.annotations = {{"summary", "it burns"}};
    view.status = status;
    view.active_since = kDispatcherStart + absl::Seconds(100 * episode);
    view.firing_since = view.active_since;
    if (status == AlertStatus::kResolved) view.resolved_at = *view.firing_since + absl::Seconds(50);
    return std::make_shared<const AlertView>(view);
  }

  // The ledger knows that the destination was told everything.
  bool AwaitSettled(const std::string& name) {
    return Eventually([&] {
      for (const OutboxItem& item : dispatcher_->Outbox()) {
        if (item.destination == name && item.state != OutboxItem::State::kDelivered) return false;
      }
      return !Holds(SavedStates(name), "waits") && ledger_.unread() == 0;
    });
  }
  // "t1 told" … as on disk.
  std::string SavedStates(const std::string& name) {
    std::string text;
    for (const auto& [key, body] : ledger_.documents(name)) {
      if (!key.starts_with("{")) continue;
      text += Holds(body, R"("told":false,"parked":false)") ? "waits " : "told ";
    }
    return text;
  }
  // "hook t1 firing waiting" for each item of the outbox.
  std::vector<std::string> Outbox() {
    std::vector<std::string> texts;
    for (const OutboxItem& item : dispatcher_->Outbox()) {
      texts.push_back(item.destination + " " + std::string(item.alert->labels.Get("tier")) + " " +
                      std::string(AlertStatusName(item.alert->status)) + " " +
                      std::string(OutboxStateName(item.state)));
    }
    return texts;
  }

  FakeLedger ledger_;
};

TEST_F(DurableDispatcherTest, WhatResolvedWhileTheReceiverWasDownArrivesAfterARestart) {
  FakeReceiver receiver;
  AddWebhook("hook", receiver.Url());
  Start();
  Fire("t1");
  ASSERT_TRUE(AwaitSent("hook", "ok"));
  receiver.AnswerWith(FakeAnswer{.status = 500});
  Resolve("t1");
  Fire("t2");
  Resolve("t2");
  ASSERT_TRUE(AwaitSent("hook", "retry", 2));
  Kill();

  receiver.AnswerWith(FakeAnswer{.status = 200});
  const size_t before = receiver.received().size();
  Start();
  ASSERT_TRUE(receiver.AwaitRequests(before + 2));
  EXPECT_TRUE(AwaitSettled("hook"));
  // One that was seen firing, and one that never was: both once, with both times.
  std::string bodies;
  for (size_t i = before; i < receiver.received().size(); ++i) bodies += receiver.received()[i].body;
  EXPECT_THAT(receiver.received(), SizeIs(before + 2));
  EXPECT_THAT(bodies, AllOf(HasSubstr(R"("tier":"t1")"), HasSubstr(R"("tier":"t2")"),
                            HasSubstr(R"("startsAt":"2025-11-24T16:01:40Z","endsAt":"2025-11-24T16:02:30Z")"),
                            Not(HasSubstr(R"("status":"firing")"))));
  EXPECT_THAT(ledger_.documents("hook"), SizeIs(1));  // which destination it is, and nothing else
}

TEST_F(DurableDispatcherTest, NewsThatNobodyHasReadIsDeliveredAfterARestart) {
  FakeReceiver alertmanager, webhook;
  AddAlertmanager("am", alertmanager.Url());
  AddWebhook("hook", webhook.Url());
  Start();
  Kill();
  Fire("t1");  // committed, but the process died before it could tell
  Start();
  ASSERT_TRUE(alertmanager.AwaitRequests(1) && webhook.AwaitRequests(1));
  EXPECT_TRUE(AwaitSettled("am") && AwaitSettled("hook"));
  EXPECT_THAT(webhook.received()[0].body, HasSubstr(R"("tier":"t1")"));
}

TEST_F(DurableDispatcherTest, AlertmanagerIsToldAgainAtOnceAndAWebhookIsNot) {
  FakeReceiver alertmanager, webhook;
  AddAlertmanager("am", alertmanager.Url());
  AddWebhook("hook", webhook.Url());
  Start();
  Fire("t1");
  ASSERT_TRUE(AwaitSent("am", "ok") && AwaitSent("hook", "ok"));
  ASSERT_TRUE(AwaitSettled("am") && AwaitSettled("hook"));
  Kill();
  Start();
  ASSERT_TRUE(alertmanager.AwaitRequests(2));
  EXPECT_THAT(alertmanager.received()[1].body, HasSubstr(R"("startsAt":"2025-11-24T16:01:40Z")"));
  EXPECT_THAT(Outbox(), ElementsAre("am t1 firing delivered", "hook t1 firing delivered"));
  Fire("t2");
  ASSERT_TRUE(AwaitSent("hook", "ok"));
  EXPECT_THAT(webhook.received(), SizeIs(2));
  EXPECT_THAT(webhook.received()[1].body, Not(HasSubstr(R"("tier":"t1")")));
}

TEST_F(DurableDispatcherTest, WhatIsParkedStaysSoUntilItIsTriedAgain) {
  FakeReceiver receiver, other;
  receiver.AnswerWith(FakeAnswer{.status = 404});
  AddWebhook("hook", receiver.Url());
  AddWebhook("other", other.Url());
  Start();
  Fire("t1");
  ASSERT_TRUE(AwaitSent("hook", "parked"));
  ASSERT_TRUE(AwaitSettled("other"));
  ASSERT_TRUE(Eventually([&] { return SavedStates("hook") == "told "; }));
  Kill();
  Start();
  EXPECT_THAT(Outbox(), ElementsAre("hook t1 firing parked", "other t1 firing delivered"));
  const std::vector<ParkedDestination> parked = dispatcher_->ParkedDestinations();
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_EQ(parked[0].destination, "hook");
  EXPECT_EQ(parked[0].alerts, 1);
  EXPECT_EQ(parked[0].last_error, "404 Not Found");

  receiver.AnswerWith(FakeAnswer{.status = 200});
  EXPECT_EQ(*dispatcher_->RetryParked("other"), 0);
  EXPECT_EQ(*dispatcher_->RetryParked(std::nullopt), 1);
  ASSERT_TRUE(AwaitSent("hook", "ok"));
  EXPECT_THAT(dispatcher_->ParkedDestinations(), IsEmpty());
  EXPECT_THAT(Outbox(), ElementsAre("hook t1 firing delivered", "other t1 firing delivered"));
  const absl::Status status = dispatcher_->RetryParked("nobody").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()), R"(no destination "nobody", wanted one of: hook, other)");
}

TEST_F(DurableDispatcherTest, AFlappingAlertDoesNotGrowWhatIsOnDisk) {
  AddWebhook("dead", "http://127.0.0.1:" + std::to_string(DeadPort()));
  Start();
  Fire("t1");
  ASSERT_TRUE(Eventually([&] { return ledger_.documents("dead").size() == 2; }));
  for (int episode = 1; episode <= 300; ++episode) {
    Resolve("t1", episode);
    Fire("t1", episode + 1);
  }
  ASSERT_TRUE(Eventually([&] { return ledger_.unread() == 0; }));
  const std::map<std::string, std::string> documents = ledger_.documents("dead");
  EXPECT_THAT(documents, SizeIs(2));
  for (const auto& [key, body] : documents) EXPECT_LT(body.size(), 2000) << body;
}

TEST_F(DurableDispatcherTest, RepeatsToAlertmanagerAreNotWritten) {
  FakeReceiver receiver;
  AddAlertmanager("am", receiver.Url());
  options_.resend_delay = absl::Milliseconds(5);
  Start();
  Fire("t1");
  ASSERT_TRUE(AwaitSettled("am"));
  const int saves = ledger_.saves("am");
  ASSERT_TRUE(receiver.AwaitRequests(receiver.received().size() + 10));
  EXPECT_EQ(ledger_.saves("am"), saves);
}

TEST_F(DurableDispatcherTest, NewsThatIsToldToNobodyIsReadAllTheSame) {
  FakeReceiver receiver;
  AddAlertmanager("am", receiver.Url());
  Start();
  Pend("t1");
  EXPECT_TRUE(Eventually([&] { return ledger_.news_read("am") == 1; }));
  EXPECT_EQ(ledger_.unread(), 0);
  EXPECT_THAT(ledger_.documents("am"), SizeIs(1));
}

TEST_F(DurableDispatcherTest, ANewDestinationIsToldWhatFiresAndNothingOlder) {
  FakeReceiver first, second, third;
  AddWebhook("first", first.Url());
  Start();
  Fire("t1");
  Fire("t2");
  Resolve("t2");
  ASSERT_TRUE(AwaitSettled("first"));
  Kill();
  AddWebhook("second", second.Url());
  Start();
  ASSERT_TRUE(second.AwaitRequests(1));
  EXPECT_TRUE(AwaitSettled("second"));
  EXPECT_THAT(second.received(), SizeIs(1));
  EXPECT_THAT(second.received()[0].body, AllOf(HasSubstr(R"("tier":"t1")"), HasSubstr(R"("status":"firing")")));
  // What fires is known to a reload after the restart too.
  AddWebhook("third", third.Url());
  dispatcher_->Reconfigure(options_);
  ASSERT_TRUE(third.AwaitRequests(1));
  EXPECT_THAT(third.received()[0].body, HasSubstr(R"("tier":"t1")"));
  EXPECT_THAT(dispatcher_->DestinationNames(), ElementsAre("first", "second", "third"));
}

TEST_F(DurableDispatcherTest, AnotherUrlUnderAKnownNameIsANewDestination) {
  for (const std::string text : {"restart", "reload"}) {
    SCOPED_TRACE(text);
    FakeReceiver comes;
    options_.destinations.clear();
    AddWebhook("hook-" + text, "http://127.0.0.1:" + std::to_string(DeadPort()));
    Start();
    Fire(text + "-fires");
    Fire(text + "-is-over");
    ASSERT_TRUE(AwaitSent("hook-" + text, "network"));
    Resolve(text + "-is-over");
    ASSERT_TRUE(Eventually([&] { return ledger_.documents("hook-" + text).size() >= 3; }));
    options_.destinations[0].url = comes.Url();
    if (text == "restart") {
      Kill();
      Start();
    } else {
      dispatcher_->Reconfigure(options_);
    }
    ASSERT_TRUE(comes.AwaitRequests(1));
    ASSERT_TRUE(Eventually([&] { return StatsOf("hook-" + text).queued == 0; }));
    for (const ReceivedRequest& request : comes.received()) EXPECT_THAT(request.body, Not(HasSubstr("is-over")));
    EXPECT_TRUE(Eventually([&] {
      for (const auto& [key, body] : ledger_.documents("hook-" + text)) {
        if (Holds(key, "is-over")) return false;
      }
      return true;
    }));
    Resolve(text + "-fires");
    ASSERT_TRUE(AwaitSettled("hook-" + text));
    dispatcher_.reset();
  }
}

TEST_F(DurableDispatcherTest, ADestinationThatIsNotConfiguredAnyMoreIsIgnored) {
  FakeReceiver stays;
  AddWebhook("stays", stays.Url());
  AddWebhook("goes", "http://127.0.0.1:" + std::to_string(DeadPort()));
  Start();
  Fire("t1");
  ASSERT_TRUE(AwaitSent("goes", "network"));
  Kill();
  options_.destinations.pop_back();
  Start();
  EXPECT_THAT(dispatcher_->DestinationNames(), ElementsAre("stays"));
}

TEST_F(DurableDispatcherTest, NewsFromMemoryIsShownAsNotDurableUntilTheLedgerHasIt) {
  FakeReceiver receiver;
  AddWebhook("hook", receiver.Url());
  Start();
  const auto durable = [&] {
    std::vector<bool> all;
    for (const OutboxItem& item : dispatcher_->Outbox()) all.push_back(item.durable);
    return all;
  };
  Fire("t1");
  const AlertViewPtr second = View("t2", AlertStatus::kFiring, 1);
  const AlertViewPtr third = View("t3", AlertStatus::kFiring, 1);
  const int64_t second_news = ledger_.Write(*second);
  const int64_t third_news = ledger_.Write(*third);
  dispatcher_->Deliver(second, second_news, NewsDurability::kNotYet);
  dispatcher_->Deliver(third, third_news, NewsDurability::kNotYet);
  ASSERT_TRUE(AwaitSent("hook", "ok", 3));
  EXPECT_THAT(durable(), ElementsAre(true, false, false));
  dispatcher_->MarkDurable(second_news);
  EXPECT_THAT(durable(), ElementsAre(true, true, false));
  // The ledger writes in order: what it has of later news, it has of earlier.
  Fire("t4");
  EXPECT_THAT(durable(), ElementsAre(true, true, true, true));
}

TEST_F(DurableDispatcherTest, AnOutboxThatCannotBeReadIsNamed) {
  FakeReceiver receiver;
  AddWebhook("hook", receiver.Url());
  Start();
  Kill();
  DispatcherState state = ledger_.State();
  ASSERT_THAT(state.outboxes, SizeIs(1));
  state.outboxes[0].entries.push_back({R"({"alertname":"A"})", R"({"entries":[{}],"repeats_resolve":true})"});
  const absl::Status status = Dispatcher::Restore(options_, clock_, ledger_, state).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(
      status.message(),
      R"(destination hook: outbox document {"alertname":"A"}: entries[0].alert: wanted a value, but there is none)");
  EXPECT_EQ(CheckOutbox(state.outboxes[0]), status);
  EXPECT_TRUE(CheckOutbox(ledger_.State().outboxes[0]).ok());
}

TEST_F(DurableDispatcherTest, AStopSavesWhatIsLeft) {
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.status = 500});
  AddWebhook("hook", receiver.Url());
  Start();
  Fire("t1");
  dispatcher_->Stop(absl::Milliseconds(50));
  EXPECT_EQ(ledger_.unread(), 0);
  EXPECT_EQ(SavedStates("hook"), "waits ");
  receiver.AnswerWith(FakeAnswer{.status = 200});
  dispatcher_.reset();
  Start();
  EXPECT_TRUE(AwaitSent("hook", "ok"));
}

TEST_F(DurableDispatcherTest, TheAlertAboutParkedAlertsDoesNotKeepItselfAlive) {
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.status = 410});
  AddWebhook("hook", receiver.Url());
  Start();
  AlertView view = *View("t1", AlertStatus::kFiring, 1);
  view.labels = {{"alertname", "DeliveryParked"}, {"service", "shop"}, {"destination", "hook"}};
  Deliver(view);
  ASSERT_TRUE(AwaitSent("hook", "parked"));
  EXPECT_EQ(StatsOf("hook").parked, 1);
  EXPECT_THAT(dispatcher_->ParkedDestinations(), IsEmpty());
}

}  // namespace
}  // namespace firebreak
