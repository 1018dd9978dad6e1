#include "api/notify/dispatcher.h"

#include <atomic>
#include <string>

#include "api/notify/dispatcher_fixture.h"
#include "api/notify/fake_receiver.h"
#include "api/notify/signature.h"
#include "api/notify/steady.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mutex.h"

namespace firebreak {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Kind = Destination::Kind;

class DispatcherTest : public DispatcherFixture {
 protected:
  DispatcherTest() : DispatcherFixture(absl::Minutes(8)) {}

  void Start() { dispatcher_ = Dispatcher::Start(options_, clock_); }

  void Fire(const std::string& tier) { Tell(tier, AlertStatus::kPending, AlertStatus::kFiring); }
  void Resolve(const std::string& tier) { Tell(tier, AlertStatus::kFiring, AlertStatus::kResolved); }

  void Tell(const std::string& tier, AlertStatus from, AlertStatus to) {
    Transition transition;
    transition.from = from;
    transition.to = to;
    transition.at = clock_.Now();
    transition.alert = View(tier, to);
    dispatcher_->OnTransition(transition);
  }

  AlertViewPtr View(const std::string& tier, AlertStatus status, const std::string& summary = "first") {
    AlertView view;
    view.labels = {{"alertname", "ErrorBudgetBurn"}, {"service", "shop"}, {"tier", tier}};
    view.annotations = {{"summary", summary}};
    view.status = status;
    view.firing_since = kDispatcherStart;
    if (status == AlertStatus::kResolved) view.resolved_at = kDispatcherStart + absl::Minutes(7);
    return std::make_shared<const AlertView>(view);
  }
};

TEST_F(DispatcherTest, BothKindsAreToldFiringAndResolved) {
  FakeReceiver alertmanager, webhook;
  AddAlertmanager("am", alertmanager.Url());
  AddWebhook("hook", webhook.Url("/hook"), "secret");
  Start();
  Fire("t1");
  ASSERT_TRUE(alertmanager.AwaitRequests(1) && webhook.AwaitRequests(1));
  ASSERT_TRUE(AwaitSent("am", "ok") && AwaitSent("hook", "ok"));
  Resolve("t1");
  ASSERT_TRUE(alertmanager.AwaitRequests(2) && webhook.AwaitRequests(2));

  EXPECT_EQ(alertmanager.received()[0].path, "/api/v2/alerts");
  // Eight minutes past the start, and four resend delays on.
  EXPECT_THAT(alertmanager.received()[0].body,
              HasSubstr(R"("startsAt":"2025-11-24T16:00:00Z","endsAt":"2025-11-24T16:12:00Z")"));
  EXPECT_THAT(alertmanager.received()[1].body, HasSubstr(R"("endsAt":"2025-11-24T16:07:00Z")"));
  EXPECT_EQ(webhook.received()[0].path, "/hook");
  EXPECT_THAT(webhook.received()[0].body, HasSubstr(R"("receiver":"hook","status":"firing")"));
  EXPECT_THAT(webhook.received()[1].body, AllOf(HasSubstr(R"("receiver":"hook","status":"resolved")"),
                                                HasSubstr(R"("endsAt":"2025-11-24T16:07:00Z")")));
  ReceivedRequest request = webhook.received()[1];
  EXPECT_EQ(request.headers["X-Firebreak-Signature"], SignBody("secret", clock_.Now(), request.body));
  EXPECT_NE(request.headers["Idempotency-Key"], webhook.received()[0].headers["Idempotency-Key"]);
}

TEST_F(DispatcherTest, AnEvaluationRarerThanTheResendDelaySetsHowLongFiringLasts) {
  FakeReceiver receiver;
  AddAlertmanager("am", receiver.Url());
  options_.evaluation_interval = absl::Minutes(2);
  Start();
  Fire("t1");
  ASSERT_TRUE(receiver.AwaitRequests(1));
  EXPECT_THAT(receiver.received()[0].body, HasSubstr(R"("endsAt":"2025-11-24T16:16:00Z")"));
}

TEST_F(DispatcherTest, PendingAndInactiveAreToldToNobody) {
  FakeReceiver receiver;
  AddAlertmanager("am", receiver.Url());
  Start();
  Tell("t1", AlertStatus::kInactive, AlertStatus::kPending);
  Tell("t1", AlertStatus::kPending, AlertStatus::kInactive);
  Fire("t2");
  ASSERT_TRUE(receiver.AwaitRequests(1));
  EXPECT_THAT(receiver.received()[0].body, Not(HasSubstr("t1")));
}

TEST_F(DispatcherTest, FiringThatIsGoneHasResolved) {
  FakeReceiver receiver;
  AddAlertmanager("am", receiver.Url());
  Start();
  Fire("t1");
  ASSERT_TRUE(AwaitSent("am", "ok"));
  Tell("t1", AlertStatus::kFiring, AlertStatus::kInactive);
  ASSERT_TRUE(receiver.AwaitRequests(2));
  EXPECT_THAT(receiver.received()[1].body, HasSubstr(R"("endsAt":"2025-11-24T16:08:00Z")"));
}

TEST_F(DispatcherTest, FiringIsToldAgainWithFreshAnnotations) {
  FakeReceiver receiver;
  AddAlertmanager("am", receiver.Url());
  options_.resend_delay = absl::Milliseconds(30);
  options_.latest = [this](uint64_t fingerprint) {
    const AlertViewPtr view = View("t1", AlertStatus::kFiring, "fresh");
    return fingerprint == view->labels.Fingerprint() ? view : nullptr;
  };
  Start();
  Fire("t1");
  ASSERT_TRUE(receiver.AwaitRequests(3));
  EXPECT_THAT(receiver.received()[2].body, HasSubstr(R"("summary":"fresh")"));
}

TEST_F(DispatcherTest, AnotherEpisodesAnnotationsAreNotTaken) {
  FakeReceiver receiver;
  AddAlertmanager("am", receiver.Url());
  options_.latest = [this](uint64_t) {
    AlertView view = *View("t1", AlertStatus::kFiring, "of another episode");
    view.firing_since = kDispatcherStart + absl::Minutes(1);
    return std::make_shared<const AlertView>(view);
  };
  Start();
  Fire("t1");
  ASSERT_TRUE(receiver.AwaitRequests(1));
  EXPECT_THAT(receiver.received()[0].body, HasSubstr(R"("summary":"first")"));
}

TEST_F(DispatcherTest, AnEpisodeDuringAnOutageArrivesOnceAsResolved) {
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.status = 500});
  AddWebhook("hook", receiver.Url());
  Start();
  Fire("t1");
  ASSERT_TRUE(AwaitSent("hook", "retry", 2));
  Resolve("t1");
  EXPECT_EQ(StatsOf("hook").queued, 1);
  EXPECT_EQ(StatsOf("hook").last_error, "500 Internal Server Error");
  receiver.AnswerWith(FakeAnswer{.status = 200});
  ASSERT_TRUE(AwaitSent("hook", "ok"));
  EXPECT_EQ(StatsOf("hook").queued, 0);
  EXPECT_EQ(StatsOf("hook").last_error, "");
  EXPECT_EQ(StatsOf("hook").last_success, clock_.Now());
  EXPECT_THAT(receiver.received().back().body,
              AllOf(HasSubstr(R"("status":"resolved")"), HasSubstr(R"("startsAt":"2025-11-24T16:00:00Z")"),
                    HasSubstr(R"("endsAt":"2025-11-24T16:07:00Z")")));
}

