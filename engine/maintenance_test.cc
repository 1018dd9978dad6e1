#include "engine/maintenance.h"

#include <string>

#include "engine/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Windows of TestConfig's tier and another one, in minutes from kTestStart, which is now.
class MaintenanceListTest : public ::testing::Test {
 protected:
  MaintenanceListTest() { config_.tiers.push_back(MakeTier("search", "0.99", {"/find"})); }

  static absl::Time At(double minutes) { return kTestStart + minutes * absl::Minutes(1); }
  static TimeRange Range(double from, double to) { return {At(from), At(to)}; }
  static MaintenanceWindow Window(std::string id, std::string tier, double from, double to) {
    return {std::move(id), std::move(tier), At(from), At(to), "", kTestStart};
  }
  absl::StatusOr<MaintenanceWindow> Put(const MaintenanceWindow& window) {
    return list_.Put(window, config_, kTestStart);
  }
  std::string ErrorOf(const MaintenanceWindow& window) { return std::string(Put(window).status().message()); }
  std::string CommentError(std::string comment) {
    MaintenanceWindow window = Window("", "*", 0, 1);
    window.comment = std::move(comment);
    return ErrorOf(window);
  }
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const MaintenanceWindow& window : list_.windows()) ids.push_back(window.id);
    return ids;
  }

  Config config_ = TestConfig();
  MaintenanceList list_;
};

TEST_F(MaintenanceListTest, WindowsAreKeptByTheirBeginning) {
  ASSERT_TRUE(Put(Window("b", "checkout", 10, 20)).ok());
  ASSERT_TRUE(Put(Window("c", "*", 5, 20)).ok());
  ASSERT_TRUE(Put(Window("a", "search", 10, 30)).ok());
  EXPECT_THAT(Ids(), ElementsAre("c", "a", "b"));
}

TEST_F(MaintenanceListTest, AnIdIsAssignedFromTheTimeOfCreation) {
  for (const char* id : {"20251124T160000Z", "20251124T160000Z-2", "20251124T160000Z-3"}) {
    EXPECT_EQ(Put(Window("", "*", 0, 1))->id, id);
  }
  ASSERT_TRUE(list_.Remove("20251124T160000Z-2").ok());
  EXPECT_EQ(Put(Window("", "*", 0, 1))->id, "20251124T160000Z-2");
}

TEST_F(MaintenanceListTest, TheSameIdIsTheSameWindowChanged) {
  ASSERT_TRUE(Put(Window("a", "checkout", 0, 10)).ok());
  MaintenanceWindow later = Window("a", "*", 5, 20);
  later.created_at += absl::Minutes(1);
  const auto put = Put(later);
  ASSERT_TRUE(put.ok());
  EXPECT_EQ(put->created_at, kTestStart) << "it was created then";
  EXPECT_THAT(list_.windows(), ElementsAre(Window("a", "*", 5, 20)));
}

TEST_F(MaintenanceListTest, WhatCannotBeIsRefusedAndChangesNothing) {
  const double month = 31 * 24 * 60;
  const double year = 366 * 24 * 60;
  const struct {
    MaintenanceWindow window;
    const char* error;
  } kRows[] = {
      {Window("", "chekout", 0, 1), "tier: \"chekout\" is none, wanted one of checkout, search, or \"*\" for every"},
      {Window("", "", 0, 1), "tier: \"\" is none"},
      {Window("", "*", 1, 1), "to: not after from"},
      {Window("", "*", 2, 1), "to: not after from"},
      {Window("", "*", 0, month + 1.5 / 60), "to: more than 31d after from"},
      {Window("", "*", year + 0.01, year + 1), "from: more than 366d ahead"},
      {Window("", "*", 4.2e9, 4.2e9 + 1), "from: more than 366d ahead"},  // beyond the year 9999
      {Window("", "*", -30 * 24 * 60 - 5, -30 * 24 * 60), "to: more than the period (30d) ago"},
      {Window("a b", "*", 0, 1), "id: \"a b\", wanted 1 to 64 letters, digits"},
      {Window("../x", "*", 0, 1), "id: \"../x\""},
      {Window(std::string(65, 'a'), "*", 0, 1), "id: "},
  };
  for (const auto& row : kRows) EXPECT_THAT(ErrorOf(row.window), ::testing::StartsWith(row.error));
  EXPECT_THAT(list_.windows(), IsEmpty());
}

