#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/notify/alertmanager_queue.h"
#include "api/notify/queue_driver.h"
#include "api/notify/webhook_queue.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace firebreak {
namespace {

constexpr int kAlerts = 4;

// One alert as it really went: episode n lasts from firing_since = 100 n on.
struct Truth {
  AlertStatus status = AlertStatus::kInactive;
  int episode = 0;
};

// What the destination was told about one alert.
struct Told {
  int episode = 0;  // the newest state
  AlertStatus status = AlertStatus::kInactive;
  AlertStatus believed = AlertStatus::kInactive;  // the last that was told
  std::map<int, int> firing, resolved;            // how often, by episode
};

// Random alert histories against a destination that fails at random; events come between and during tries, and the
// process may be killed at any time. What is on disk then is the queue as it was last saved, and the news since.
enum class Restarts { kNone, kSome };

template <typename Queue, Restarts restarts>
class Campaign {
 public:
  void Step(int choice) {
    const int alert = choice % kAlerts;
    switch (choice / kAlerts) {
      case 0:
      case 1:
        return Change(alert);
      case 2:
        Save();
        return Take();
      case 3:
        Hear();
        return Finish({.verdict = Verdict::kDelivered});
      case 4:
        return Finish({.verdict = Verdict::kRetry});
      case 5:
        Hear();
        return Finish({.verdict = Verdict::kRetry, .maybe_taken = true});
      case 6:
        now_ += absl::Seconds(5);
        return;
      case 7:
        now_ += absl::Minutes(7);
        return;
      case 8:
        return Restart();
      case 9:
        Hear();
        return Restart();
      case 10:
        return Save();
      case 11:
        return Take();
    }
  }

  // The outage ends: everything is delivered, and then nothing waits.
  void Settle() {
    Finish({.verdict = Verdict::kRetry});
    for (int tries = 0; tries < 200 && queue_.queued() > 0; ++tries) {
      now_ += absl::Minutes(1);
      Take();
      Hear();
      Finish({.verdict = Verdict::kDelivered});
    }
    RC_ASSERT(queue_.queued() == 0);
    for (int alert = 0; alert < kAlerts; ++alert) CheckFinal(alert);
  }

 private:
  // The alert's next state, in the order its state machine allows.
  void Change(int alert) {
    Truth& truth = truth_[alert];
    switch (truth.status) {
      case AlertStatus::kInactive:
      case AlertStatus::kResolved:
        truth.status = AlertStatus::kPending;
        break;
      case AlertStatus::kPending:
        truth.status = AlertStatus::kFiring;
        ++truth.episode;
        break;
      case AlertStatus::kFiring:
        truth.status = AlertStatus::kResolved;
        break;
    }
    news_.push_back(View(alert));
    queue_.Apply(news_.back(), now_);
  }

  // Monotonic time begins anew with each process.
  SteadyAndWall Now() const { return {now_, now_ + wall_ahead_}; }

  void Save() {
    if constexpr (restarts == Restarts::kNone) return;
    for (const Document& document : queue_.TakeChanges(Now())) {
      if (document.body.empty()) {
        disk_.erase(document.key);
      } else {
        disk_[document.key] = document.body;
      }
    }
    news_.clear();
    RC_ASSERT(disk_.size() <= kAlerts + 2);  // one document an alert, and one a group
  }

  void Restart() {
    told_again_ = true;
    batch_.reset();
    now_ += absl::Hours(1);
    wall_ahead_ -= absl::Hours(1);
    queue_ = Queue(kTestTiming);
    std::vector<Document> documents;
    for (const auto& [key, body] : disk_) documents.push_back({key, body});
    RC_ASSERT(queue_.Restore(documents, Now()).ok());
    for (const AlertViewPtr& alert : news_) queue_.Reapply(alert, now_);
  }

  AlertViewPtr View(int alert) const {
    const Truth& truth = truth_[alert];
    AlertView view;
    view.labels = {{"alertname", "A"}, {"tier", alert % 2 == 0 ? "even" : "odd"}, {"endpoint", std::to_string(alert)}};
    view.status = truth.status;
    view.firing_since = absl::FromUnixSeconds(100 * truth.episode);
    if (truth.status == AlertStatus::kResolved) view.resolved_at = *view.firing_since + absl::Seconds(50);
    return std::make_shared<const AlertView>(view);
  }