TEST_F(DispatcherTest, ARetryRepeatsTheIdempotencyKey) {
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.status = 503});
  AddWebhook("hook", receiver.Url());
  Start();
  Fire("t1");
  ASSERT_TRUE(receiver.AwaitRequests(3));
  std::vector<ReceivedRequest> received = receiver.received();
  EXPECT_EQ(received[0].headers["Idempotency-Key"], received[2].headers["Idempotency-Key"]);
}

TEST_F(DispatcherTest, RefusalsAreParkedAndSayWhy) {
  const std::pair<int, std::string> kRows[] = {
      {302, "302 Found: redirects are not followed"}, {401, "401 Unauthorized"}, {404, "404 Not Found"}};
  for (const auto& [status, text] : kRows) {
    SCOPED_TRACE(text);
    FakeReceiver receiver;
    receiver.AnswerWith(FakeAnswer{.status = status, .headers = {{"Location", receiver.Url("/elsewhere")}}});
    options_.destinations.clear();
    AddAlertmanager("am", receiver.Url());
    AddWebhook("hook", receiver.Url("/hook"));
    Start();
    Fire("t1");
    ASSERT_TRUE(AwaitSent("am", "parked") && AwaitSent("hook", "parked"));
    for (const DestinationStats& stats : dispatcher_->Stats()) {
      EXPECT_EQ(stats.parked, 1);
      EXPECT_EQ(stats.queued, 0);
      EXPECT_EQ(stats.last_error, text);
    }
    for (const ReceivedRequest& request : receiver.received()) EXPECT_NE(request.path, "/elsewhere");
  }
}

