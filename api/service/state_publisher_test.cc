#include "api/service/state_publisher.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "api/service/state_json.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "rules/parse.h"

namespace firebreak {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

const absl::Time kStart = absl::FromUnixSeconds(1764000000);

// A publisher that looks every millisecond, over a snapshot that is moved by hand.
class StatePublisherTest : public ::testing::Test {
 protected:
  StatePublisherTest() { Evaluate(kStart); }

  void Evaluate(absl::Time at) {
    static const auto rules = *RuleSet::Create(
        *ParseConfig("slo_tiers:\n  web: {availability: 0.999, endpoints: [/pay/]}\n", "test.yaml").config);
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->at = at;
    snapshot->rules = rules;
    MutexLock lock(mutex_);
    snapshot_ = std::move(snapshot);
  }
  void Publish(absl::Duration silence) {
    StatePublisher::Options options;
    options.every = absl::Milliseconds(1);
    options.silence = silence;
    publisher_ = std::make_unique<StatePublisher>([this] { return Current(); }, options);
  }
  SnapshotPtr Current() {
    ++looks_;
    MutexLock lock(mutex_);
    return snapshot_;
  }
  // The next message's state, waiting for it ten seconds.
  json Next(LiveFeed::Reader& reader) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(10);
    while (steady_clock::now() < deadline) {
      if (const LiveFeed::Message message = reader.Take()) return StateIn(*message);
      std::this_thread::yield();
    }
    return {};
  }
  // The data of exactly one event.
  static json StateIn(const std::string& event) {
    const std::string begin = "event: state\ndata: ";
    EXPECT_EQ(event.substr(0, begin.size()), begin);
    EXPECT_EQ(event.find('\n', begin.size()), event.size() - 2) << "the data are one line, and an empty one ends them";
    return json::parse(event.substr(begin.size()));
  }

  Mutex mutex_;
  SnapshotPtr snapshot_ FIREBREAK_GUARDED_BY(mutex_);
  std::atomic<int> looks_ = 0;
  std::unique_ptr<StatePublisher> publisher_;
};

TEST_F(StatePublisherTest, AStreamBeginsWithThePresentState) {
  Publish(absl::Hours(1));
  const HttpResponse answer = publisher_->Answer();
  EXPECT_EQ(answer.content_type, "text/event-stream");
  ASSERT_NE(answer.feed, nullptr);
  const json state = StateIn(answer.body);
  EXPECT_EQ(state, json::parse(StateJson(*Current())));
  EXPECT_EQ(state["slos"], json::parse(SlosJson(*Current())));
  EXPECT_EQ(state["alerts"], json::parse(AlertsJson(*Current(), "", "")));
}

TEST_F(StatePublisherTest, EachEvaluationIsPublishedOnce) {
  Publish(absl::Hours(1));
  const auto reader = publisher_->Answer().feed->Join([] {});
  EXPECT_EQ(Next(*reader)["slos"]["time"], "2025-11-24T16:00:00Z");
  Evaluate(kStart + absl::Seconds(5));
  EXPECT_EQ(Next(*reader)["slos"]["time"], "2025-11-24T16:00:05Z");
  const int looks = looks_;
  while (looks_ < looks + 3) std::this_thread::yield();
  EXPECT_EQ(reader->Take(), nullptr) << "nothing is new";
}

TEST_F(StatePublisherTest, SilenceIsBrokenByThePresentState) {
  Publish(absl::Milliseconds(5));
  const auto reader = publisher_->Answer().feed->Join([] {});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Next(*reader)["slos"]["time"], "2025-11-24T16:00:00Z");
}

TEST_F(StatePublisherTest, NothingIsRenderedWhileNobodyReads) {
  Publish(absl::ZeroDuration());
  const std::shared_ptr<LiveFeed> feed = publisher_->Answer().feed;
  const int looks = looks_;
  const auto rounds = steady_clock::now() + std::chrono::milliseconds(20);
  while (steady_clock::now() < rounds) std::this_thread::yield();
  EXPECT_EQ(looks_, looks);
}

TEST_F(StatePublisherTest, StopsAtOnce) {
  StatePublisher::Options options;
  options.every = absl::Hours(1);
  StatePublisher publisher([this] { return Current(); }, options);
  publisher.Stop();
  publisher.Stop();
}

}  // namespace
}  // namespace firebreak
