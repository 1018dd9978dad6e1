// PagerDuty and Slack behind a Dispatcher, against receivers that check what they get as the real services do.

#include <string>
#include <vector>

#include "api/notify/dispatcher_fixture.h"
#include "api/notify/fake_receiver.h"
#include "api/notify/outbox_item.h"
#include "api/notify/receiver_formats.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Kind = Destination::Kind;

const SeveritySet kPages{0b10};
const SeveritySet kTickets{0b01};

FakeAnswer AsPagerDuty(const ReceivedRequest& request) {
  if (PagerDutyFaults(request.body).empty()) return {.status = 202, .body = R"({"status":"success"})"};
  return {.status = 400, .body = R"({"status":"invalid event"})"};
}

FakeAnswer AsSlack(const ReceivedRequest& request) {
  if (SlackFaults(request.body).empty()) return {.status = 200, .body = "ok"};
  return {.status = 400, .body = "invalid_blocks"};
}

class PagersTest : public DispatcherFixture {
 protected:
  PagersTest() : DispatcherFixture(absl::Minutes(8)) {
    options_.try_deadline = absl::Seconds(5);
    pagerduty_.AnswerWith(AsPagerDuty);
    slack_.AnswerWith(AsSlack);
  }

  void AddPagerDuty(SeveritySet severities = kAllSeverities) {
    options_.destinations.push_back(
        {Kind::kPagerDuty, "phone", pagerduty_.Url("/v2/enqueue"), "0123456789abcdef0123456789hushed", severities});
  }
  void AddSlack(SeveritySet severities = kAllSeverities) {
    options_.destinations.push_back({Kind::kSlack, "team", slack_.Url("/services/T0/B0/hushed"), "", severities});
  }
  void Start() { dispatcher_ = Dispatcher::Start(options_, clock_); }

  void Fire(const std::string& member, const std::string& endpoint = "") {
    Tell(member, endpoint, AlertStatus::kPending, AlertStatus::kFiring);
  }
  void Resolve(const std::string& member, const std::string& endpoint = "") {
    Tell(member, endpoint, AlertStatus::kFiring, AlertStatus::kResolved);
  }
  // `member` is "fast/page", "slow/ticket" …
  void Tell(const std::string& member, const std::string& endpoint, AlertStatus from, AlertStatus to) {
    AlertView view;
    view.labels = {{"alertname", "ErrorBudgetBurn"},
                   {"service", "shop"},
                   {"tier", "checkout"},
                   {"slo", "availability"},
                   {"pair", member.substr(0, member.find('/'))},
                   {"severity", member.substr(member.find('/') + 1)},
                   {"endpoint", endpoint}};
    view.annotations = {{"summary", "burns at " + endpoint}, {"runbook_url", "http://firebreak.test/runbooks/X"}};
    view.status = to;
    view.firing_since = kDispatcherStart;
    if (to == AlertStatus::kResolved) view.resolved_at = kDispatcherStart + absl::Minutes(7);
    dispatcher_->OnTransition(
        {.at = clock_.Now(), .from = from, .to = to, .alert = std::make_shared<const AlertView>(view)});
  }

  // "trigger critical", "resolve warning" … in the order they came.
  std::vector<std::string> Events() {
    std::vector<std::string> events;
    for (const ReceivedRequest& request : pagerduty_.received()) {
      const json event = json::parse(request.body);
      events.push_back(event["event_action"].get<std::string>() + " " +
                       event["payload"]["severity"].get<std::string>());
    }
    return events;
  }
  // The headers of the messages: "[FIRING:1] page ErrorBudgetBurn shop/checkout" …
  std::vector<std::string> Messages() {
    std::vector<std::string> headers;
    for (const ReceivedRequest& request : slack_.received()) {
      headers.push_back(json::parse(request.body)["blocks"][0]["text"]["text"]);
    }
    return headers;
  }

  FakeReceiver pagerduty_, slack_;
};

TEST_F(PagersTest, PagesGoToBothAndTicketsToSlackOnly) {
  AddPagerDuty(kPages);
  AddSlack();
  Start();
  Fire("slow/ticket");
  ASSERT_TRUE(AwaitSent("team", "ok", 1));
  Fire("fast/page");
  ASSERT_TRUE(AwaitSent("team", "ok", 2) && AwaitSent("phone", "ok", 1));
  Resolve("fast/page");
  ASSERT_TRUE(AwaitSent("team", "ok", 3) && AwaitSent("phone", "ok", 2));
  Resolve("slow/ticket");
  ASSERT_TRUE(AwaitSent("team", "ok", 4));
  EXPECT_THAT(Events(), ElementsAre("trigger critical", "resolve critical"));
  EXPECT_THAT(Messages(), ElementsAre("[FIRING:1] ticket ErrorBudgetBurn shop/checkout",
                                      "[FIRING:2] page ErrorBudgetBurn shop/checkout",
                                      "[FIRING:1] ticket ErrorBudgetBurn shop/checkout",
                                      "[RESOLVED] ticket ErrorBudgetBurn shop/checkout"));
}

TEST_F(PagersTest, FastAndSlowOfAnSloAreOneIncident) {
  AddPagerDuty();
  Start();
  Fire("slow/ticket");
  ASSERT_TRUE(AwaitSent("phone", "ok", 1));
  Fire("fast/page");
  ASSERT_TRUE(AwaitSent("phone", "ok", 2));
  Resolve("fast/page");
  Resolve("slow/ticket");
  ASSERT_TRUE(AwaitSent("phone", "ok", 3));
  EXPECT_THAT(Events(), ElementsAre("trigger warning", "trigger critical", "resolve warning"));
  for (const ReceivedRequest& request : pagerduty_.received()) {
    EXPECT_EQ(request.path, "/v2/enqueue");
    EXPECT_EQ(json::parse(request.body)["dedup_key"], "shop/checkout/availability");
  }
}

