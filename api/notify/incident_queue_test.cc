#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/notify/queue_driver.h"
#include "api/notify/webhook_queue.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;

// An alert of SLO `slo`: "fast/page", "slow/ticket" …
AlertViewPtr View(const std::string& slo, const std::string& member, AlertStatus status, const std::string& reason = "",
                  int episode = 1) {
  const size_t slash = member.find('/');
  AlertView view;
  view.labels = {{"alertname", "ErrorBudgetBurn"},
                 {"service", "s"},
                 {"tier", "t"},
                 {"slo", slo},
                 {"pair", member.substr(0, slash)},
                 {"severity", member.substr(slash + 1)}};
  view.status = status;
  view.firing_since = absl::FromUnixSeconds(100 * episode);
  view.reason = reason;
  if (status == AlertStatus::kResolved) view.resolved_at = *view.firing_since + absl::Seconds(50);
  return std::make_shared<const AlertView>(view);
}

bool Triggers(const Batch& batch) {
  return std::any_of(batch.items.begin(), batch.items.end(),
                     [](const Batch::Item& item) { return item.alert->status == AlertStatus::kFiring; });
}

class IncidentQueueTest : public ::testing::Test {
 protected:
  void Fire(const std::string& member) { Apply(View("availability", member, AlertStatus::kFiring)); }
  void Resolve(const std::string& member, const std::string& reason = "recovered") {
    Apply(View("availability", member, AlertStatus::kResolved, reason));
  }
  void Apply(const AlertViewPtr& view) { queue_.Apply(view, now_); }
  void Advance(absl::Duration duration) { now_ += duration; }

  // Takes what is due: "trigger fast/page firing, slow/ticket resolved", or "" for nothing.
  std::string Take() {
    batch_ = queue_.Take(now_);
    if (!batch_) return "";
    std::string text;
    for (const Batch::Item& item : batch_->items) {
      text += text.empty() ? "" : ", ";
      text += std::string(item.alert->labels.Get("pair")) + " " + std::string(AlertStatusName(item.alert->status));
    }
    return (Triggers(*batch_) ? "trigger " : "resolve ") + text;
  }
  void Succeed() { queue_.Finish(*batch_, {.verdict = Verdict::kDelivered}, now_); }
  void Fail() { queue_.Finish(*batch_, {.verdict = Verdict::kRetry, .random = 0.999999}, now_); }
  // Takes and delivers until nothing is due.
  std::vector<std::string> TellAll() {
    std::vector<std::string> told;
    for (std::string text = Take(); !text.empty(); text = Take()) {
      told.push_back(text);
      Succeed();
    }
    return told;
  }

  WebhookQueue queue_{kTestTiming, IncidentGrouping()};
  absl::Time now_ = absl::FromUnixSeconds(1000000);
  std::optional<Batch> batch_;
};

TEST_F(IncidentQueueTest, EachAlertThatFiresTriggersAndTheLastThatEndsResolves) {
  Fire("slow/ticket");
  EXPECT_THAT(TellAll(), ElementsAre("trigger slow firing"));
  Fire("fast/page");
  EXPECT_THAT(TellAll(), ElementsAre("trigger fast firing, slow firing"));
  Resolve("fast/page");
  EXPECT_THAT(TellAll(), ElementsAre());
  EXPECT_EQ(queue_.queued(), 0);
  Resolve("slow/ticket");
  EXPECT_THAT(TellAll(), ElementsAre("resolve slow resolved"));
  EXPECT_EQ(queue_.NextDue(), absl::InfiniteFuture());
}

TEST_F(IncidentQueueTest, OtherSlosAreOtherIncidents) {
  Apply(View("availability", "fast/page", AlertStatus::kFiring));
  Apply(View("latency", "fast/page", AlertStatus::kFiring));
  EXPECT_THAT(TellAll(), ElementsAre("trigger fast firing", "trigger fast firing"));
  Apply(View("latency", "fast/page", AlertStatus::kResolved));
  EXPECT_THAT(TellAll(), ElementsAre("resolve fast resolved"));
}

