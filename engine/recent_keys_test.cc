#include "engine/recent_keys.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

using Verdict = Committer::Verdict;

BatchKey Key(uint8_t key, uint8_t body = 0) {
  BatchKey result;
  result.key[0] = key;
  result.body[0] = body;
  return result;
}

const absl::Time kNow = absl::FromUnixSeconds(1764000000);

TEST(RecentKeysTest, AKeyIsTakenOnce) {
  RecentKeys keys;
  EXPECT_EQ(keys.Admit(Key(1), {.accepted = 3, .rejected = 2, .late = 1}, kNow).verdict, Verdict::kCommitted);
  const Committer::Outcome again = keys.Admit(Key(1), {.accepted = 9}, kNow);
  EXPECT_EQ(again.verdict, Verdict::kDuplicate);
  EXPECT_EQ(again.original, (BatchCounts{.accepted = 3, .rejected = 2, .late = 1}));
}

TEST(RecentKeysTest, AKeyWithAnotherBodyIsReused) {
  RecentKeys keys;
  keys.Admit(Key(1, 7), {.accepted = 3}, kNow);
  EXPECT_EQ(keys.Admit(Key(1, 8), {}, kNow).verdict, Verdict::kKeyReused);
  EXPECT_EQ(keys.Admit(Key(1, 7), {}, kNow).verdict, Verdict::kDuplicate);
}

TEST(RecentKeysTest, AKeyIsKnownFor24Hours) {
  RecentKeys keys;
  keys.Admit(Key(1), {}, kNow);
  EXPECT_EQ(keys.Admit(Key(1), {}, kNow + absl::Hours(24) - absl::Nanoseconds(1)).verdict, Verdict::kDuplicate);
  EXPECT_EQ(keys.Admit(Key(1), {}, kNow + absl::Hours(24)).verdict, Verdict::kCommitted);
}

TEST(RecentKeysTest, TheOldestMakesRoom) {
  RecentKeys keys(2);
  for (uint8_t key : {1, 2, 3}) keys.Admit(Key(key), {}, kNow);
  EXPECT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys.Admit(Key(3), {}, kNow).verdict, Verdict::kDuplicate);
  EXPECT_EQ(keys.Admit(Key(1), {}, kNow).verdict, Verdict::kCommitted);
}

}  // namespace
}  // namespace firebreak
