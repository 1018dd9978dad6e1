#include "engine/backfill.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "engine/fingerprint_history.h"
#include "engine/ledger_options.h"
#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kNow = kTestStart + absl::Seconds(3);

class BackfillTest : public ::testing::Test {
 protected:
  BackfillTest() {
    const char* base = std::getenv("TEST_TMPDIR");
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::string(base == nullptr ? "/tmp" : base) + "/" + test->name();
    std::filesystem::remove_all(folder_);
    directory_ = *DataDirectory::Open(folder_);
  }

  absl::StatusOr<std::unique_ptr<Backfill>> Begin() {
    return Backfill::Begin(*directory_, LedgerOptionsFor(config_), MakeRules(config_), kNow);
  }
  absl::StatusOr<Backfill::Totals> Fill(const std::vector<Event>& events) {
    const auto backfill = Begin();
    if (!backfill.ok()) return backfill.status();
    for (const Event& event : events) {
      const absl::Status added = (*backfill)->Add(event);
      if (!added.ok()) return added;
    }
    return (*backfill)->Finish();
  }
  bool LedgerIsThere() const { return std::filesystem::exists(directory_->ledger_path()); }
  size_t NumFiles() const {
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().filename().string().starts_with("ledger")) ++files;
    }
    return files;
  }

  Config config_ = TestConfig();
  std::string folder_;
  std::unique_ptr<DataDirectory> directory_;
  TransitionLog nobody_;
};

TEST_F(BackfillTest, AServerStartsWithWhatItWouldHaveCounted) {
  std::mt19937 random(3);
  std::vector<Event> events;
  for (int i = 0; i < 60'000; ++i) {
    const absl::Duration age = absl::Milliseconds(1) * static_cast<int64_t>(random() % (30u * 86'400'000u));
    events.push_back(MakeEvent(kNow - age, i % 3 == 0 ? "/pay" : "/cart", random() % 50 == 0 ? 503 : 200,
                               static_cast<int64_t>(random() % 5) + 1));
  }
  const auto totals = Fill(events);
  ASSERT_TRUE(totals.ok()) << totals.status();
  EXPECT_EQ(totals->accepted, 60'000);
  EXPECT_EQ(totals->late, 0);

  const auto rules = MakeRules(config_);
  Pipeline direct(rules, {}, kNow, nobody_);
  direct.RestoreCounts();
  direct.Apply(Fold(rules, events));
  const auto ledger = *Ledger::Open(directory_->ledger_path(), LedgerOptionsFor(config_));
  Pipeline server(rules, {}, kNow, nobody_);
  ASSERT_TRUE(ledger->VisitCounts(server.RestoreCounts()).ok());
  for (const absl::Duration window : {absl::Minutes(5), absl::Hours(1), absl::Hours(6), 3 * kDay, 30 * kDay}) {
    EXPECT_EQ(server.traffic().TierSum(0, 0, kTestStart, window), direct.traffic().TierSum(0, 0, kTestStart, window))
        << window;
    for (int endpoint : {0, 1}) {
      EXPECT_EQ(server.traffic().EndpointSum(0, endpoint, 0, kTestStart, window),
                direct.traffic().EndpointSum(0, endpoint, 0, kTestStart, window))
          << window;
    }
  }
  EXPECT_EQ(ledger->LoadState()->head, kTestStart);
  const auto fingerprints =
      FingerprintsBetween(*ledger->LoadDocuments(std::string(kFingerprintKind)), kNow - 30 * kDay, kNow);
  ASSERT_TRUE(fingerprints.ok());
  ASSERT_EQ(fingerprints->size(), 1);
  EXPECT_EQ(fingerprints->front().fingerprint, FingerprintOf(config_));
  EXPECT_LT(fingerprints->front().since, *totals->first_event);
}

TEST_F(BackfillTest, WhatIsTooOldOrAheadIsCountedApart) {
  const auto totals =
      Fill({MakeEvent(kNow - 40 * kDay, "/pay", 200, 5), MakeEvent(kNow - kDay, "/pay", 200),
            MakeEvent(kNow + kMaxAhead, "/pay", 200), MakeEvent(kNow + kMaxAhead + absl::Nanoseconds(1), "/pay", 200)});
  ASSERT_TRUE(totals.ok()) << totals.status();
  EXPECT_EQ(totals->accepted, 2);
  EXPECT_EQ(totals->late, 1);
  EXPECT_EQ(totals->ahead, 1);
}

TEST_F(BackfillTest, ALedgerThatIsThereIsNeverTouched) {
  std::ofstream(directory_->ledger_path()) << "precious";
  const absl::Status status = Fill({MakeEvent(kNow, "/pay", 200)}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr(directory_->ledger_path() + ": there is a ledger already"));
  std::ifstream file(directory_->ledger_path());
  std::string text;
  file >> text;
  EXPECT_EQ(text, "precious");
}

TEST_F(BackfillTest, WhatWasInterruptedIsNoLedgerAndIsBegunAnew) {
  {
    const auto backfill = Begin();
    ASSERT_TRUE(backfill.ok()) << backfill.status();
    for (int i = 0; i < 60'000; ++i) ASSERT_TRUE((*backfill)->Add(MakeEvent(kNow, "/pay", 200)).ok());
    // As a killed process leaves it.
    std::filesystem::copy(directory_->ledger_path() + ".backfill", folder_ + "/saved");
  }
  EXPECT_EQ(NumFiles(), 0) << "one that fails leaves nothing";
  std::filesystem::rename(folder_ + "/saved", directory_->ledger_path() + ".backfill");
  EXPECT_FALSE(LedgerIsThere());
  const auto totals = Fill({MakeEvent(kNow, "/pay", 200)});
  ASSERT_TRUE(totals.ok()) << totals.status();
  EXPECT_EQ(totals->accepted, 1);
  EXPECT_TRUE(LedgerIsThere());
  const auto ledger = *Ledger::OpenToRead(directory_->ledger_path());
  Pipeline server(MakeRules(config_), {}, kNow, nobody_);
  ASSERT_TRUE(ledger->VisitCounts(server.RestoreCounts()).ok());
  EXPECT_EQ(server.traffic().TierSum(0, 0, kTestStart + absl::Seconds(5), absl::Hours(1)).total, 1);
}

TEST_F(BackfillTest, NothingToCountMakesNoLedger) {
  const absl::Status status = Fill({MakeEvent(kNow - 90 * kDay, "/pay", 200)}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(NumFiles(), 0);
}

}  // namespace
}  // namespace firebreak
