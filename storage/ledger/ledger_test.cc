#include "storage/ledger/ledger.h"

#include <sys/stat.h>

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/testing.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kFinest = absl::Seconds(5);
// 5 s for 1 min, 30 s for 10 min, 5 min for 1 h; each a slack of 10 s more.
LadderShape SmallShape() {
  return {{{kFinest, absl::Minutes(1)}, {absl::Seconds(30), absl::Minutes(10)}, {absl::Minutes(5), absl::Hours(1)}},
          absl::Seconds(10)};
}
// A slot whose end is a multiple of 5 min, less than 2^31 s after the epoch.
constexpr int64_t kSlot = 352'800'000 - 1;

absl::Time EndOf(int64_t slot) { return SlotEnd(slot, kFinest); }

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() {
    options_.shape = SmallShape();
    options_.keep_tiers = absl::Hours(2);
    Open();
  }

  void Open() {
    ledger_.reset();
    auto ledger = Ledger::Open(path_, options_);
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    ledger_ = *std::move(ledger);
  }
  Contents ReadAll() {
    auto contents = Read(*ledger_);
    EXPECT_TRUE(contents.ok()) << contents.status();
    return contents.ok() ? *contents : Contents();
  }
  LedgerState State() {
    auto state = ledger_->LoadState();
    EXPECT_TRUE(state.ok()) << state.status();
    return state.ok() ? *state : LedgerState();
  }
  template <typename... Records>
  void Commit(const Records&... records) {
    const absl::Status status = Write(*ledger_, records...);
    ASSERT_TRUE(status.ok()) << status;
  }
  Ledger::BatchVerdict CommitForVerdict(const BatchRecord& batch) {
    EXPECT_TRUE(ledger_->Begin().ok());
    const auto verdict = ledger_->Add(batch);
    EXPECT_TRUE(verdict.ok()) << verdict.status();
    EXPECT_TRUE(ledger_->Commit().ok());
    return *verdict;
  }
  // All that is to be done when the head of time is at the end of `slot`.
  int CompactAt(int64_t slot) {
    int pieces = 0;
    for (absl::StatusOr<bool> more = true; *more; ++pieces) {
      more = ledger_->Compact(EndOf(slot));
      EXPECT_TRUE(more.ok()) << more.status();
      if (!more.ok()) break;
    }
    return pieces;
  }
  // "width end total" of each row, end in seconds after `slot`'s.
  std::vector<std::string> Rows(const std::string& endpoint, int64_t slot) {
    std::vector<std::string> rows;
    Contents contents = ReadAll();
    for (const CountRow& row : contents.rows[{kTestTier, endpoint, 0}]) {
      const absl::Duration width = absl::Seconds(row.width_seconds);
      rows.push_back(std::to_string(row.width_seconds) + " " +
                     std::to_string(absl::ToInt64Seconds(SlotEnd(row.slot, width) - EndOf(slot))) + " " +
                     std::to_string(row.counts.total));
    }
    return rows;
  }

  const std::string folder_ = FreshFolder();
  const std::string path_ = folder_ + "/ledger.db";
  LedgerOptions options_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerTest, ItsFilesAreForTheirOwnerAlone) {
  const mode_t before = umask(0);
  const std::string path = FreshFolder() + "/ledger.db";
  const auto ledger = Ledger::Open(path, options_);
  umask(before);
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat found;
    ASSERT_EQ(stat((path + suffix).c_str(), &found), 0) << suffix;
    EXPECT_EQ(found.st_mode & 07777, 0600) << suffix;
  }
}

TEST_F(LedgerTest, IsEmptyAtFirst) {
  EXPECT_TRUE(ReadAll().rows.empty());
  const LedgerState state = State();
  EXPECT_FALSE(state.head);
  EXPECT_EQ(state.last_news, 0);
  EXPECT_FALSE(ledger_->HistorySpan()->has_value());
}