TEST_F(PagersTest, HostileEndpointsAndHugeGroupsAreTaken) {
  AddPagerDuty();
  AddSlack();
  Start();
  for (int i = 0; i < 100; ++i) {
    Fire("fast/page", "/" + std::to_string(i) + "<!channel>&|>\xff\xf0\x9f\n" + std::string(3000, '&'));
  }
  ASSERT_TRUE(AwaitSent("phone", "ok", 100));
  ASSERT_TRUE(Eventually([&] { return StatsOf("team").queued == 0; }));
  EXPECT_EQ(StatsOf("phone").parked, 0);
  EXPECT_EQ(StatsOf("team").parked, 0);
}

TEST_F(PagersTest, WhatIsNotDocumentedAsTakenIsParkedOrTriedAgain) {
  AddPagerDuty();
  AddSlack();
  pagerduty_.AnswerWith(FakeAnswer{.status = 200, .body = "<html>"});
  slack_.AnswerWith(FakeAnswer{.status = 200, .body = "<html>"});
  Start();
  Fire("fast/page");
  ASSERT_TRUE(AwaitSent("phone", "parked") && AwaitSent("team", "parked"));
  EXPECT_EQ(StatsOf("phone").last_error, "200 OK, wanted 202 Accepted");
  EXPECT_EQ(StatsOf("team").last_error, R"(200 OK, wanted 200 with the body "ok")");

  pagerduty_.AnswerWith(FakeAnswer{.status = 503});
  slack_.AnswerWith(FakeAnswer{.status = 429, .headers = {{"Retry-After", "0"}}});
  Resolve("fast/page");
  ASSERT_TRUE(AwaitSent("phone", "retry", 2) && AwaitSent("team", "retry", 2));
  pagerduty_.AnswerWith(AsPagerDuty);
  slack_.AnswerWith(AsSlack);
  ASSERT_TRUE(AwaitSent("phone", "ok") && AwaitSent("team", "ok"));
  EXPECT_EQ(StatsOf("phone").parked + StatsOf("team").parked, 0);
}

TEST_F(PagersTest, ADestinationThatTakesMoreSeveritiesHearsAtOnceWhatFires) {
  AddSlack(kTickets);
  Start();
  Fire("fast/page");
  Fire("slow/ticket");
  ASSERT_TRUE(AwaitSent("team", "ok"));
  options_.destinations[0].severities = kAllSeverities;
  dispatcher_->Reconfigure(options_);
  ASSERT_TRUE(AwaitSent("team", "ok", 2));
  EXPECT_THAT(Messages(), ElementsAre("[FIRING:1] ticket ErrorBudgetBurn shop/checkout",
                                      "[FIRING:2] page ErrorBudgetBurn shop/checkout"));
}

TEST_F(PagersTest, ATestAlertIsTakenByBothAndEndsAtOnce) {
  AddPagerDuty(kTickets);
  AddSlack(kPages);
  for (const TestResult& result : SendTestAlert(options_, kDispatcherStart)) EXPECT_TRUE(result.ok) << result.answer;
  EXPECT_THAT(Events(), ElementsAre("trigger info", "resolve info"));
  EXPECT_THAT(Messages(), ElementsAre("[FIRING:1] none FirebreakTest shop", "[RESOLVED] none FirebreakTest shop"));
}

// Everything about the destinations that anybody is shown.
std::string Shown(Dispatcher& dispatcher) {
  std::string text = OutboxJson(dispatcher.Outbox(), kDispatcherStart);
  for (const DestinationStats& stats : dispatcher.Stats()) {
    text += stats.name + stats.kind + stats.last_error;
    for (const auto& [result, count] : stats.sent) text += result;
  }
  for (const ParkedDestination& parked : dispatcher.ParkedDestinations()) text += parked.last_error;
  return text;
}

TEST_F(PagersTest, SecretsAreNowhere) {
  AddPagerDuty();
  AddSlack();
  const std::string dead = "http://127.0.0.1:" + std::to_string(DeadPort()) + "/services/hushed";
  options_.destinations.push_back({Kind::kSlack, "dead", dead, ""});
  options_.destinations.push_back({Kind::kSlack, "nameless", "http://nowhere.invalid/hushed", ""});
  options_.destinations.push_back({Kind::kSlack, "broken", "http://127.0.0.1:hushed/", ""});
  const auto refuse = [](const ReceivedRequest& request) {
    return FakeAnswer{.status = 404, .body = request.path + request.body};
  };
  pagerduty_.AnswerWith(refuse);
  slack_.AnswerWith(refuse);
  Start();
  Fire("fast/page");
  for (const char* name : {"phone", "team", "dead", "nameless", "broken"}) {
    ASSERT_TRUE(Eventually([&] { return !StatsOf(name).last_error.empty(); })) << name;
  }
  EXPECT_THAT(Shown(*dispatcher_), AllOf(HasSubstr("404 Not Found"), Not(HasSubstr("hushed"))));
  for (const TestResult& result : SendTestAlert(options_, kDispatcherStart)) {
    EXPECT_THAT(result.destination + result.answer, Not(HasSubstr("hushed")));
  }
  // Nor does a message repeat where it was sent.
  for (const ReceivedRequest& request : slack_.received()) EXPECT_THAT(request.body, Not(HasSubstr("hushed")));
}

}  // namespace
}  // namespace firebreak
