#include "api/timeline/timeline.h"

#include <memory>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

Transition Firing() {
  auto alert = std::make_shared<AlertView>();
  alert->labels = Labels{{"alertname", "ErrorBudgetBurn"}, {"severity", "page"}};
  Transition transition;
  transition.at = absl::FromUnixSeconds(1764000000);
  transition.tier = "checkout";
  transition.slo = "availability";
  transition.pair = "fast";
  transition.from = AlertStatus::kPending;
  transition.to = AlertStatus::kFiring;
  transition.short_window = {absl::Minutes(5), 3, 100, 30.0, 1};
  transition.long_window = {absl::Hours(1), 3, 200, 15.0, 1};
  transition.budget_left = 0.25;
  transition.alert = alert;
  return transition;
}

TEST(TimelineTest, ALineSaysWhatHappenedAndWhy) {
  EXPECT_EQ(TransitionText(Firing()),
            "2025-11-24T16:00:00Z  checkout/availability/fast               pending → firing [page]  "
            "5m 3 of 100 (3 %, burn 30x); 1h 3 of 200 (1.5 %, burn 15x); budget 25 % left");
}

TEST(TimelineTest, AnOverspentBudgetIsSaidSo) {
  Transition transition = Firing();
  transition.budget_left = -1.5;
  EXPECT_NE(TransitionText(transition).find("; budget spent 2.5 times"), std::string::npos);
}

TEST(TimelineTest, NoDataHasNoWindows) {
  Transition transition = Firing();
  auto alert = std::make_shared<AlertView>();
  alert->labels = Labels{{"alertname", "NoData"}, {"severity", "ticket"}};
  transition.alert = alert;
  transition.slo = transition.pair = "";
  transition.from = AlertStatus::kInactive;
  transition.budget_left.reset();
  EXPECT_EQ(TransitionText(transition),
            "2025-11-24T16:00:00Z  checkout/NoData                          inactive → firing [ticket]");
  const nlohmann::json json = nlohmann::json::parse(TransitionJson(transition));
  EXPECT_TRUE(json["slo"].is_null());
  EXPECT_EQ(json["alertname"], "NoData");
}

TEST(TimelineTest, JsonHasTheDocumentedFields) {
  const nlohmann::json json = nlohmann::json::parse(TransitionJson(Firing()));
  EXPECT_EQ(json["time"], "2025-11-24T16:00:00Z");
  EXPECT_EQ(json["from"], "pending");
  EXPECT_EQ(json["to"], "firing");
  EXPECT_EQ(json["short"], (nlohmann::json{{"bad", 3}, {"total", 100}, {"burn", 30.0}}));
  EXPECT_EQ(json["long"]["total"], 200);
}

TEST(TimelineTest, OnlyFiringCountsAsAnAlert) {
  AlertTotals totals;
  Transition transition = Firing();
  CountAlert(transition, totals);
  transition.to = AlertStatus::kResolved;
  CountAlert(transition, totals);
  EXPECT_EQ(totals.pages, 1);
  EXPECT_EQ(totals.tickets, 0);
  transition.to = AlertStatus::kFiring;
  transition.slo = "";
  CountAlert(transition, totals);
  EXPECT_EQ(totals.pages, 1);
  EXPECT_EQ(totals.no_data, 1);
}

}  // namespace
}  // namespace firebreak