  void Take() {
    if (!batch_) batch_ = queue_.Take(now_);
  }

  // The destination takes what is under way.
  void Hear() {
    if (!batch_) return;
    for (const Batch::Item& item : batch_->items) Hear(*item.alert);
  }

  void Finish(const TryOutcome& outcome) {
    if (!batch_) return;
    queue_.Finish(*batch_, outcome, now_);
    batch_.reset();
    told_again_ = told_again_ || outcome.maybe_taken;
  }

  // Order per alert: no state older than one that was told before, unless it is told again because nobody knew.
  void Hear(const AlertView& view) {
    Told& told = told_[std::stoi(std::string(view.labels.Get("endpoint")))];
    const int episode = static_cast<int>(absl::ToUnixSeconds(*view.firing_since) / 100);
    const bool resolved = view.status == AlertStatus::kResolved;
    int& times = (resolved ? told.resolved : told.firing)[episode];
    if (resolved) RC_ASSERT(view.resolved_at.has_value());
    if (times++ == 0 || !told_again_) {
      RC_ASSERT(episode >= told.episode);
      if (episode == told.episode) RC_ASSERT(resolved || told.status != AlertStatus::kResolved);
      // An episode that was seen firing is seen resolved before the next is heard of.
      if (episode > told.episode) RC_ASSERT(told.status != AlertStatus::kFiring);
      told.episode = episode;
      told.status = view.status;
    }
    told.believed = view.status;
  }

  void CheckFinal(int alert) {
    const Truth& truth = truth_[alert];
    const Told& told = told_[alert];
    const bool firing = truth.status == AlertStatus::kFiring;
    if (firing) RC_ASSERT(told.episode == truth.episode && told.status == AlertStatus::kFiring);
    RC_ASSERT((told.believed == AlertStatus::kFiring) == firing);
    const int ended = firing ? truth.episode - 1 : truth.episode;
    if (ended == 0) return;
    // The newest episode that ended is known, whether it was seen firing or not.
    RC_ASSERT(told.resolved.count(ended) == 1);
    const bool repeats = std::is_same_v<Queue, AlertmanagerQueue> || told_again_;
    for (const auto& [episode, times] : told.resolved) RC_ASSERT(repeats || times == 1);
  }

  Queue queue_{kTestTiming};
  absl::Time now_ = absl::FromUnixSeconds(1000000);
  Truth truth_[kAlerts];
  Told told_[kAlerts];
  std::optional<Batch> batch_;
  std::map<std::string, std::string> disk_;
  std::vector<AlertViewPtr> news_;  // not in what is on disk
  absl::Duration wall_ahead_ = absl::Hours(480000);
  bool told_again_ = false;  // what the destination had heard without our knowing
};

template <typename Queue, Restarts restarts>
bool CampaignsSucceed() {
  constexpr int kKindsOfSteps = restarts == Restarts::kSome ? 12 : 8;
  return rc::check([] {
    Campaign<Queue, restarts> campaign;
    const auto choices = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, kAlerts * kKindsOfSteps));
    for (const int choice : choices) campaign.Step(choice);
    campaign.Settle();
  });
}

TEST(QueueModelTest, AlertmanagerHearsTheLatestStateOfEveryAlertInOrder) {
  ASSERT_TRUE((CampaignsSucceed<AlertmanagerQueue, Restarts::kNone>()));
}

TEST(QueueModelTest, AWebhookHearsTheLatestStateOfEveryAlertInOrder) {
  ASSERT_TRUE((CampaignsSucceed<WebhookQueue, Restarts::kNone>()));
}

TEST(QueueModelTest, AlertmanagerDoesSoAcrossRestarts) {
  ASSERT_TRUE((CampaignsSucceed<AlertmanagerQueue, Restarts::kSome>()));
}

TEST(QueueModelTest, AWebhookDoesSoAcrossRestarts) { ASSERT_TRUE((CampaignsSucceed<WebhookQueue, Restarts::kSome>())); }

}  // namespace
}  // namespace firebreak