TEST_F(IncidentQueueTest, ATicketThatBecomesAPageTriggersOnceMoreWithoutAnEnd) {
  Fire("fast/ticket");
  EXPECT_THAT(TellAll(), ElementsAre("trigger fast firing"));
  Resolve("fast/ticket", "escalated");
  EXPECT_EQ(Take(), "");
  Fire("fast/page");
  EXPECT_THAT(TellAll(), ElementsAre("trigger fast firing, fast resolved"));
}

TEST_F(IncidentQueueTest, ATicketWhosePageIsToldElsewhereEndsAfterASecond) {
  Fire("fast/ticket");
  TellAll();
  Resolve("fast/ticket", "escalated");
  EXPECT_EQ(queue_.NextDue(), now_ + absl::Seconds(1));
  Advance(absl::Seconds(1) - absl::Nanoseconds(1));
  EXPECT_EQ(Take(), "");
  Advance(absl::Nanoseconds(1));
  EXPECT_THAT(TellAll(), ElementsAre("resolve fast resolved"));
}

TEST_F(IncidentQueueTest, AnEndIsNotLostWhileTheOtherAlertIsUntold) {
  Fire("fast/page");
  Fire("slow/ticket");
  EXPECT_EQ(Take(), "trigger fast firing, slow firing");
  Resolve("fast/page");
  Fail();
  Resolve("slow/ticket");
  Advance(absl::Minutes(1));
  EXPECT_THAT(TellAll(), ElementsAre("resolve fast resolved, slow resolved"));
}

TEST_F(IncidentQueueTest, AnAlertThatEndsDuringTheTryThatTellsAnotherNeedsNoPost) {
  Fire("fast/page");
  Fire("slow/ticket");
  Take();
  Resolve("fast/page");
  Succeed();
  EXPECT_THAT(TellAll(), ElementsAre());
  EXPECT_EQ(queue_.queued(), 0);
}

TEST_F(IncidentQueueTest, WhatFiresIsTriggeredAgainEveryRepeatInterval) {
  Fire("fast/page");
  TellAll();
  Advance(absl::Hours(4) - absl::Nanoseconds(1));
  EXPECT_EQ(Take(), "");
  Advance(absl::Nanoseconds(1));
  EXPECT_THAT(TellAll(), ElementsAre("trigger fast firing"));
}

TEST_F(IncidentQueueTest, KnowsWhatItKeeps) {
  const AlertViewPtr page = View("availability", "fast/page", AlertStatus::kFiring);
  EXPECT_FALSE(queue_.Knows(page->labels));
  Apply(page);
  EXPECT_TRUE(queue_.Knows(page->labels));
  EXPECT_FALSE(queue_.Knows(View("availability", "fast/ticket", AlertStatus::kFiring)->labels));
}

// Two SLOs of two alerts each, as they really go, and what PagerDuty knows of both incidents. The process may be killed
// at any time, also between an event that PagerDuty took and its answer.
class IncidentCampaign {
 public:
  void Step(int choice) {
    switch (choice / kAlerts) {
      case 0:
      case 1:
        return Change(choice % kAlerts);
      case 2:
        return Take();
      case 3:
        return Finish(Verdict::kDelivered);
      case 4:
        return Finish(Verdict::kRetry);
      case 5:
        if (batch_ && choice % 2 == 0) Hear(*batch_);
        return Restart();
      default:
        now_ += absl::Seconds(7);
    }
  }

  void Settle() {
    Finish(Verdict::kRetry);
    for (int tries = 0; tries < 100 && queue_->queued() > 0; ++tries) {
      now_ += absl::Minutes(1);
      Take();
      Finish(Verdict::kDelivered);
    }
    RC_ASSERT(queue_->queued() == 0);
    for (int slo = 0; slo < kSlos; ++slo) RC_ASSERT(open_.count(Slo(slo)) == (Fires(slo) ? 1u : 0u));
  }