TEST_F(LedgerTest, BatchesAreNumberedByWhatWasCounted) {
  EXPECT_EQ(State().batches, 0);
  const BatchRecord keyed = BatchOf({DeltaAt(kSlot, "/a", 3)}, KeyOf(1));
  Commit(keyed, BatchOf({}), BatchOf({DeltaAt(kSlot, "/b", 1)}));
  Commit(keyed);  // a duplicate
  Commit(TickRecord{EndOf(kSlot), {}, {}});
  EXPECT_EQ(State().batches, 3);
  ASSERT_TRUE(ledger_->Begin().ok());
  ASSERT_TRUE(ledger_->Add(BatchOf({DeltaAt(kSlot, "/c", 1)})).ok());
  ledger_->Rollback();
  Open();
  EXPECT_EQ(State().batches, 3);
  Commit(BatchOf({DeltaAt(kSlot, "/c", 1)}));
  EXPECT_EQ(State().batches, 4);
}

TEST_F(LedgerTest, ADeltaCountsInItsEndpointAndItsTier) {
  Commit(BatchOf({DeltaAt(kSlot, "/a", 3, 1), DeltaAt(kSlot, "/b", 4)}));
  Open();
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("5 0 3"));
  EXPECT_THAT(Rows("/b", kSlot), ElementsAre("5 0 4"));
  EXPECT_THAT(Rows("", kSlot), ElementsAre("5 0 7"));
  const Contents contents = ReadAll();
  EXPECT_EQ(contents.Bad(""), 1);
  const auto& cause = contents.causes.at({{kTestTier, "", 0}, 503});
  ASSERT_EQ(cause.size(), 1);
  EXPECT_EQ(cause[0].counts, (Counts{.total = 1, .bad = 1}));
}

TEST_F(LedgerTest, EveryCounterSurvives) {
  Delta delta = DeltaAt(kSlot, "/a", 0);
  delta.counts = {.total = 6, .bad = 5, .client_errors = 4, .timed = 3, .slow = 2, .retries = int64_t{1} << 40};
  Commit(BatchOf({delta}));
  Commit(BatchOf({delta}));
  EXPECT_EQ(ReadAll().rows.at({kTestTier, "/a", 0})[0].counts, delta.counts + delta.counts);
}

TEST_F(LedgerTest, SourcesAreApart) {
  Delta synthetic = DeltaAt(kSlot, "/a", 2);
  synthetic.source = 1;
  Commit(BatchOf({synthetic, DeltaAt(kSlot, "/a", 1)}));
  const Contents contents = ReadAll();
  EXPECT_EQ(contents.rows.at({kTestTier, "/a", 0})[0].counts.total, 1);
  EXPECT_EQ(contents.rows.at({kTestTier, "/a", 1})[0].counts.total, 2);
}

TEST_F(LedgerTest, RowsComeInAscendingTimeThoughTheyWereWrittenInAnother) {
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}));
  Commit(BatchOf({DeltaAt(kSlot - 2, "/a", 2), DeltaAt(kSlot + 1, "/a", 4)}));
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("5 -10 2", "5 0 1", "5 5 4"));
}

TEST_F(LedgerTest, NothingOfARolledBackTransactionStays) {
  ASSERT_TRUE(ledger_->Begin().ok());
  ASSERT_TRUE(ledger_->Add(BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1))).ok());
  ASSERT_TRUE(ledger_->Add(TickRecord{EndOf(kSlot), {{"alert", "firing"}}, {{1, "news"}}}).ok());
  ledger_->Rollback();
  Commit(BatchOf({DeltaAt(kSlot, "/b", 1)}, KeyOf(1)));
  EXPECT_EQ(ReadAll().Total("/a"), 0);
  EXPECT_EQ(ReadAll().Total(""), 1);
  EXPECT_TRUE(State().states.empty());
  EXPECT_EQ(ledger_->keys(), 1);
}

TEST_F(LedgerTest, ASeriesOfARolledBackTransactionIsMadeAnew) {
  ASSERT_TRUE(ledger_->Begin().ok());
  ASSERT_TRUE(ledger_->Add(BatchOf({DeltaAt(kSlot, "/a", 1)})).ok());
  ledger_->Rollback();
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}));
  Open();
  EXPECT_EQ(ReadAll().Total("/a"), 1);
}

