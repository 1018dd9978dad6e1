#include "engine/lab/history_book.h"

#include <vector>

#include "engine/testing.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

class HistoryBookTest : public ::testing::Test {
 protected:
  void SetUp() override {
    config_.tiers[0].latency_limit = absl::Milliseconds(500);
    config_.tiers.push_back(MakeTier("batch", "0.99", {"/export"}));
  }
  HistoryBook& book() {
    if (!book_) book_ = std::make_unique<HistoryBook>(rules_ = MakeRules(config_));
    return *book_;
  }
  void Add(const std::vector<Event>& events) {
    book();
    book_->Add(Fold(rules_, events));
  }
  static Event At(absl::Duration at, std::string_view endpoint, int status, int64_t count = 1) {
    return MakeEvent(kTestStart + at, endpoint, status, count);
  }
  static void ExpectTotal(const SloHistory& history, int64_t bad, int64_t total) {
    EXPECT_EQ(history.Total().bad, bad);
    EXPECT_EQ(history.Total().total, total);
  }

  Config config_ = TestConfig();
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<HistoryBook> book_;
};

TEST_F(HistoryBookTest, KeepsTiersAndSlosApart) {
  Event slow = At(absl::Seconds(3), "/pay", 200, 7);
  slow.latency = absl::Milliseconds(900);
  Add({slow, At(absl::Seconds(4), "/cart", 503, 2), At(absl::Seconds(9), "/export", 500, 3)});
  ExpectTotal(book().Counted(0, Slo::kAvailability), 2, 9);
  ExpectTotal(book().Counted(0, Slo::kLatency), 7, 7);
  ExpectTotal(book().Counted(1, Slo::kAvailability), 3, 3);
  EXPECT_EQ(book().first(), kTestStart + absl::Seconds(5));
  EXPECT_EQ(book().last(), kTestStart + absl::Seconds(10));
}

TEST_F(HistoryBookTest, OnlyTheTiersOwnSourceCounts) {
  Event probe = At(absl::Seconds(3), "/pay", 503);
  probe.source = Source::kSynthetic;
  Add({probe, At(absl::Seconds(3), "/pay", 200)});
  ExpectTotal(book().Counted(0, Slo::kAvailability), 0, 1);
}

TEST_F(HistoryBookTest, ClientErrorsCountAsTheRulesSay) {
  Add({At(absl::Seconds(1), "/pay", 404), At(absl::Seconds(1), "/pay", 200)});
  ExpectTotal(book().Counted(0, Slo::kAvailability), 0, 2);
  book_ = nullptr;
  config_.classification.client_errors = ClientErrors::kExclude;
  Add({At(absl::Seconds(1), "/pay", 404), At(absl::Seconds(1), "/pay", 200)});
  ExpectTotal(book().Counted(0, Slo::kAvailability), 0, 1);
}

TEST_F(HistoryBookTest, OrderDoesNotMatter) {
  for (int i = 5000; i > 0; --i) Add({At(absl::Seconds(5 * (i * 37 % 5000)), "/pay", i % 10 == 0 ? 503 : 200)});
  const SloHistory history = book().Counted(0, Slo::kAvailability);
  ExpectTotal(history, 500, 5000);
  EXPECT_EQ(history.Sum(kTestStart + absl::Hours(1), absl::Hours(1)).total, 720);
}

TEST_F(HistoryBookTest, RowsOfALedgerCountAtTheirEnd) {
  const int64_t slot = absl::ToUnixSeconds(kTestStart) / 30;
  book().Add({"checkout", "", 0}, {30, slot, {10, 1, 0, 0, 0, 0}});
  book().Add({"gone", "", 0}, {30, slot + 1, {10, 1, 0, 0, 0, 0}});
  ExpectTotal(book().Counted(0, Slo::kAvailability), 1, 10);
  EXPECT_EQ(book().last(), kTestStart + absl::Seconds(30));
  EXPECT_EQ(book().wide_rows(), 1);
}

TEST_F(HistoryBookTest, MaintenanceIsGatheredApart) {
  book().SetMaintenance(0, {{kTestStart + absl::Seconds(7), kTestStart + absl::Seconds(12)}});
  Add({At(absl::Seconds(5), "/pay", 503), At(absl::Seconds(6), "/pay", 503), At(absl::Seconds(15), "/pay", 503),
       At(absl::Seconds(16), "/pay", 503), At(absl::Seconds(8), "/export", 500)});
  ExpectTotal(book().Counted(0, Slo::kAvailability), 2, 2);
  ExpectTotal(book().Excluded(0, Slo::kAvailability), 2, 2);
  ExpectTotal(book().Counted(1, Slo::kAvailability), 1, 1);
}

TEST_F(HistoryBookTest, TicksAreThoseOfAReplay) {
  Add({At(absl::Seconds(61), "/pay", 200), At(absl::Seconds(130), "/pay", 200)});
  const TickRange ticks = TicksOfRecording(book(), absl::Minutes(1));
  EXPECT_EQ(ticks.first, kTestStart + absl::Minutes(2));
  EXPECT_EQ(ticks.At(ticks.count - 1), kTestStart + absl::Minutes(3) + absl::Hours(6));
}

}  // namespace
}  // namespace firebreak
