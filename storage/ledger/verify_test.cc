#include "storage/ledger/verify.h"

#include <atomic>
#include <filesystem>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/backup.h"
#include "storage/ledger/committer.h"
#include "storage/ledger/database.h"
#include "storage/ledger/testing.h"

namespace firebreak {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr int64_t kSlot = 352'800'000 - 1;
const absl::Time kNow = SlotEnd(kSlot, absl::Seconds(5));

LedgerOptions Options() {
  LedgerOptions options;
  options.shape = LadderShape::For(absl::Seconds(5), absl::Hours(720), absl::Seconds(330));
  return options;
}

// A ledger with something in each table, whose rows have all widths.
class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() {
    auto ledger = Ledger::Open(path_, Options());
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    ledger_ = *std::move(ledger);
    for (int i = 0; i < 400; ++i) {
      // 40 days: what is older than 30 is deleted of endpoints and kept of tiers.
      const int64_t slot = kSlot - i * 1728;
      Delta delta = DeltaAt(slot, i % 2 ? "/a" : "/b", 3, 1);
      delta.counts.timed = 2;
      delta.counts.slow = 1;
      delta.latency_buckets = {{i % 5, 2}};
      EXPECT_TRUE(Write(*ledger_, BatchOf({delta}, KeyOf(i))).ok());
    }
    EXPECT_TRUE(Write(*ledger_, DestinationsRecord{{"one"}},
                      TickRecord{kNow, {{"alert", "firing"}}, {{1, "x"}, {2, "y"}}},
                      OutboxRecord{"one", 1, {{"alert", "x"}}}, DocumentRecord{"gauges", {{"g", "1"}}})
                    .ok());
    for (absl::StatusOr<bool> more = true; more.ok() && *more;) more = ledger_->Compact(kNow);
  }

  void Execute(const std::string& sql) {
    auto database = Database::Open(path_, Database::Access::kWrite, "");
    ASSERT_TRUE(database.ok()) << database.status();
    const absl::Status status = (*database)->Execute(sql);
    ASSERT_TRUE(status.ok()) << status;
  }
  std::vector<std::string> Findings() {
    const auto report = VerifyLedger(path_);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? report->findings : std::vector<std::string>();
  }

  // Reads what a server reads before it is ready.
  absl::Status Start() {
    const auto ledger = Ledger::Open(path_, Options());
    if (!ledger.ok()) return ledger.status();
    const absl::Status state = (*ledger)->LoadState().status();
    return state.ok() ? Read(**ledger).status() : state;
  }

