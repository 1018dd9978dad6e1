#include "api/service/alert_history.h"

#include <memory>
#include <utility>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using nlohmann::json;

const absl::Time kStart = absl::FromUnixSeconds(1764000000);

class AlertHistoryTest : public ::testing::Test {
 protected:
  static AlertViewPtr Alert(std::string tier, AlertStatus status, int fired_minute, int resolved_minute = 0) {
    AlertView alert;
    alert.labels = Labels({{"alertname", "ErrorBudgetBurn"}, {"severity", "page"}, {"tier", std::move(tier)}});
    alert.annotations = Labels({{"summary", "it burns"}, {"causes", "/pay"}});
    alert.status = status;
    alert.active_since = kStart;
    if (status != AlertStatus::kPending) alert.firing_since = kStart + absl::Minutes(fired_minute);
    if (status == AlertStatus::kResolved) {
      alert.resolved_at = kStart + absl::Minutes(resolved_minute);
      alert.reason = "recovered";
    }
    return std::make_shared<const AlertView>(std::move(alert));
  }
  void See(AlertViewPtr alert) {
    Transition transition;
    transition.alert = std::move(alert);
    history_.OnTransition(transition);
  }
  // "web +2m..+9m recovered", the newest first.
  std::vector<std::string> Told() {
    std::vector<std::string> texts;
    const json told = json::parse(HistoryJson(history_));
    for (const json& episode : told["episodes"]) {
      texts.push_back(
          episode["labels"]["tier"].get<std::string>() + " " +
          episode["firing_since"].get<std::string>().substr(14, 2) + ".." +
          (episode["resolved_at"].is_null() ? "" : episode["resolved_at"].get<std::string>().substr(14, 2)) +
          (episode["reason"].is_null() ? "" : " " + episode["reason"].get<std::string>()));
    }
    return texts;
  }
  using Texts = std::vector<std::string>;

  AlertHistory history_{kStart};
};

TEST_F(AlertHistoryTest, AnEpisodeIsOneEntryFromFiringToResolved) {
  See(Alert("web", AlertStatus::kPending, 0));
  EXPECT_EQ(Told(), Texts{});
  See(Alert("web", AlertStatus::kFiring, 2));
  EXPECT_EQ(Told(), Texts{"web 02.."});
  See(Alert("web", AlertStatus::kResolved, 2, 9));
  EXPECT_EQ(Told(), Texts{"web 02..09 recovered"});
}

TEST_F(AlertHistoryTest, EpisodesOfOneAlertAndOfOthersAreApartAndTheNewestIsFirst) {
  See(Alert("web", AlertStatus::kFiring, 2));
  See(Alert("api", AlertStatus::kFiring, 3));
  See(Alert("web", AlertStatus::kResolved, 2, 9));
  See(Alert("web", AlertStatus::kFiring, 20));
  EXPECT_EQ(Told(), (Texts{"web 20..", "api 03..", "web 02..09 recovered"}));
}

TEST_F(AlertHistoryTest, WhatFiresAlreadyIsTakenIn) {
  history_.Begin({Alert("web", AlertStatus::kFiring, 2), Alert("api", AlertStatus::kPending, 0)});
  See(Alert("web", AlertStatus::kResolved, 2, 9));
  EXPECT_EQ(Told(), Texts{"web 02..09 recovered"});
}

TEST_F(AlertHistoryTest, TheOldestMakesRoom) {
  for (size_t i = 0; i < AlertHistory::kMostEpisodes; ++i)
    See(Alert("web" + std::to_string(i), AlertStatus::kFiring, 1));
  EXPECT_EQ(history_.Episodes().size(), AlertHistory::kMostEpisodes);
  EXPECT_EQ(history_.Episodes().back()->labels.Get("tier"), "web0");
  See(Alert("last", AlertStatus::kFiring, 2));
  EXPECT_EQ(history_.Episodes().size(), AlertHistory::kMostEpisodes);
  EXPECT_EQ(history_.Episodes().back()->labels.Get("tier"), "web1");
  EXPECT_EQ(history_.Episodes().front()->labels.Get("tier"), "last");
}

TEST_F(AlertHistoryTest, SaysSinceWhenItKnows) {
  EXPECT_EQ(json::parse(HistoryJson(history_))["since"], "2025-11-24T16:00:00Z");
}

}  // namespace
}  // namespace firebreak