TEST_F(DispatcherTest, RetryAfterIsHonoured) {
  FakeReceiver receiver;
  std::atomic<int> answers = 0;
  Mutex mutex;
  std::vector<absl::Time> at;
  receiver.AnswerWith([&](const ReceivedRequest&) {
    MutexLock lock(mutex);
    at.push_back(SteadyNow());
    return ++answers == 1 ? FakeAnswer{.status = 429, .headers = {{"Retry-After", "1"}}} : FakeAnswer{};
  });
  AddAlertmanager("am", receiver.Url());
  Start();
  Fire("t1");
  ASSERT_TRUE(AwaitSent("am", "ok"));
  MutexLock lock(mutex);
  EXPECT_GE(at[1] - at[0], absl::Seconds(1));
}

TEST_F(DispatcherTest, OneBadAlertDoesNotKeepTheOthersFromAlertmanager) {
  FakeReceiver receiver;
  // Every alert must be there before the first try: the first is one that fails.
  std::atomic<bool> open = false;
  receiver.AnswerWith([&](const ReceivedRequest& request) {
    if (!open) return FakeAnswer{.status = 500};
    return FakeAnswer{.status = Holds(request.body, "\"bad\"") ? 400 : 200};
  });
  AddAlertmanager("am", receiver.Url());
  Start();
  for (const char* tier : {"a", "bad", "c"}) Fire(tier);
  open = true;
  ASSERT_TRUE(Eventually([&] { return StatsOf("am").queued == 0; }));
  EXPECT_EQ(StatsOf("am").parked, 1);
  bool a = false, c = false;
  for (const ReceivedRequest& request : receiver.received()) {
    if (Holds(request.body, "\"bad\"")) continue;
    a = a || Holds(request.body, R"("tier":"a")");
    c = c || Holds(request.body, R"("tier":"c")");
  }
  EXPECT_TRUE(a && c);
}

TEST_F(DispatcherTest, ADestinationInTroubleDelaysNoOther) {
  RawReceiver silent(SaysNothing()), dripping(Drips("HTTP/1.1 200 OK\r\nX: ", absl::Milliseconds(20))),
      resetting(Resets());
  FakeReceiver good;
  AddAlertmanager("silent", silent.Url());
  AddAlertmanager("dripping", dripping.Url());
  AddWebhook("resetting", resetting.Url());
  AddWebhook("dead", "http://127.0.0.1:" + std::to_string(DeadPort()));
  AddAlertmanager("good", good.Url());
  options_.try_deadline = absl::Milliseconds(1500);
  Start();
  for (int i = 0; i < 10; ++i) {
    const absl::Time begin = SteadyNow();
    Fire("t" + std::to_string(i));
    ASSERT_TRUE(AwaitSent("good", "ok", i + 1));
    EXPECT_LT(SteadyNow() - begin, absl::Seconds(1));
  }
  EXPECT_TRUE(AwaitSent("silent", "timeout") && AwaitSent("dripping", "timeout"));
  EXPECT_TRUE(AwaitSent("resetting", "network") && AwaitSent("dead", "network"));
  EXPECT_EQ(StatsOf("dead").last_error, "Connection refused");
  EXPECT_EQ(StatsOf("dead").queued, 10);
}