  const std::string folder_ = FreshFolder();
  const std::string path_ = folder_ + "/ledger.db";
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(VerifyTest, ASoundLedgerHasNoFindings) {
  const auto report = VerifyLedger(path_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->sound());
  EXPECT_THAT(report->findings, IsEmpty());
  EXPECT_THAT(report->looked_at, Contains(Pair("batch_keys", 400)));
  EXPECT_THAT(report->looked_at, Contains(Pair("states", 1)));
  EXPECT_THAT(report->looked_at, Contains(Pair("news", 1)));
}

TEST_F(VerifyTest, WhatIsBrokenIsFoundAndAStartRefusesWhatItReads) {
  const struct {
    const char* breaks;
    const char* finding;
    const char* told_by_start = nullptr;  // nullptr: it does not read that
  } rows[] = {
      {"UPDATE tier_counts SET bad = -1 WHERE end_seconds = (SELECT max(end_seconds) FROM tier_counts)",
       "tier_counts: rows with a negative count", "tier_counts: the row of series"},
      {"UPDATE tier_counts SET bad = total + 1 WHERE end_seconds = (SELECT max(end_seconds) FROM tier_counts)",
       "more bad than total", "tier_counts: the row of series"},
      {"UPDATE endpoint_counts SET slow = timed + 1 WHERE end_seconds = (SELECT max(end_seconds) FROM endpoint_counts)",
       "more slow than timed", "endpoint_counts: the row of series"},
      {"UPDATE endpoint_counts SET end_seconds = end_seconds + 1", "not on the grid", "endpoint_counts: the row of"},
      {"UPDATE endpoint_counts SET width_seconds = -width_seconds", "not on the grid", "endpoint_counts: the row of"},
      {"INSERT INTO cause_counts VALUES (5, 1764000000, 77, 503, 1)", "cause_counts: rows of series that have no name",
       "cause_counts: counts of series 77"},
      {"UPDATE cause_counts SET bad = -1", "cause_counts: rows with a negative count", "cause_counts: the row of"},
      {"UPDATE cause_counts SET series = 2", "cause_counts: rows of endpoints", "cause_counts: counts of series 2"},
      {"DELETE FROM series", "rows of series that have no name", "of series 1, which has no name"},
      {"INSERT INTO tier_counts SELECT width_seconds, end_seconds, 2, 1, 0, 0, 0, 0, 0 FROM tier_counts LIMIT 1",
       "tier_counts: rows of endpoints", "tier_counts: counts of series 2, which is an endpoint"},
      {"UPDATE tier_counts SET total = total + 1 WHERE end_seconds = (SELECT max(end_seconds) FROM tier_counts)",
       "a tier counts other than its endpoints"},
      {"DELETE FROM endpoint_counts WHERE end_seconds = (SELECT max(end_seconds) FROM endpoint_counts)",
       "a tier counts other than its endpoints"},
      {"DELETE FROM tier_counts", "tier_counts: empty", "tier_counts: empty"},
      {"DELETE FROM endpoint_counts", "endpoint_counts: empty", "endpoint_counts: empty"},
      {"UPDATE cause_counts SET bad = 2 WHERE end_seconds = (SELECT max(end_seconds) FROM cause_counts)",
       "causes count more than is bad"},
      {"DELETE FROM batch_keys WHERE number = 3", "batch_keys: keys missing"},
      {"UPDATE batch_keys SET key = x'00' WHERE number = 3", "not 16 bytes"},
      {"UPDATE states SET body = ''", "states: empty names or texts", "states: empty"},
      {"DELETE FROM meta", "meta: head_seconds is missing", "meta: head_seconds is missing"},
      {"DELETE FROM meta WHERE name = 'last_news'", "meta: last_news is missing", "meta: last_news is missing"},
      {"UPDATE meta SET value = -1 WHERE name = 'head_seconds'", "meta: negative", "meta: negative"},
      {"INSERT INTO news VALUES (9, 'x')", "news: beyond the last number given", "news: beyond"},
      {"INSERT INTO news VALUES (1, 'x')", "news: pieces that every destination has read", "news: pieces that every"},
      {"DELETE FROM news", "news: pieces missing", "news: pieces missing"},
      {"UPDATE destinations SET news_read = -1", "destinations: they have read less than nothing", "destinations: "},
      {"INSERT INTO outbox VALUES ('nobody', 'alert', 'x')", "outbox: entries of no destination", "outbox: entries"},
      {"DELETE FROM destinations", "outbox: entries of no destination", "outbox: entries"},
      {"UPDATE cumulative SET retries = -1", "counts below zero", "cumulative: series"},
      {"UPDATE cumulative SET by_status = x'00'", "whole numbers of eight bytes", "whole numbers of eight bytes"},
      {"DELETE FROM cumulative", "endpoints without cumulative counts", "which has no cumulative counts"},
      {"INSERT INTO cumulative SELECT 1, 7, 0, by_status, '', x'', 0 FROM cumulative LIMIT 1",
       "cumulative: rows of tiers", "cumulative: counts of series 1, which is a tier"},
      {"INSERT INTO series VALUES (99, '', '', 7)", "series: no tier, or an unknown source", "series: no tier"},
      {"CREATE TABLE extra (x)", "table extra is not of the schema", "table extra"},
      {"DROP TABLE documents", "table documents is missing", "table documents"},
      {"CREATE TRIGGER t AFTER INSERT ON news BEGIN DELETE FROM news; END", "table t is not of the schema", "table t"},
  };
  ledger_.reset();
  const std::string sound = ReadFile(path_);
  EXPECT_EQ(Start(), absl::OkStatus());
  for (const auto& row : rows) {
    SCOPED_TRACE(row.breaks);
    WriteFile(path_, sound);
    Execute(row.breaks);
    EXPECT_THAT(Findings(), Contains(HasSubstr(row.finding)));
    const absl::Status start = Start();
    if (row.told_by_start == nullptr) {
      EXPECT_EQ(start, absl::OkStatus());
      continue;
    }
    EXPECT_EQ(start.code(), absl::StatusCode::kDataLoss) << start;
    EXPECT_THAT(std::string(start.message()),
                AllOf(HasSubstr(path_ + ": damaged ("), HasSubstr(row.told_by_start), HasSubstr("restore a backup")));
  }
}

TEST_F(VerifyTest, APageThatIsOverwrittenIsFound) {
  ledger_.reset();
  std::string bytes = ReadFile(path_);
  bytes.replace(5 * 4096, 4096, std::string(4096, 'x'));
  WriteFile(path_, bytes);
  const std::vector<std::string> findings = Findings();
  EXPECT_FALSE(findings.empty());
  EXPECT_THAT(std::set<std::string>(findings.begin(), findings.end()), SizeIs(findings.size()));
}

TEST_F(VerifyTest, WhereThereIsNoLedgerIsNotFound) {
  EXPECT_EQ(VerifyLedger(folder_ + "/other.db").status().code(), absl::StatusCode::kNotFound);
}

// --- backup ---

TEST_F(VerifyTest, ABackupHoldsWhatTheLedgerHolds) {
  const std::string to = folder_ + "/backup.db";
  int64_t last_copied = -1;
  int64_t last_bytes = 0;
  const auto report = BackUpLedger(path_, to, ExistingFile::kRefused, [&](int64_t copied, int64_t bytes) {
    EXPECT_GE(copied, last_copied);
    last_copied = copied;
    last_bytes = bytes;
  });
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->sound());
  EXPECT_EQ(last_copied, last_bytes);
  EXPECT_EQ(static_cast<int64_t>(ReadFile(to).size()), last_bytes);
  EXPECT_EQ(ReadFile(to + ".part"), "");
  EXPECT_EQ(std::filesystem::status(to).permissions(), std::filesystem::perms(0600));
  const std::string restored = FreshFolder() + "/ledger.db";
  WriteFile(restored, ReadFile(to));
  const auto copy = Ledger::Open(restored, Options());
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(Read(**copy)->Total(""), Read(*ledger_)->Total(""));
  EXPECT_EQ((*copy)->keys(), ledger_->keys());
  EXPECT_EQ((*copy)->LoadState()->states, ledger_->LoadState()->states);
}