TEST_F(LedgerTest, AMalformedBatchIsRefusedAndTheTransactionGoesOn) {
  Delta negative = DeltaAt(kSlot, "/a", 1);
  negative.counts.retries = -1;
  Delta too_many = DeltaAt(kSlot, "/a", (int64_t{1} << 40) + 1);
  Delta more_bad_than_all = DeltaAt(kSlot, "/a", 1, 2);
  Delta unknown_tier = DeltaAt(kSlot, "/a", 1);
  unknown_tier.tier = 1;
  Delta unknown_source = DeltaAt(kSlot, "/a", 1);
  unknown_source.source = kSourceKinds;
  ASSERT_TRUE(ledger_->Begin().ok());
  for (const Delta& delta : {negative, too_many, more_bad_than_all, unknown_tier, unknown_source}) {
    const auto verdict = ledger_->Add(BatchOf({DeltaAt(kSlot, "/b", 1), delta}, KeyOf(1)));
    EXPECT_EQ(verdict.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(verdict.status().message()), HasSubstr("delta 1 of 2"));
  }
  ASSERT_TRUE(ledger_->Add(BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1))).ok());
  ASSERT_TRUE(ledger_->Commit().ok());
  EXPECT_EQ(ReadAll().Total(""), 1);
}

// --- batch keys ---

TEST_F(LedgerTest, ABatchCountsOncePerKey) {
  BatchRecord batch = BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1));
  batch.counts = {.accepted = 1, .rejected = 2, .late = 3};
  EXPECT_EQ(CommitForVerdict(batch).kind, Ledger::BatchVerdict::Kind::kAdded);
  Open();
  batch.counts = {.accepted = 9};
  const auto again = CommitForVerdict(batch);
  EXPECT_EQ(again.kind, Ledger::BatchVerdict::Kind::kDuplicate);
  EXPECT_EQ(again.original, (BatchCounts{.accepted = 1, .rejected = 2, .late = 3}));
  EXPECT_EQ(ReadAll().Total("/a"), 1);
}

TEST_F(LedgerTest, AKeyWithAnotherBodyIsReused) {
  EXPECT_EQ(CommitForVerdict(BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1, 1))).kind, Ledger::BatchVerdict::Kind::kAdded);
  EXPECT_EQ(CommitForVerdict(BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1, 2))).kind,
            Ledger::BatchVerdict::Kind::kKeyReused);
  EXPECT_EQ(ReadAll().Total("/a"), 1);
}

TEST_F(LedgerTest, TwoEqualKeysInOneTransactionCountOnce) {
  const BatchRecord batch = BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1));
  Commit(batch, batch);
  EXPECT_EQ(ReadAll().Total("/a"), 1);
  EXPECT_EQ(ledger_->keys(), 1);
}

TEST_F(LedgerTest, BatchesWithoutAKeyAlwaysCount) {
  const BatchRecord batch = BatchOf({DeltaAt(kSlot, "/a", 1)});
  Commit(batch, batch);
  EXPECT_EQ(ReadAll().Total("/a"), 2);
}

TEST_F(LedgerTest, KeysAreForgottenAfter24Hours) {
  BatchRecord batch = BatchOf({}, KeyOf(1));
  batch.at = EndOf(kSlot);
  Commit(batch);
  EXPECT_TRUE(ledger_->Compact(EndOf(kSlot) + absl::Hours(24) - absl::Seconds(1)).ok());
  EXPECT_EQ(ledger_->keys(), 1);
  EXPECT_TRUE(ledger_->Compact(EndOf(kSlot) + absl::Hours(24)).ok());
  EXPECT_EQ(ledger_->keys(), 0);
  EXPECT_EQ(ledger_->keys_evicted_early(), 0);
  EXPECT_EQ(CommitForVerdict(batch).kind, Ledger::BatchVerdict::Kind::kAdded);
}

