#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "api/notify/dispatcher.h"
#include "api/notify/fake_ledger.h"
#include "api/notify/fake_receiver.h"
#include "api/notify/http_client.h"
#include "api/notify/url.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "storage/mutex.h"

namespace firebreak {
namespace {

using Json = nlohmann::json;

constexpr int kAlerts = 20;
constexpr int kMinFaults = 15;

// FIREBREAK_CHAOS_TRANSITIONS sets another number.
int Transitions() {
  const char* text = std::getenv("FIREBREAK_CHAOS_TRANSITIONS");
  return text != nullptr ? std::atoi(text) : 500;
}

absl::Time ReadTime(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

// A receiver that believes what it answers 2xx, and in 30 of 100 cases fails, is busy, or answers too late; while it is
// down it only fails.
class ChaosReceiver {
 public:
  // Firing alerts that end before `now` do not fire any more.
  ChaosReceiver(int seed, absl::Time now) : now_(now), random_(seed) {
    receiver_.AnswerWith([this](const ReceivedRequest& request) {
      if (request.body == kBarrier) return FakeAnswer{};
      ++answering_;
      const FakeAnswer answer = Answer(request);
      --answering_;
      return answer;
    });
  }

  std::string Url() const { return receiver_.Url(); }
  void SetDown(bool down) { down_ = down; }
  int faults() const {
    MutexLock lock(mutex_);
    return faults_;
  }
  // States that came after a newer one, but for those that were told before: nobody knew that they had been.
  int out_of_order() const {
    MutexLock lock(mutex_);
    return out_of_order_;
  }
  // Episodes that were seen firing and never resolved, though newer ones were heard of.
  int lost_resolves() const {
    MutexLock lock(mutex_);
    return lost_resolves_;
  }
  bool BelievesFiring(int alert) const {
    MutexLock lock(mutex_);
    const auto found = beliefs_.find(std::to_string(alert));
    return found != beliefs_.end() && found->second.last.firing;
  }

  // Waits until what a dead process has sent was heard: a successor cannot overtake it.
  void AwaitIdle() {
    HttpClient client{HttpLimits{}};
    const HttpAnswer answer = client.Post({.url = *ParseUrl(Url()), .headers = {}, .body = kBarrier});
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(Eventually([&] { return answering_ == 0; }));
  }

 private:
  static constexpr const char* kBarrier = "barrier";

  struct State {
    absl::Time start;
    bool firing = false;

    friend bool operator<(const State& a, const State& b) {
      return std::pair(a.start, !a.firing) < std::pair(b.start, !b.firing);
    }
  };
  struct Belief {
    State last, newest;
    std::set<State> heard;
  };

  FakeAnswer Answer(const ReceivedRequest& request) {
    const int choice = Choose();
    if (down_ || choice < 10) return {.status = 500};
    if (choice < 15) return {.status = 429, .headers = {{"Retry-After", "0"}}};
    if (choice < 20) return {.status = 503};
    if (choice < 25) return {.status = 408};
    Believe(Json::parse(request.body));
    if (choice < 30) std::this_thread::sleep_for(std::chrono::milliseconds(400));
    return {.status = 200};
  }

  int Choose() {
    MutexLock lock(mutex_);
    const int choice = std::uniform_int_distribution<int>(0, 99)(random_);
    if (choice < 30) ++faults_;
    return choice;
  }

  void Believe(const Json& body) {
    MutexLock lock(mutex_);
    for (const Json& alert : body.is_array() ? body : body["alerts"]) {
      const std::string ends_at = alert["endsAt"];
      const bool firing = ends_at.starts_with("0001") || ReadTime(ends_at) > now_;
      Hear({ReadTime(alert["startsAt"]), firing}, beliefs_[alert["labels"]["endpoint"]]);
    }
  }

  void Hear(const State& state, Belief& belief) FIREBREAK_REQUIRES(mutex_) {
    const bool is_new = belief.heard.insert(state).second;
    if (is_new && state < belief.newest) ++out_of_order_;
    if (belief.newest.firing && state.start > belief.newest.start) ++lost_resolves_;
    belief.newest = std::max(belief.newest, state);
    belief.last = state;
  }

  const absl::Time now_;
  std::atomic<bool> down_ = false;
  std::atomic<int> answering_ = 0;
  mutable Mutex mutex_;
  std::mt19937 random_ FIREBREAK_GUARDED_BY(mutex_);
  int faults_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  int out_of_order_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  int lost_resolves_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Belief> beliefs_ FIREBREAK_GUARDED_BY(mutex_);
  FakeReceiver receiver_;  // last: its threads end before what they use
};

// Alerts that fire and resolve in turn, as they really are.
class Alerts {
 public:
  explicit Alerts(absl::Time start) : start_(start) {}

  // The next step of the alert, at the `step`th millisecond.
  AlertViewPtr Turn(int alert, int step) {
    State& state = states_[alert];
    state.firing = !state.firing;
    const absl::Time now = start_ + absl::Milliseconds(step);
    if (state.firing) state.since = now;
    AlertView view;
    view.labels = {{"alertname", "A"}, {"tier", alert % 3 == 0 ? "a" : "b"}, {"endpoint", std::to_string(alert)}};
    view.status = state.firing ? AlertStatus::kFiring : AlertStatus::kResolved;
    view.firing_since = state.since;
    if (!state.firing) view.resolved_at = now;
    return std::make_shared<const AlertView>(view);
  }

  bool AreKnownTo(const ChaosReceiver& receiver) const {
    return std::all_of(states_.begin(), states_.end(),
                       [&](const auto& entry) { return receiver.BelievesFiring(entry.first) == entry.second.firing; });
  }

 private:
  struct State {
    bool firing = false;
    absl::Time since;
  };
  const absl::Time start_;
  std::map<int, State> states_;
};

class ChaosTest : public ::testing::Test {
 protected:
  ChaosTest() {
    options_.destinations = {{Destination::Kind::kAlertmanager, "am", alertmanager_.Url(), ""},
                             {Destination::Kind::kWebhook, "hook", webhook_.Url(), "secret"}};
    options_.first_backoff = absl::Milliseconds(1);
    options_.try_deadline = absl::Milliseconds(300);
    Start();
  }

  void Start() {
    absl::StatusOr<std::unique_ptr<Dispatcher>> dispatcher =
        Dispatcher::Restore(options_, clock_, ledger_, ledger_.State());
    ASSERT_TRUE(dispatcher.ok()) << dispatcher.status();
    dispatcher_ = *std::move(dispatcher);
  }

  // One alert turns, which the destinations hear of if there is a process.
  void Turn(int step) {
    const AlertViewPtr view = alerts_.Turn(Random(0, kAlerts - 1), step);
    const int64_t news = ledger_.Write(*view);
    if (dispatcher_ != nullptr) dispatcher_->Deliver(view, news, NewsDurability::kDurable);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // spread over the tries: nothing waits for it
  }

  // The process is killed or stops, alerts turn meanwhile, and the next one begins. Returns how often they turned.
  int Restart(int step) {
    if (Random(0, 2) > 0) ledger_.Crash();
    dispatcher_.reset();
    ledger_.Reopen();
    for (ChaosReceiver* receiver : {&alertmanager_, &webhook_}) receiver->AwaitIdle();
    const int turns = Random(0, 5);
    for (int i = 0; i < turns; ++i) Turn(step + i);
    for (ChaosReceiver* receiver : {&alertmanager_, &webhook_}) receiver->SetDown(Random(0, 3) == 0);
    Start();
    return turns;
  }

  // A campaign without faults shows nothing: it goes on until there were some.
  bool TooCalm() const { return std::min(alertmanager_.faults(), webhook_.faults()) < kMinFaults; }

  void ExpectTruthEverywhere() {
    for (ChaosReceiver* receiver : {&alertmanager_, &webhook_}) {
      receiver->SetDown(false);
      EXPECT_TRUE(Eventually([&] { return alerts_.AreKnownTo(*receiver); }));
      EXPECT_EQ(receiver->out_of_order(), 0);
      EXPECT_EQ(receiver->lost_resolves(), 0);
    }
    EXPECT_TRUE(Eventually([&] { return dispatcher_->Stats()[0].queued == 0 && dispatcher_->Stats()[1].queued == 0; }));
    EXPECT_TRUE(Eventually([&] { return ledger_.unread() == 0; }));
    // Which destination it is, its alerts, and its groups.
    for (const char* name : {"am", "hook"}) EXPECT_LE(ledger_.documents(name).size(), 1 + kAlerts + 2);
  }

  int Random(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }

  const absl::Time start_ = absl::FromUnixSeconds(1764000000);
  const SimulatedClock clock_{start_ + absl::Hours(4)};
  std::mt19937 random_{3};
  Alerts alerts_{start_};
  ChaosReceiver alertmanager_{1, clock_.Now()}, webhook_{2, clock_.Now()};
  DispatcherOptions options_;
  FakeLedger ledger_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

TEST_F(ChaosTest, EveryReceiverEndsWithTheTruth) {
  for (int step = 0; step < Transitions() || TooCalm(); ++step) Turn(step);
  ExpectTruthEverywhere();
}

TEST_F(ChaosTest, EveryReceiverEndsWithTheTruthAcrossRestarts) {
  int step = 0, restart_at = 0, restarts = 0;
  while (step < Transitions() || TooCalm()) {
    Turn(step++);
    if (step < restart_at) continue;
    step += Restart(step);
    restart_at = step + Random(1, 100);
    ++restarts;
  }
  EXPECT_GE(restarts, 3);
  ExpectTruthEverywhere();
}

}  // namespace
}  // namespace firebreak
