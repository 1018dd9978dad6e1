#include "api/http/live_feed.h"

#include <gtest/gtest.h>

#include <utility>

namespace firebreak {
namespace {

class LiveFeedTest : public testing::Test {
 protected:
  std::unique_ptr<LiveFeed::Reader> Join() {
    return feed_->Join([this] { ++notified_; });
  }
  // The text taken; "" for none.
  static std::string Take(LiveFeed::Reader& reader) {
    const LiveFeed::Message message = reader.Take();
    return message ? *message : "";
  }

  std::shared_ptr<LiveFeed> feed_ = std::make_shared<LiveFeed>(2);
  int notified_ = 0;
};

TEST_F(LiveFeedTest, EveryReaderGetsWhatIsPublishedAfterItCame) {
  feed_->Publish("before");
  const auto first = Join();
  EXPECT_EQ(Take(*first), "");
  feed_->Publish("one");
  const auto second = Join();
  EXPECT_EQ(Take(*first), "one");
  EXPECT_EQ(Take(*first), "");
  EXPECT_EQ(Take(*second), "");
  feed_->Publish("two");
  EXPECT_EQ(Take(*first), "two");
  EXPECT_EQ(Take(*second), "two");
  EXPECT_EQ(notified_, 3);
}

TEST_F(LiveFeedTest, SlowReaderSkipsToTheNewest) {
  const auto reader = Join();
  for (const char* text : {"one", "two", "three"}) feed_->Publish(text);
  EXPECT_EQ(Take(*reader), "three");
  EXPECT_EQ(Take(*reader), "");
}

TEST_F(LiveFeedTest, AMessageLivesAsLongAsSomebodyHoldsIt) {
  const auto reader = Join();
  feed_->Publish("one");
  const LiveFeed::Message message = reader->Take();
  feed_->Publish("two");
  EXPECT_EQ(*message, "one");
}

TEST_F(LiveFeedTest, PlacesAreLimitedAndGivenBack) {
  auto first = Join();
  const auto second = Join();
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(feed_->readers(), 2);
  EXPECT_EQ(Join(), nullptr);
  first.reset();
  EXPECT_EQ(feed_->readers(), 1);
  EXPECT_NE(Join(), nullptr);
}

TEST_F(LiveFeedTest, WhoIsGoneIsNotNotified) {
  Join().reset();
  feed_->Publish("one");
  EXPECT_EQ(notified_, 0);
}

}  // namespace
}  // namespace firebreak
