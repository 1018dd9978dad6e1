#include "storage/ledger/pending_events.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/testing.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'764'000'000);

class PendingEventsTest : public ::testing::Test {
 protected:
  PendingEventsTest() {
    LedgerOptions options;
    options.shape = LadderShape::For(absl::Seconds(5), absl::Hours(720), absl::Seconds(330));
    ledger_ = *Ledger::Open(FreshFolder() + "/ledger.db", options);
  }
  LedgerState Written() {
    EXPECT_TRUE(ledger_->Begin().ok());
    EXPECT_TRUE(events_.WriteTo(*ledger_).ok());
    EXPECT_TRUE(ledger_->Commit().ok());
    return *ledger_->LoadState();
  }

  std::unique_ptr<Ledger> ledger_;
  PendingEvents events_;
};

TEST_F(PendingEventsTest, LaterTextsReplaceEarlierOnesAndNewsIsAppended) {
  events_.Add(TickRecord{kNow, {{"a", "pending"}, {"b", "firing"}}, {{1, "one"}}});
  events_.Add(TickRecord{kNow + absl::Seconds(5), {{"a", "firing"}, {"b", ""}}, {{2, "two"}}});
  events_.Add(DocumentRecord{"gauges", {{"x", "1"}}});
  events_.Add(DocumentRecord{"gauges", {{"x", "2"}}});
  EXPECT_EQ(events_.records(), 4);
  const LedgerState state = Written();
  EXPECT_EQ(state.head, kNow + absl::Seconds(5));
  EXPECT_THAT(state.states, ElementsAre(Document{"a", "firing"}));
  EXPECT_THAT(state.news, ElementsAre(News{1, "one"}, News{2, "two"}));
  EXPECT_THAT(*ledger_->LoadDocuments("gauges"), ElementsAre(Document{"x", "2"}));
}

TEST_F(PendingEventsTest, ARemovalReachesTheLedgerThoughItWasAddedBefore) {
  ASSERT_TRUE(Write(*ledger_, TickRecord{kNow, {{"a", "firing"}}, {}}).ok());
  events_.Add(TickRecord{kNow, {{"a", "resolved"}}, {}});
  events_.Add(TickRecord{kNow, {{"a", ""}}, {}});
  EXPECT_THAT(Written().states, IsEmpty());
}

TEST_F(PendingEventsTest, WhatCameLaterIsTakenOver) {
  events_.Add(TickRecord{kNow, {{"a", "1"}, {"b", "1"}}, {{1, "one"}}});
  events_.Add(OutboxRecord{"d", 1, {{"x", "1"}, {"y", "1"}}});
  PendingEvents later;
  later.Add(TickRecord{kNow + absl::Seconds(5), {{"b", "2"}}, {{2, "two"}}});
  later.Add(OutboxRecord{"d", 2, {{"y", ""}}});
  events_.Append(std::move(later));
  EXPECT_EQ(events_.records(), 4);
  EXPECT_EQ(events_.head(), kNow + absl::Seconds(5));
  const LedgerState state = Written();
  EXPECT_THAT(state.states, ElementsAre(Document{"a", "1"}, Document{"b", "2"}));
  EXPECT_THAT(state.outboxes[0].entries, ElementsAre(Document{"x", "1"}));
  EXPECT_EQ(state.outboxes[0].news_read, 2);
}

TEST_F(PendingEventsTest, NewsThatAllHaveReadIsNotWrittenButItsNumberIsKnown) {
  events_.Add(DestinationsRecord{{"one", "two"}});
  events_.Add(TickRecord{kNow, {}, {{1, "one"}, {2, "two"}}});
  events_.Add(OutboxRecord{"one", 2, {}});
  events_.Add(OutboxRecord{"two", 2, {}});
  const LedgerState state = Written();
  EXPECT_THAT(state.news, IsEmpty());
  EXPECT_EQ(state.last_news, 2);
}

TEST_F(PendingEventsTest, NewsIsKeptForADestinationThatSpeaksBeforeItIsNamed) {
  events_.Add(DestinationsRecord{{"one"}});
  events_.Add(OutboxRecord{"two", 1, {}});
  events_.Add(TickRecord{kNow, {}, {{2, "two"}}});
  events_.Add(OutboxRecord{"one", 2, {}});
  EXPECT_THAT(Written().news, ElementsAre(News{2, "two"}));
}

TEST_F(PendingEventsTest, DestinationsAreRememberedOnceTheyWereTaken) {
  events_.Add(DestinationsRecord{{"one"}});
  EXPECT_FALSE(events_.Take().empty());
  EXPECT_TRUE(events_.empty());
  events_.Add(TickRecord{kNow, {}, {{1, "one"}, {2, "two"}}});
  events_.Add(OutboxRecord{"one", 1, {}});
  EXPECT_THAT(Written().news, ElementsAre(News{2, "two"}));
}

TEST_F(PendingEventsTest, WithoutDestinationsOnlyTheNewestNewsIsKept) {
  events_.Add(DestinationsRecord{});
  for (int i = 1; i <= 3; ++i) events_.Add(TickRecord{kNow, {}, {{i, "news"}}});
  const LedgerState state = Written();
  EXPECT_THAT(state.news, IsEmpty());
  EXPECT_EQ(state.last_news, 3);
}

TEST_F(PendingEventsTest, OutboxesOfDestinationsThatAreGoneAreDropped) {
  events_.Add(OutboxRecord{"gone", 1, {{"a", "x"}}});
  events_.Add(DestinationsRecord{{"one"}});
  const LedgerState state = Written();
  ASSERT_EQ(state.outboxes.size(), 1);
  EXPECT_EQ(state.outboxes[0].destination, "one");
}

TEST_F(PendingEventsTest, NewsThatCameWithANewDestinationIsToldToIt) {
  events_.Add(TickRecord{kNow, {}, {{1, "one"}}});
  events_.Add(DestinationsRecord{{"new"}});
  const LedgerState state = Written();
  EXPECT_THAT(state.news, ElementsAre(News{1, "one"}));
  EXPECT_EQ(state.outboxes[0].news_read, 0);
}

}  // namespace
}  // namespace firebreak