TEST_F(VerifyTest, ABackupReplacesNothingUnlessToldTo) {
  const std::string to = folder_ + "/backup.db";
  WriteFile(to, "precious");
  const auto refused = BackUpLedger(path_, to, ExistingFile::kRefused, nullptr);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(to));
  EXPECT_EQ(ReadFile(to), "precious");
  EXPECT_TRUE(BackUpLedger(path_, to, ExistingFile::kReplaced, nullptr).ok());
  EXPECT_TRUE(VerifyLedger(to)->sound());
}

TEST_F(VerifyTest, WhatIsNotSoundIsNotBackedUp) {
  Execute("UPDATE states SET body = ''");
  const std::string to = folder_ + "/backup.db";
  const auto report = BackUpLedger(path_, to, ExistingFile::kRefused, nullptr);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr(path_ + ": not sound"));
  EXPECT_EQ(ReadFile(to), "");
  EXPECT_EQ(ReadFile(to + ".part"), "");
}

TEST_F(VerifyTest, ABackupThatCannotBeWrittenNamesItsFile) {
  const auto report = BackUpLedger(path_, folder_ + "/none/backup.db", ExistingFile::kRefused, nullptr);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr(folder_ + "/none/backup.db"));
}

TEST_F(VerifyTest, ALiveLedgerIsBackedUpAndVerifiedWhileItIsWritten) {
  Committer committer(std::move(ledger_), *DataDirectory::Open(folder_));
  std::atomic<int> committed{0};
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 200; ++j) {
      committer.Commit(BatchOf({DeltaAt(kSlot, "/a", 1)}), [&](const Committer::Outcome&) { ++committed; });
    }
    committer.Commit(TickRecord{kNow + absl::Hours(i), {}, {}}, nullptr);
    const int before = committed;
    const std::string to = folder_ + "/backup" + std::to_string(i);
    const auto report = BackUpLedger(path_, to, ExistingFile::kRefused, nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_THAT(Findings(), ElementsAre());
    EXPECT_GE(Read(**Ledger::OpenToRead(to))->Total("/a"), before);
  }
}

}  // namespace
}  // namespace firebreak