  static constexpr int kSlos = 2;
  static constexpr int kAlerts = 2 * kSlos;
  static constexpr int kChoices = 7 * kAlerts;

 private:
  static std::string Slo(int slo) { return "slo" + std::to_string(slo); }
  bool Fires(int slo) const { return firing_[2 * slo] || firing_[2 * slo + 1]; }

  void Change(int alert) {
    firing_[alert] = !firing_[alert];
    if (firing_[alert]) ++episode_;
    episodes_[alert] = firing_[alert] ? episode_ : episodes_[alert];
    queue_->Apply(View(Slo(alert / 2), alert % 2 == 0 ? "fast/page" : "slow/ticket",
                       firing_[alert] ? AlertStatus::kFiring : AlertStatus::kResolved, "recovered", episodes_[alert]),
                  now_);
  }

  // What is on disk is what the worker saves: the queue with all its news.
  void Restart() {
    batch_.reset();
    for (const Document& document : queue_->TakeChanges({now_, now_})) disk_[document.key] = document.body;
    std::vector<Document> documents;
    for (const auto& [key, body] : disk_) {
      if (!body.empty()) documents.push_back({key, body});
    }
    queue_.emplace(kTestTiming, IncidentGrouping());
    RC_ASSERT(queue_->Restore(documents, {now_, now_}).ok());
  }

  void Take() {
    if (batch_) return;
    batch_ = queue_->Take(now_);
    if (!batch_ || Triggers(*batch_)) return;
    // An end is told only of an incident in which nothing goes on that PagerDuty has heard of.
    const std::string slo(batch_->items[0].alert->labels.Get("slo"));
    for (const auto& [labels, known] : known_firing_) RC_ASSERT(labels.Get("slo") != slo || !StillFires(labels, known));
  }

  // Whether the episode that PagerDuty was told of goes on.
  bool StillFires(const Labels& labels, absl::Time firing_since) const {
    for (int alert = 0; alert < kAlerts; ++alert) {
      const bool same = labels.Get("slo") == Slo(alert / 2) && labels.Get("pair") == (alert % 2 == 0 ? "fast" : "slow");
      if (same) return firing_[alert] && firing_since == absl::FromUnixSeconds(100 * episodes_[alert]);
    }
    return false;
  }

  void Finish(Verdict verdict) {
    if (!batch_) return;
    if (verdict == Verdict::kDelivered) Hear(*batch_);
    queue_->Finish(*batch_, {.verdict = verdict}, now_);
    batch_.reset();
  }

  void Hear(const Batch& batch) {
    const std::string slo(batch.items[0].alert->labels.Get("slo"));
    if (Triggers(batch)) {
      open_.insert(slo);
    } else {
      open_.erase(slo);
    }
    for (const Batch::Item& item : batch.items) {
      known_firing_.erase(item.alert->labels);
      if (item.alert->status == AlertStatus::kFiring) known_firing_[item.alert->labels] = *item.alert->firing_since;
    }
  }

  std::optional<WebhookQueue> queue_{std::in_place, kTestTiming, IncidentGrouping()};
  absl::Time now_ = absl::FromUnixSeconds(1000000);
  bool firing_[kAlerts] = {};
  int episodes_[kAlerts] = {};
  int episode_ = 0;
  std::optional<Batch> batch_;
  std::set<std::string> open_;
  std::map<Labels, absl::Time> known_firing_;
  std::map<std::string, std::string> disk_;
};

TEST(IncidentQueueModelTest, AnIncidentIsOpenWhileAnythingInItFires) {
  ASSERT_TRUE(rc::check([] {
    IncidentCampaign campaign;
    for (const int choice : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, IncidentCampaign::kChoices))) {
      campaign.Step(choice);
    }
    campaign.Settle();
  }));
}

}  // namespace
}  // namespace firebreak