TEST_F(LedgerTest, TheOldestKeysBeyondTheLimitAreEvictedAndCounted) {
  options_.max_keys = 2;
  Open();
  Commit(BatchOf({}, KeyOf(1)), BatchOf({}, KeyOf(2)));
  EXPECT_EQ(ledger_->keys_evicted_early(), 0);
  Commit(BatchOf({}, KeyOf(3)));
  EXPECT_EQ(ledger_->keys(), 2);
  EXPECT_EQ(ledger_->keys_evicted_early(), 1);
  Open();
  EXPECT_EQ(ledger_->keys(), 2);
  EXPECT_EQ(CommitForVerdict(BatchOf({}, KeyOf(2))).kind, Ledger::BatchVerdict::Kind::kDuplicate);
  EXPECT_EQ(CommitForVerdict(BatchOf({}, KeyOf(1))).kind, Ledger::BatchVerdict::Kind::kAdded);
}

TEST_F(LedgerTest, OldKeysThatMakeRoomAreNotEvictedEarly) {
  options_.max_keys = 1;
  Open();
  BatchRecord later = BatchOf({}, KeyOf(2));
  later.at += absl::Hours(24);
  Commit(BatchOf({}, KeyOf(1)));
  Commit(later);
  EXPECT_EQ(ledger_->keys(), 1);
  EXPECT_EQ(ledger_->keys_evicted_early(), 0);
}

// --- cumulative counts ---

TEST_F(LedgerTest, CumulativeCountsGoOn) {
  Delta delta = DeltaAt(kSlot, "/a", 3);
  delta.counts.retries = 2;
  delta.latency_buckets = {{1, 2}, {3, 1}};
  delta.latency_seconds = 0.5;
  BatchRecord batch = BatchOf({delta});
  batch.latency_bounds = "0.1,0.2,0.3";
  Commit(batch, batch);
  Open();
  Commit(batch);
  const Contents contents = ReadAll();
  const CumulativeCounts& counts = contents.cumulative.at({kTestTier, "/a", 0});
  EXPECT_EQ(counts.by_status[0], 9);
  EXPECT_EQ(counts.retries, 6);
  EXPECT_THAT(counts.latency_buckets, ElementsAre(0, 6, 0, 3));
  EXPECT_EQ(counts.latency_seconds, 1.5);
  EXPECT_EQ(contents.latency_bounds.at({kTestTier, "/a", 0}), "0.1,0.2,0.3");
  EXPECT_EQ(contents.cumulative.size(), 1);
}

TEST_F(LedgerTest, BucketsOfOtherBoundsAreForgotten) {
  Delta delta = DeltaAt(kSlot, "/a", 1);
  delta.latency_buckets = {{2, 1}};
  delta.latency_seconds = 0.5;
  BatchRecord before = BatchOf({delta});
  before.latency_bounds = "0.1,0.2";
  BatchRecord after = BatchOf({delta});
  after.latency_bounds = "0.1,0.3";
  Commit(before, before, after);
  Commit(after);
  const CumulativeCounts counts = ReadAll().cumulative.at({kTestTier, "/a", 0});
  EXPECT_THAT(counts.latency_buckets, ElementsAre(0, 0, 2));
  EXPECT_EQ(counts.latency_seconds, 1.0);
  EXPECT_EQ(counts.by_status[0], 4);
}

// --- states, news, outboxes, documents ---

TEST_F(LedgerTest, LaterTextsReplaceEarlierOnesAndEmptyOnesRemove) {
  Commit(TickRecord{EndOf(kSlot), {{"a", "pending"}, {"b", "firing"}}, {}});
  Commit(TickRecord{EndOf(kSlot + 1), {{"a", ""}, {"b", "resolved"}}, {}});
  Commit(DocumentRecord{"maintenance", {{"1", "x"}, {"2", "y"}}}, DocumentRecord{"maintenance", {{"1", ""}}},
         DocumentRecord{"fingerprint", {{"", "f"}}});
  Open();
  EXPECT_THAT(State().states, ElementsAre(Document{"b", "resolved"}));
  EXPECT_THAT(*ledger_->LoadDocuments("maintenance"), ElementsAre(Document{"2", "y"}));
  EXPECT_THAT(*ledger_->LoadDocuments("fingerprint"), ElementsAre(Document{"", "f"}));
  EXPECT_THAT(*ledger_->LoadDocuments("gauges"), IsEmpty());
}