TEST_F(DispatcherTest, SecretsAreNowhereInTheStats) {
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.status = 403, .body = "hush-query is not allowed"});
  const std::string port = std::to_string(receiver.port());
  AddWebhook("refused", "http://u:hush-password@127.0.0.1:" + port + "/?token=hush-query", "hush-secret");
  AddAlertmanager("refused-am", "http://hush-user:p@127.0.0.1:" + port + "/?token=hush-query");
  AddWebhook("dead", "http://u:hush-password@127.0.0.1:" + std::to_string(DeadPort()) + "/?t=hush-query",
             "hush-secret");
  AddWebhook("broken", "http://u:hush-password@127.0.0.1:hush/?t=hush-query", "hush-secret");
  AddWebhook("nameless", "http://u:hush-password@nowhere.invalid/?t=hush-query", "hush-secret");
  Start();
  Fire("t1");
  for (const char* name : {"refused", "refused-am", "dead", "broken", "nameless"}) {
    ASSERT_TRUE(Eventually([&] { return !StatsOf(name).last_error.empty(); })) << name;
    EXPECT_THAT(StatsOf(name).last_error, Not(HasSubstr("hush")));
    for (const auto& [result, count] : StatsOf(name).sent) EXPECT_THAT(result, Not(HasSubstr("hush")));
  }
  for (const TestResult& result : SendTestAlert(options_, kDispatcherStart))
    EXPECT_THAT(result.answer, Not(HasSubstr("hush")));
}

TEST_F(DispatcherTest, TheWatchdogIsToldOnlyWhileHealthy) {
  FakeReceiver receiver;
  std::atomic<bool> healthy = false;
  std::atomic<int> asked = 0;
  AddAlertmanager("am", receiver.Url());
  options_.resend_delay = absl::Milliseconds(20);
  options_.watchdog = true;
  options_.healthy = [&] {
    ++asked;
    return healthy.load();
  };
  Start();
  ASSERT_TRUE(Eventually([&] { return asked >= 5; }));
  EXPECT_THAT(receiver.received(), IsEmpty());
  healthy = true;
  ASSERT_TRUE(receiver.AwaitRequests(2));
  EXPECT_THAT(receiver.received()[1].body,
              HasSubstr(R"("labels":{"alertname":"Watchdog","service":"shop","severity":"none"})"));
  dispatcher_.reset();  // it goes on asking until its end
}

TEST_F(DispatcherTest, ADestinationThatStaysKeepsItsQueueAndANewOneHearsWhatFires) {
  FakeReceiver stays, goes, comes;
  stays.AnswerWith(FakeAnswer{.status = 500});
  AddWebhook("stays", stays.Url());
  AddWebhook("goes", goes.Url());
  Start();
  Fire("t1");
  Fire("t2");
  Resolve("t2");
  ASSERT_TRUE(AwaitSent("goes", "ok", 2));
  ASSERT_TRUE(AwaitSent("stays", "retry", 1));
  EXPECT_EQ(StatsOf("stays").queued, 2);

  options_.destinations.pop_back();
  AddAlertmanager("comes", comes.Url());
  dispatcher_->Reconfigure(options_);
  EXPECT_EQ(StatsOf("stays").queued, 2);
  EXPECT_EQ(dispatcher_->Stats().size(), 2);
  ASSERT_TRUE(comes.AwaitRequests(1));
  EXPECT_THAT(comes.received()[0].body, AllOf(HasSubstr(R"("tier":"t1")"), Not(HasSubstr(R"("tier":"t2")"))));
  stays.AnswerWith(FakeAnswer{.status = 200});
  EXPECT_TRUE(Eventually([&] { return StatsOf("stays").queued == 0; }));
}

