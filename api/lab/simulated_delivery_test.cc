#include "api/lab/simulated_delivery.h"

#include <memory>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kStart = absl::FromUnixSeconds(1767571200);

NotifyConfig TwoDestinations() {
  NotifyConfig notify;
  notify.repeat_interval = absl::Hours(1);
  PagerDutyTarget pager;
  pager.name = "oncall";
  pager.severities = SeveritySet{0b10};
  notify.pagerduty = {pager};
  SlackTarget slack;
  slack.name = "team";
  notify.slack = {slack};
  return notify;
}

class SimulatedDeliveryTest : public ::testing::Test {
 protected:
  void Begin(const NotifyConfig& notify) { delivery_ = std::make_unique<SimulatedDelivery>(notify, kStart); }

  // An alert of tier `web` reaches a state.
  void Step(absl::Duration at, AlertStatus from, AlertStatus to, std::string_view severity,
            std::string_view reason = "", std::string_view pair = "fast") {
    auto view = std::make_shared<AlertView>();
    view->labels = Labels{{"alertname", "ErrorBudgetBurn"},
                          {"service", "s"},
                          {"tier", "web"},
                          {"slo", "availability"},
                          {"pair", std::string(pair)},
                          {"severity", std::string(severity)}};
    view->status = to;
    view->reason = reason;
    if (to == AlertStatus::kFiring) firing_since_ = kStart + at;
    view->firing_since = firing_since_;
    if (to == AlertStatus::kResolved) view->resolved_at = kStart + at;
    Transition transition;
    transition.at = kStart + at;
    transition.tier = "web";
    transition.from = from;
    transition.to = to;
    transition.alert = view;
    delivery_->OnTransition(transition);
  }
  void Fire(absl::Duration at, std::string_view severity) {
    Step(at, AlertStatus::kPending, AlertStatus::kFiring, severity);
  }
  void Resolve(absl::Duration at, std::string_view severity, std::string_view reason = "recovered") {
    Step(at, AlertStatus::kFiring, AlertStatus::kResolved, severity, reason);
  }

  void AdvanceTo(absl::Duration at) { delivery_->AdvanceTo(kStart + at); }
  void Restart(absl::Duration at, TickObserver::Memory memory) { delivery_->Restart(kStart + at, memory); }

  // "+3m firing page" of each alert told to `destination`, with "again" after a repeat.
  std::vector<std::string> Told(std::string_view destination) const {
    std::vector<std::string> texts;
    for (const ToldAlert& told : delivery_->told()) {
      if (told.destination != destination) continue;
      texts.push_back(fmt::format("+{} {} {}{}", DurationText(told.at - kStart), AlertStatusName(told.alert->status),
                                  told.alert->labels.Get("severity"),
                                  told.kind == ToldAlert::Kind::kRepeat ? " again" : ""));
    }
    return texts;
  }

  std::unique_ptr<SimulatedDelivery> delivery_;
  absl::Time firing_since_;
};

TEST_F(SimulatedDeliveryTest, RoutesBySeverity) {
  Begin(TwoDestinations());
  Fire(absl::Minutes(1), "ticket");
  AdvanceTo(absl::Minutes(1));
  Resolve(absl::Minutes(9), "ticket");
  AdvanceTo(absl::Minutes(30));
  EXPECT_THAT(Told("oncall"), IsEmpty());
  EXPECT_THAT(Told("team"), ElementsAre("+1m firing ticket", "+9m resolved ticket"));
}

TEST_F(SimulatedDeliveryTest, PendingIsToldToNobody) {
  Begin(TwoDestinations());
  Step(absl::Minutes(1), AlertStatus::kInactive, AlertStatus::kPending, "page");
  AdvanceTo(absl::Hours(1));
  EXPECT_THAT(delivery_->told(), IsEmpty());
}

TEST_F(SimulatedDeliveryTest, RepeatsWhatGoesOnFiring) {
  Begin(TwoDestinations());
  Fire(absl::Minutes(1), "page");
  AdvanceTo(absl::Minutes(150));
  EXPECT_THAT(Told("oncall"), ElementsAre("+1m firing page", "+1h1m firing page again", "+2h1m firing page again"));
}

TEST_F(SimulatedDeliveryTest, AnAlertmanagerIsToldEveryResendDelay) {
  NotifyConfig notify;
  notify.resend_delay = absl::Minutes(2);
  notify.alertmanagers = {{"alertmanager-1", "http://127.0.0.1:1"}};
  Begin(notify);
  Fire(absl::Minutes(1), "page");
  AdvanceTo(absl::Minutes(6));
  EXPECT_THAT(Told("alertmanager-1"), ElementsAre("+1m firing page", "+3m firing page again", "+5m firing page again"));
}

// A ticket that becomes a page is one incident to PagerDuty, which waits a second for the page.
TEST_F(SimulatedDeliveryTest, AnEscalationIsOneIncident) {
  NotifyConfig notify = TwoDestinations();
  notify.pagerduty[0].severities = kAllSeverities;
  Begin(notify);
  Fire(absl::Minutes(1), "ticket");
  AdvanceTo(absl::Minutes(5));
  Resolve(absl::Minutes(5), "ticket", "escalated");
  Step(absl::Minutes(5), AlertStatus::kInactive, AlertStatus::kFiring, "page");
  AdvanceTo(absl::Minutes(10));
  const std::vector<std::string> told = Told("oncall");
  EXPECT_EQ(told.front(), "+1m firing ticket");
  EXPECT_THAT(told, ::testing::Contains("+5m firing page"));
}

TEST_F(SimulatedDeliveryTest, ARestartForgetsNothingThatWasTold) {
  Begin(TwoDestinations());
  Fire(absl::Minutes(1), "page");
  AdvanceTo(absl::Minutes(2));
  Restart(absl::Minutes(5), TickObserver::Memory::kKept);
  AdvanceTo(absl::Minutes(30));
  EXPECT_THAT(Told("oncall"), ElementsAre("+1m firing page"));
  Resolve(absl::Minutes(31), "page");
  AdvanceTo(absl::Minutes(40));
  EXPECT_THAT(Told("oncall"), ElementsAre("+1m firing page", "+31m resolved page"));
}

TEST_F(SimulatedDeliveryTest, WithoutALedgerARestartForgetsAll) {
  Begin(TwoDestinations());
  Fire(absl::Minutes(1), "page");
  AdvanceTo(absl::Minutes(2));
  Restart(absl::Minutes(5), TickObserver::Memory::kNone);
  AdvanceTo(absl::Hours(3));
  EXPECT_THAT(Told("oncall"), ElementsAre("+1m firing page"));
}

}  // namespace
}  // namespace firebreak