TEST_F(LedgerTest, TheHeadIsTheLatestEvaluation) {
  Commit(TickRecord{EndOf(kSlot), {}, {}});
  Commit(TickRecord{EndOf(kSlot - 1), {}, {}});
  EXPECT_EQ(State().head, EndOf(kSlot));
}

TEST_F(LedgerTest, NewsIsForgottenWhenEveryDestinationHasReadIt) {
  Commit(DestinationsRecord{{"one", "two"}});
  Commit(TickRecord{EndOf(kSlot), {}, {{1, "first"}, {2, "second"}, {3, "third"}}});
  Commit(OutboxRecord{"one", 3, {{"alert", "entry"}}});
  EXPECT_EQ(State().news.size(), 3);
  Commit(OutboxRecord{"two", 2, {}});
  Open();
  const LedgerState state = State();
  EXPECT_THAT(state.news, ElementsAre(News{3, "third"}));
  EXPECT_EQ(state.last_news, 3);
  ASSERT_EQ(state.outboxes.size(), 2);
  EXPECT_EQ(state.outboxes[0].destination, "one");
  EXPECT_EQ(state.outboxes[0].news_read, 3);
  EXPECT_THAT(state.outboxes[0].entries, ElementsAre(Document{"alert", "entry"}));
  EXPECT_EQ(state.outboxes[1].news_read, 2);
}

TEST_F(LedgerTest, NumbersOfNewsAreRememberedWhenAllIsRead) {
  Commit(DestinationsRecord{{"one"}}, TickRecord{EndOf(kSlot), {}, {{7, "news"}}});
  Commit(OutboxRecord{"one", 7, {}});
  Open();
  EXPECT_TRUE(State().news.empty());
  EXPECT_EQ(State().last_news, 7);
}

TEST_F(LedgerTest, OutboxEntriesAreReplacedAndRemovedByAlert) {
  Commit(OutboxRecord{"one", 0, {{"a", "1"}, {"b", "2"}}}, OutboxRecord{"two", 0, {{"a", "3"}}});
  Commit(OutboxRecord{"one", 0, {{"a", ""}, {"b", "4"}}});
  const LedgerState state = State();
  EXPECT_THAT(state.outboxes[0].entries, ElementsAre(Document{"b", "4"}));
  EXPECT_THAT(state.outboxes[1].entries, ElementsAre(Document{"a", "3"}));
}

TEST_F(LedgerTest, ADestinationThatIsGoneHoldsNoNewsBack) {
  Commit(DestinationsRecord{{"one", "two"}});
  Commit(TickRecord{EndOf(kSlot), {}, {{1, "news"}}}, OutboxRecord{"one", 1, {}}, OutboxRecord{"two", 0, {{"a", "x"}}});
  Commit(DestinationsRecord{{"one"}});
  EXPECT_TRUE(State().news.empty());
  ASSERT_EQ(State().outboxes.size(), 1);
  EXPECT_EQ(State().outboxes[0].destination, "one");
}

TEST_F(LedgerTest, ANewDestinationBeginsWithTheNextNews) {
  Commit(DestinationsRecord{{"one"}}, TickRecord{EndOf(kSlot), {}, {{1, "old"}}});
  Commit(DestinationsRecord{{"one", "two"}}, TickRecord{EndOf(kSlot), {}, {{2, "new"}}});
  const LedgerState state = State();
  EXPECT_EQ(state.outboxes[0].news_read, 0);
  EXPECT_EQ(state.outboxes[1].news_read, 1);
  EXPECT_EQ(state.news.size(), 2);
}

