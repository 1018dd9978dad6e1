#include <string>
#include <vector>

#include "api/notify/destination.h"
#include "api/notify/schedule.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using Kind = Destination::Kind;

constexpr DeliveryTiming kTiming = {absl::Minutes(1), absl::Hours(4), absl::Seconds(1)};
const SeveritySet kPages{0b10};
const SeveritySet kTickets{0b01};

TEST(RoutingTest, TheLabelSeverityDecides) {
  const struct {
    std::string severity;
    SeveritySet severities;
    bool routed;
  } kRows[] = {
      {"page", kPages, true},         {"ticket", kPages, false}, {"page", kTickets, false}, {"ticket", kTickets, true},
      {"page", kAllSeverities, true}, {"none", kPages, true},  // nobody else would hear of it
      {"", kTickets, true},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(IsRouted(row.severities, {{"severity", row.severity}}), row.routed) << row.severity;
  }
}

// The schedule of one destination on a clock of its own.
class RoutedScheduleTest : public ::testing::TestWithParam<Kind> {
 protected:
  Schedule::Options OptionsFor(SeveritySet severities) const {
    return {GetParam(), kTiming, Schedule::Watchdog::kOff, severities};
  }
  void Route(SeveritySet severities) {
    schedule_.SetOptions(OptionsFor(severities), MakeWatchdog("shop", "http://r/Watchdog", now_), now_);
  }

  void Apply(const std::string& severity, AlertStatus status, int episode = 1) {
    AlertView view;
    view.labels = {{"alertname", "NoData"}, {"service", "s"}, {"tier", "t"}, {"severity", severity}};
    view.status = status;
    view.firing_since = absl::FromUnixSeconds(100 * episode);
    if (status == AlertStatus::kResolved) view.resolved_at = *view.firing_since + absl::Seconds(50);
    schedule_.Apply(std::make_shared<const AlertView>(view), now_);
  }
  void Fire(const std::string& severity, int episode = 1) { Apply(severity, AlertStatus::kFiring, episode); }
  void Resolve(const std::string& severity) { Apply(severity, AlertStatus::kResolved); }

  // What is due, told: "page firing" …
  std::vector<std::string> Tell() {
    std::vector<std::string> told;
    while (const std::optional<Batch> batch = schedule_.Take(now_, Health::kFresh)) {
      for (const Batch::Item& item : batch->items) {
        told.push_back(std::string(item.alert->labels.Get("severity")) + " " +
                       std::string(AlertStatusName(item.alert->status)));
      }
      schedule_.Finish(*batch, {.verdict = Verdict::kDelivered}, std::nullopt, now_);
    }
    return told;
  }

  absl::Time now_ = absl::FromUnixSeconds(1000000);
  Schedule schedule_{OptionsFor(kPages), MakeWatchdog("shop", "http://r/Watchdog", now_), now_};
};

INSTANTIATE_TEST_SUITE_P(Kinds, RoutedScheduleTest,
                         ::testing::Values(Kind::kAlertmanager, Kind::kWebhook, Kind::kPagerDuty, Kind::kSlack),
                         [](const auto& kind) { return std::string(DestinationKindName(kind.param)); });

TEST_P(RoutedScheduleTest, WhatIsRoutedElsewhereIsNeverHeardOf) {
  Fire("ticket");
  Fire("page");
  EXPECT_THAT(Tell(), ElementsAre("page firing"));
  Resolve("ticket");
  EXPECT_THAT(Tell(), ElementsAre());
  Resolve("page");
  EXPECT_THAT(Tell(), ElementsAre("page resolved"));
}

TEST_P(RoutedScheduleTest, WhatWasToldFiresIsToldEndedThoughItIsRoutedElsewhereNow) {
  Fire("page");
  EXPECT_THAT(Tell(), ElementsAre("page firing"));
  Route(kTickets);
  Resolve("page");
  EXPECT_THAT(Tell(), ElementsAre("page resolved"));
  Fire("page", 2);
  EXPECT_THAT(Tell(), ElementsAre());
}

// Two kinds have a Watchdog, two have not.
TEST(RoutedWatchdogTest, OnlyReceiversThatNoticeSilenceAreToldOfTheWatchdog) {
  const absl::Time now = absl::FromUnixSeconds(1000000);
  for (const Kind kind : {Kind::kAlertmanager, Kind::kWebhook, Kind::kPagerDuty, Kind::kSlack}) {
    Schedule schedule({kind, kTiming, Schedule::Watchdog::kOn, kPages}, MakeWatchdog("shop", "http://r/Watchdog", now),
                      now);
    const bool notices = kind == Kind::kAlertmanager || kind == Kind::kWebhook;
    EXPECT_EQ(schedule.NextDue() == now, notices) << DestinationKindName(kind);
    EXPECT_EQ(schedule.Take(now, Health::kFresh).has_value(), notices) << DestinationKindName(kind);
  }
}

}  // namespace
}  // namespace firebreak
