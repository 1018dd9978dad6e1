#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <thread>

#include "api/notify/dispatcher.h"
#include "api/notify/fake_receiver.h"
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

// A receiver that believes what it answers 2xx, and in 30 of 100 cases fails, is busy, or answers too late.
class ChaosReceiver {
 public:
  // Firing alerts that end before `now` do not fire any more.
  ChaosReceiver(int seed, absl::Time now) : now_(now), random_(seed) {
    receiver_.AnswerWith([this](const ReceivedRequest& request) {
      const int choice = Choose();
      if (choice < 10) return FakeAnswer{.status = 500};
      if (choice < 15) return FakeAnswer{.status = 429, .headers = {{"Retry-After", "0"}}};
      if (choice < 20) return FakeAnswer{.status = 503};
      if (choice < 25) return FakeAnswer{.status = 408};
      Believe(Json::parse(request.body));
      if (choice < 30) std::this_thread::sleep_for(std::chrono::milliseconds(400));
      return FakeAnswer{.status = 200};
    });
  }

  std::string Url() const { return receiver_.Url(); }
  int faults() const {
    MutexLock lock(mutex_);
    return faults_;
  }
  int out_of_order() const {
    MutexLock lock(mutex_);
    return out_of_order_;
  }
  bool BelievesFiring(int alert) const {
    MutexLock lock(mutex_);
    const auto found = beliefs_.find(std::to_string(alert));
    return found != beliefs_.end() && found->second.firing;
  }

 private:
  struct Belief {
    bool firing = false;
    absl::Time start;
  };

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
      const Belief now = {ends_at.starts_with("0001") || ReadTime(ends_at) > now_, ReadTime(alert["startsAt"])};
      Belief& before = beliefs_[alert["labels"]["endpoint"]];
      if (now.start < before.start || (now.start == before.start && now.firing && !before.firing)) ++out_of_order_;
      before = now;
    }
  }

  const absl::Time now_;
  mutable Mutex mutex_;
  std::mt19937 random_ FIREBREAK_GUARDED_BY(mutex_);
  int faults_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  int out_of_order_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Belief> beliefs_ FIREBREAK_GUARDED_BY(mutex_);
  FakeReceiver receiver_;  // last: its threads end before what they use
};

// Alerts that fire and resolve in turn, as they really are.
class Alerts {
 public:
  explicit Alerts(absl::Time start) : start_(start) {}

  // The next step of the alert, at the `step`th millisecond.
  Transition Turn(int alert, int step) {
    State& state = states_[alert];
    state.firing = !state.firing;
    const absl::Time now = start_ + absl::Milliseconds(step);
    if (state.firing) state.since = now;
    AlertView view;
    view.labels = {{"alertname", "A"}, {"tier", alert % 3 == 0 ? "a" : "b"}, {"endpoint", std::to_string(alert)}};
    view.status = state.firing ? AlertStatus::kFiring : AlertStatus::kResolved;
    view.firing_since = state.since;
    if (!state.firing) view.resolved_at = now;
    Transition transition;
    transition.from = state.firing ? AlertStatus::kPending : AlertStatus::kFiring;
    transition.to = view.status;
    transition.alert = std::make_shared<const AlertView>(view);
    return transition;
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

TEST(ChaosTest, EveryReceiverEndsWithTheTruth) {
  const absl::Time start = absl::FromUnixSeconds(1764000000);
  const SimulatedClock clock(start + absl::Hours(4));
  ChaosReceiver alertmanager(1, clock.Now()), webhook(2, clock.Now());
  DispatcherOptions options;
  options.destinations = {{Destination::Kind::kAlertmanager, "am", alertmanager.Url(), ""},
                          {Destination::Kind::kWebhook, "hook", webhook.Url(), "secret"}};
  options.first_backoff = absl::Milliseconds(1);
  options.try_deadline = absl::Milliseconds(300);
  const auto dispatcher = Dispatcher::Start(options, clock);

  std::mt19937 random(3);
  Alerts alerts(start);
  // A campaign without faults shows nothing: it goes on until there were some.
  const auto too_calm = [&] { return std::min(alertmanager.faults(), webhook.faults()) < kMinFaults; };
  for (int step = 0; step < Transitions() || too_calm(); ++step) {
    dispatcher->OnTransition(alerts.Turn(std::uniform_int_distribution<int>(0, kAlerts - 1)(random), step));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // spread over the tries: nothing waits for it
  }
  for (const ChaosReceiver* receiver : {&alertmanager, &webhook}) {
    EXPECT_TRUE(Eventually([&] { return alerts.AreKnownTo(*receiver); }));
    EXPECT_EQ(receiver->out_of_order(), 0);
  }
  EXPECT_TRUE(Eventually([&] { return dispatcher->Stats()[0].queued == 0 && dispatcher->Stats()[1].queued == 0; }));
}

}  // namespace
}  // namespace firebreak