TEST_F(LedgerTest, ADestinationMaySpeakBeforeItIsNamed) {
  Commit(DestinationsRecord{{"one"}}, TickRecord{EndOf(kSlot), {}, {{1, "old"}}});
  Commit(OutboxRecord{"two", 1, {{"a", "x"}}});
  Commit(TickRecord{EndOf(kSlot), {}, {{2, "new"}}}, OutboxRecord{"one", 2, {}});
  Commit(DestinationsRecord{{"one", "two"}});
  const LedgerState state = State();
  EXPECT_THAT(state.news, ElementsAre(News{2, "new"}));
  EXPECT_EQ(state.outboxes[1].news_read, 1);
  EXPECT_THAT(state.outboxes[1].entries, ElementsAre(Document{"a", "x"}));
}

TEST_F(LedgerTest, NewsIsKeptUntilItIsKnownThatNobodyReadsIt) {
  Commit(TickRecord{EndOf(kSlot), {}, {{1, "news"}}});
  EXPECT_EQ(State().news.size(), 1);
  Commit(DestinationsRecord{});
  EXPECT_TRUE(State().news.empty());
  Commit(TickRecord{EndOf(kSlot), {}, {{2, "news"}}});
  EXPECT_TRUE(State().news.empty());
  EXPECT_EQ(State().last_news, 2);
}

// --- compaction ---

TEST_F(LedgerTest, EndpointRowsAreFoldedOnceEveryRingOfTheirWidthHasForgottenThem) {
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1), DeltaAt(kSlot - 1, "/a", 2), DeltaAt(kSlot + 1, "/a", 4)}));
  // The finest level holds 12 + 2 + 1 slots: that of 14 slots ago is its oldest.
  CompactAt(kSlot + 13);
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("5 -5 2", "5 0 1", "5 5 4"));
  CompactAt(kSlot + 14);
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("5 0 1", "30 0 2", "5 5 4"));
  CompactAt(kSlot + 15);
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("30 0 3", "5 5 4"));
  CompactAt(kSlot + 16);
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("30 0 3", "30 30 4"));
}

TEST_F(LedgerTest, EndpointRowsAgeToTheLastLevelAndAreDeleted) {
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1, 1)}));
  CompactAt(kSlot + 6 * (20 + 1));
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("30 0 1"));
  CompactAt(kSlot + 6 * (20 + 1) + 1);  // the 30 s slot after
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("300 0 1"));
  CompactAt(kSlot + 60 * (12 + 1));
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("300 0 1"));
  EXPECT_EQ(ReadAll().causes.size(), 1);
  CompactAt(kSlot + 60 * (12 + 1) + 1);  // the 5 min slot after
  EXPECT_THAT(Rows("/a", kSlot), IsEmpty());
  EXPECT_TRUE(ReadAll().causes.empty());
}

TEST_F(LedgerTest, TierRowsStayAt30SecondsForAsLongAsTheyAreKept) {
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1), DeltaAt(kSlot - 1, "/a", 1)}));
  CompactAt(kSlot + 1440 - 6);
  EXPECT_THAT(Rows("", kSlot), ElementsAre("30 0 2"));
  CompactAt(kSlot + 1440 - 5);  // the 30 s slot after
  EXPECT_THAT(Rows("", kSlot), IsEmpty());
}

TEST_F(LedgerTest, ALateRowIsFoldedLikeTheOthers) {
  CompactAt(kSlot + 100);
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}));
  CompactAt(kSlot + 100);
  Commit(BatchOf({DeltaAt(kSlot, "/a", 2)}));
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("5 0 2", "30 0 1"));
  CompactAt(kSlot + 100);
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("30 0 3"));
}

TEST_F(LedgerTest, CompactionComesInPieces) {
  std::vector<Delta> deltas;
  for (int i = 0; i < 2500; ++i) deltas.push_back(DeltaAt(kSlot - i, "/a", 1));
  Commit(BatchOf(deltas));
  EXPECT_GT(CompactAt(kSlot + 15), 5);
  EXPECT_EQ(CompactAt(kSlot + 15), 1);
  EXPECT_EQ(ReadAll().Total(""), 1440 - 18);  // two hours before the 30 s that the head is in
}

