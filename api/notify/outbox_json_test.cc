#include <memory>

#include "api/notify/outbox_item.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1764000000);

OutboxItem Parked() {
  AlertView view;
  view.labels = {{"alertname", "NoData"}, {"endpoint", "/a\"\xff"}};
  view.status = AlertStatus::kResolved;
  view.firing_since = kNow - absl::Minutes(10);
  view.resolved_at = kNow - absl::Minutes(5);
  OutboxItem item;
  item.destination = "oncall";
  item.alert = std::make_shared<const AlertView>(view);
  item.state = OutboxItem::State::kParked;
  item.tries = 2;
  item.last_error = "404 Not Found";
  item.since = kNow - absl::Minutes(5);
  item.next_try = kNow + absl::Milliseconds(1500);
  item.durable = false;
  return item;
}

TEST(OutboxJsonTest, AnItemSaysAll) {
  EXPECT_EQ(OutboxJson({Parked()}, kNow),
            R"({"time":"2025-11-24T16:00:00Z","outbox":[{"destination":"oncall","fingerprint":")" +
                Parked().alert->labels.FingerprintHex() +
                R"(","status":"resolved","labels":{"alertname":"NoData","endpoint":"/a\"�"},)"
                R"("firing_since":"2025-11-24T15:50:00Z","resolved_at":"2025-11-24T15:55:00Z","state":"parked",)"
                R"("since":"2025-11-24T15:55:00Z","tries":2,"last_error":"404 Not Found",)"
                R"("next_try":"2025-11-24T16:00:01.500Z","durable":false}]})"
                "\n");
}

TEST(OutboxJsonTest, WhatIsNotThereIsNull) {
  OutboxItem item = Parked();
  AlertView view = *item.alert;
  view.status = AlertStatus::kFiring;
  view.resolved_at.reset();
  item.alert = std::make_shared<const AlertView>(view);
  item.last_error.clear();
  item.next_try.reset();
  const std::string json = OutboxJson({item}, kNow);
  for (const char* part : {R"("resolved_at":null)", R"("last_error":null)", R"("next_try":null)"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part;
  }
}

TEST(OutboxJsonTest, NothingIsAnEmptyList) {
  EXPECT_EQ(OutboxJson({}, kNow), "{\"time\":\"2025-11-24T16:00:00Z\",\"outbox\":[]}\n");
}

TEST(OutboxJsonTest, StatesHaveNames) {
  EXPECT_EQ(OutboxStateName(OutboxItem::State::kWaiting), "waiting");
  EXPECT_EQ(OutboxStateName(OutboxItem::State::kRetrying), "retrying");
  EXPECT_EQ(OutboxStateName(OutboxItem::State::kDelivered), "delivered");
  EXPECT_EQ(OutboxStateName(OutboxItem::State::kParked), "parked");
}

TEST(OutboxJsonTest, ARetrySaysHowMany) { EXPECT_EQ(RetriedJson(3), "{\"retried\":3}\n"); }

}  // namespace
}  // namespace firebreak
