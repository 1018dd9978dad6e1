#include "engine/fingerprint_history.h"

#include <string>
#include <vector>

#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FingerprintHistoryTest : public ::testing::Test {
 protected:
  // Begins to count under `config`, an hour after kTestStart for each of `hours`; says whether that had to be written.
  bool Begin(int hours, const Config& config) {
    const auto record = FingerprintToStore(stored_, config, At(hours));
    if (!record) return false;
    EXPECT_EQ(record->kind, kFingerprintKind);
    stored_.insert(stored_.end(), record->documents.begin(), record->documents.end());
    return true;
  }

  // When those began, in hours after kTestStart, that held within (from, to].
  std::vector<int> Between(int from, int to) const {
    const auto between = FingerprintsBetween(stored_, At(from), At(to));
    EXPECT_TRUE(between.ok()) << between.status();
    std::vector<int> hours;
    for (const DatedFingerprint& dated : *between) hours.push_back(absl::ToInt64Hours(dated.since - kTestStart));
    return hours;
  }

  static absl::Time At(int hours) { return kTestStart + absl::Hours(hours); }

  static Config Without(std::string_view endpoint) {
    Config config = TestConfig();
    std::erase(config.tiers[0].endpoints, endpoint);
    return config;
  }

  std::vector<Document> stored_;
};

TEST_F(FingerprintHistoryTest, OnlyAChangeIsWritten) {
  EXPECT_TRUE(Begin(0, TestConfig()));
  EXPECT_FALSE(Begin(1, TestConfig()));
  EXPECT_TRUE(Begin(2, Without("/pay")));
  EXPECT_FALSE(Begin(3, Without("/pay")));
  EXPECT_TRUE(Begin(4, TestConfig())) << "what held before the last change does not count";
}

TEST_F(FingerprintHistoryTest, WhatNothingWasCountedUnderAnyMoreIsForgotten) {
  const auto forgotten_at = [this](int oldest) -> size_t {
    const auto record = FingerprintsToForget(stored_, At(oldest));
    if (!record) return 0;
    EXPECT_EQ(record->kind, kFingerprintKind);
    for (const Document& document : record->documents) EXPECT_EQ(document.body, "");
    EXPECT_EQ(record->documents[0].key, stored_[0].key);
    return record->documents.size();
  };
  EXPECT_EQ(forgotten_at(50), 0);
  Begin(10, TestConfig());
  EXPECT_EQ(forgotten_at(50), 0) << "it still holds";
  Begin(20, Without("/pay"));
  Begin(30, Without("/cart"));
  EXPECT_EQ(forgotten_at(19), 0);
  EXPECT_EQ(forgotten_at(20), 1);
  EXPECT_EQ(forgotten_at(29), 1);
  EXPECT_EQ(forgotten_at(30), 2);
  EXPECT_EQ(forgotten_at(50), 2);
}

TEST_F(FingerprintHistoryTest, ASpanSeesWhatHeldWithinIt) {
  Begin(10, TestConfig());
  Begin(20, Without("/pay"));
  Begin(30, Without("/cart"));
  EXPECT_THAT(Between(0, 10), IsEmpty());
  EXPECT_THAT(Between(0, 11), ElementsAre(10));
  EXPECT_THAT(Between(12, 19), ElementsAre(10));
  EXPECT_THAT(Between(19, 21), ElementsAre(10, 20));
  EXPECT_THAT(Between(20, 25), ElementsAre(20));
  EXPECT_THAT(Between(0, 99), ElementsAre(10, 20, 30));
  EXPECT_THAT(Between(40, 99), ElementsAre(30));
}

TEST_F(FingerprintHistoryTest, FingerprintsAreReadBack) {
  Begin(0, TestConfig());
  const auto between = FingerprintsBetween(stored_, At(0), At(1));
  ASSERT_TRUE(between.ok());
  EXPECT_EQ(between->front().fingerprint, FingerprintOf(TestConfig()));
}

TEST_F(FingerprintHistoryTest, DamageIsDataLoss) {
  Begin(0, TestConfig());
  const Document good = stored_[0];
  for (const Document& bad : {Document{"yesterday", good.body}, Document{good.key, "no tab"}}) {
    stored_ = {bad};
    EXPECT_EQ(FingerprintsBetween(stored_, At(0), At(1)).status().code(), absl::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace firebreak