TEST_F(LedgerTest, RowsOfAnotherShapeAreFoldedIntoWhatTheyFit) {
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1), DeltaAt(kSlot - 1, "/a", 2)}));
  options_.shape = {{{absl::Seconds(10), absl::Minutes(2)}, {absl::Seconds(30), absl::Hours(1)}}, absl::Seconds(10)};
  Open();
  CompactAt(kSlot);
  EXPECT_THAT(Rows("/a", kSlot), ElementsAre("10 0 3"));
  EXPECT_THAT(Rows("", kSlot), ElementsAre("10 0 3"));
}

TEST_F(LedgerTest, AnEndpointWithoutRequestsForAWholePeriodIsForgotten) {
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}));
  Commit(BatchOf({DeltaAt(kSlot + 1, "/b", 1)}));
  CompactAt(kSlot + 60 * (12 + 1 + 1));
  Contents contents = ReadAll();
  EXPECT_EQ(contents.cumulative.size(), 1);
  EXPECT_EQ(contents.cumulative.count({kTestTier, "/b", 0}), 1);
  // It may come back.
  Commit(BatchOf({DeltaAt(kSlot + 60 * 14, "/a", 5)}));
  Open();
  EXPECT_EQ(ReadAll().cumulative.at({kTestTier, "/a", 0}).by_status[0], 5);
}

// --- history ---

TEST_F(LedgerTest, HistoryMergesTiersInTimeAt30Seconds) {
  Delta synthetic = DeltaAt(kSlot + 1, "/a", 8);
  synthetic.source = 1;
  Commit(BatchOf({DeltaAt(kSlot - 6, "/a", 16), DeltaAt(kSlot - 5, "/a", 1), DeltaAt(kSlot, "/b", 2),
                  DeltaAt(kSlot + 1, "/a", 4), synthetic}));
  CompactAt(kSlot + 10);
  std::vector<std::string> seen;
  const auto visit = [&](const SeriesName& name, const CountRow& row) {
    EXPECT_EQ(name.endpoint, "");
    EXPECT_EQ(row.width_seconds, 30);
    const absl::Duration after = SlotEnd(row.slot, absl::Seconds(30)) - EndOf(kSlot);
    seen.push_back(std::to_string(name.source) + " " + std::to_string(absl::ToInt64Seconds(after)) + " " +
                   std::to_string(row.counts.total));
  };
  ASSERT_TRUE(ledger_->VisitTierHistory(EndOf(kSlot - 6), EndOf(kSlot + 1), visit).ok());
  EXPECT_THAT(seen, ElementsAre("0 0 3", "0 30 4", "1 30 8"));
  const auto span = *ledger_->HistorySpan();
  ASSERT_TRUE(span);
  EXPECT_EQ(span->first, EndOf(kSlot - 6));
  EXPECT_EQ(span->second, EndOf(kSlot + 1));
}

// --- opening ---

TEST_F(LedgerTest, AReaderSeesWhatIsCommittedWhileTheWriterGoesOn) {
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}));
  const auto reader = Ledger::OpenToRead(path_);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(Read(**reader)->Total("/a"), 1);
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}));
  EXPECT_EQ(Read(**reader)->Total("/a"), 2);
}

TEST_F(LedgerTest, ACrashLosesNothingThatWasCommitted) {
  Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}, KeyOf(1)), TickRecord{EndOf(kSlot), {{"a", "firing"}}, {}});
  auto copy = Ledger::Open(CrashCopy(path_) + "/ledger.db", options_);
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(Read(**copy)->Total("/a"), 1);
  EXPECT_EQ((*copy)->LoadState()->states.size(), 1);
  EXPECT_EQ((*copy)->keys(), 1);
}

TEST_F(LedgerTest, ReadingWhereThereIsNoLedgerIsNotFound) {
  const auto reader = Ledger::OpenToRead(folder_ + "/other.db");
  EXPECT_EQ(reader.status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/other.db"));
}

}  // namespace
}  // namespace firebreak