TEST_F(MaintenanceListTest, TheEdgesOfTheLimitsAreAllowed) {
  EXPECT_EQ(ErrorOf(Window("", "*", 0, 31 * 24 * 60 + 1.0 / 60)), "") << "borders are moved to whole seconds";
  EXPECT_EQ(ErrorOf(Window("", "*", 366 * 24 * 60, 366 * 24 * 60 + 31 * 24 * 60)), "");
  EXPECT_EQ(ErrorOf(Window("", "*", -30 * 24 * 60 - 5, -30 * 24 * 60 + 0.01)), "");
  EXPECT_EQ(ErrorOf(Window(std::string(64, 'a'), "*", 0, 1)), "");
}

TEST_F(MaintenanceListTest, ACommentIsOneLineOfAtMost200Characters) {
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "ü";
  EXPECT_EQ(CommentError(umlauts), "") << "characters, not bytes";
  EXPECT_THAT(CommentError(umlauts + "x"), HasSubstr("comment: 201 characters, wanted at most 200"));
  EXPECT_THAT(CommentError("two\nlines"), HasSubstr("wanted one line of text"));
  EXPECT_THAT(CommentError("\x01"), HasSubstr("wanted one line of text"));
  EXPECT_THAT(CommentError("\xff"), HasSubstr("wanted one line of text"));
}

TEST_F(MaintenanceListTest, AFullListTakesChangesOnly) {
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Put(Window(fmt::format("w{}", i), "*", i, i + 1)).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Put(Window("", "*", 0, 1)).status()));
  EXPECT_TRUE(Put(Window("w0", "*", 0, 2)).ok());
  ASSERT_TRUE(list_.Remove("w7").ok());
  EXPECT_TRUE(Put(Window("", "*", 0, 1)).ok());
}

TEST_F(MaintenanceListTest, RemovingWhatIsNotThereIsAnError) {
  ASSERT_TRUE(Put(Window("a", "*", 0, 1)).ok());
  EXPECT_TRUE(list_.Remove("a").ok());
  EXPECT_TRUE(absl::IsNotFound(list_.Remove("a")));
}

TEST_F(MaintenanceListTest, WhatEndedADayBeforeThePeriodIsForgotten) {
  ASSERT_TRUE(Put(Window("a", "*", -20, -10)).ok());
  list_.DropOld(config_.period, At(-10) + config_.period + absl::Hours(24));
  EXPECT_THAT(Ids(), ElementsAre("a"));
  list_.DropOld(config_.period, At(-10) + config_.period + absl::Hours(24) + absl::Nanoseconds(1));
  EXPECT_THAT(Ids(), IsEmpty());
}

TEST_F(MaintenanceListTest, ATiersMaintenanceIsTheUnionOfItsWindows) {
  for (const auto& window : {Window("a", "checkout", 0, 10), Window("b", "*", 5, 15), Window("c", "search", 20, 30)}) {
    ASSERT_TRUE(Put(window).ok());
  }
  EXPECT_THAT(list_.Of("checkout"), ElementsAre(Range(0, 15)));
  EXPECT_THAT(list_.Of("search"), ElementsAre(Range(5, 15), Range(20, 30)));
  EXPECT_THAT(list_.Of("gone"), ElementsAre(Range(5, 15)));
}

TEST_F(MaintenanceListTest, AnInstantIsInsideFromTheBeginningToBeforeTheEnd) {
  const TimeRanges ranges = {Range(0, 10), Range(20, 30)};
  const struct {
    double at;
    std::optional<absl::Time> until;
    std::optional<absl::Time> ended;
  } kRows[] = {
      {-0.1, {}, {}},   {0, At(10), {}},  {9.9, At(10), {}}, {10, {}, At(10)},
      {19, {}, At(10)}, {20, At(30), {}}, {30, {}, At(30)},  {99, {}, At(30)},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(MaintenanceUntil(ranges, At(row.at)), row.until) << row.at;
    EXPECT_EQ(MaintenanceEndedAt(ranges, At(row.at)), row.ended) << row.at;
  }
}

}  // namespace
}  // namespace firebreak