TEST_F(DispatcherTest, AChangedSecretIsTakenOver) {
  FakeReceiver receiver;
  AddWebhook("hook", receiver.Url(), "old");
  Start();
  options_.destinations[0].secret = "new";
  dispatcher_->Reconfigure(options_);
  Fire("t1");
  ASSERT_TRUE(receiver.AwaitRequests(1));
  ReceivedRequest request = receiver.received()[0];
  EXPECT_EQ(request.headers["X-Firebreak-Signature"], SignBody("new", clock_.Now(), request.body));
}

TEST_F(DispatcherTest, StopDeliversWhatIsQueued) {
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.status = 500});
  AddAlertmanager("am", receiver.Url());
  options_.first_backoff = absl::Minutes(1);
  Start();
  Fire("t1");
  ASSERT_TRUE(AwaitSent("am", "retry"));
  receiver.AnswerWith(FakeAnswer{.status = 200});
  const absl::Time begin = SteadyNow();
  dispatcher_->Stop(absl::Seconds(20));
  EXPECT_LT(SteadyNow() - begin, absl::Seconds(10));
  EXPECT_EQ(StatsOf("am").queued, 0);
}

TEST_F(DispatcherTest, StopEndsAtItsDeadline) {
  RawReceiver silent(SaysNothing());
  AddAlertmanager("silent", silent.Url());
  options_.try_deadline = absl::Seconds(60);
  Start();
  Fire("t1");
  ASSERT_TRUE(Eventually([&] { return silent.connections() == 1; }));
  const absl::Time begin = SteadyNow();
  dispatcher_->Stop(absl::Milliseconds(100));
  EXPECT_GE(SteadyNow() - begin, absl::Milliseconds(100));
  EXPECT_LT(SteadyNow() - begin, absl::Seconds(2));
  EXPECT_EQ(StatsOf("silent").queued, 1);
}

TEST_F(DispatcherTest, ATestAlertGoesEverywhereAtTheSameTime) {
  FakeReceiver alertmanager, webhook, refusing;
  refusing.AnswerWith(FakeAnswer{.status = 302});
  RawReceiver silent(SaysNothing());
  AddAlertmanager("am", alertmanager.Url());
  AddWebhook("hook", webhook.Url(), "secret");
  AddWebhook("moved", refusing.Url());
  AddWebhook("dead", "http://127.0.0.1:" + std::to_string(DeadPort()));
  AddWebhook("silent-1", silent.Url());
  AddWebhook("silent-2", silent.Url());
  const absl::Time begin = SteadyNow();
  const std::vector<TestResult> results = SendTestAlert(options_, kDispatcherStart);
  EXPECT_LT(SteadyNow() - begin, 2 * options_.try_deadline + absl::Milliseconds(200));

  std::vector<std::string> texts;
  for (const TestResult& result : results) {
    texts.push_back(result.destination + (result.ok ? ": ok, " : ": failed, ") + result.answer);
  }
  EXPECT_THAT(
      texts,
      ElementsAre("am: ok, 200 OK", "hook: ok, 200 OK", "moved: failed, 302 Found: redirects are not followed",
                  "dead: failed, Connection refused", "silent-1: failed, timed out", "silent-2: failed, timed out"));
  ASSERT_EQ(webhook.received().size(), 2);
  EXPECT_THAT(webhook.received()[0].body, AllOf(HasSubstr("FirebreakTest"), HasSubstr(R"("status":"firing")")));
  EXPECT_THAT(webhook.received()[1].body, Not(HasSubstr(R"("status":"firing")")));
  ASSERT_EQ(alertmanager.received().size(), 2);
  EXPECT_THAT(alertmanager.received()[0].body, HasSubstr(R"("severity":"none")"));
}

}  // namespace
}  // namespace firebreak
