#include "engine/alert_text.h"

#include <string>

#include "engine/burn_rate.h"
#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPeriod = absl::Hours(24 * 30);

TEST(TimeLeftTest, AFullBudgetLastsPeriodOverBurn) {
  const struct {
    double left;
    double burn;
    std::string_view want;
  } kRows[] = {
      {1, 14.4, "50 hours"},      // the article says 2 hours, which takes 360x
      {1, 6, "5 days"},           // and that 6x covers 6 hours
      {1, 360, "2 hours"},        //
      {1, 1, "30 days"},          //
      {0.5, 14.4, "25 hours"},    // what is left of it
      {1, 1000, "43.2 minutes"},  // a full outage at 99.9 %
      {1, 10, "3 days"},          // 72 h and more are days …
      {1, 10.1, "71.3 hours"},    // … less are hours
      {1, 720, "60 minutes"},     // not "1 hours"
      {0, 14.4, "exhausted"},     //
      {-3, 14.4, "exhausted"},    // never negative hours
      {0, 0, "exhausted"},        //
      {1, 0, "never"},            //
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(TimeLeftText(TimeLeft(row.left, row.burn, kPeriod)), row.want) << row.left << " at " << row.burn;
  }
}

TEST(ShareTextTest, ThreeDigitsAndNeverAFalseZeroOrHundred) {
  const struct {
    double share;
    std::string_view want;
  } kRows[] = {
      {0, "0 %"},
      {1, "100 %"},
      {0.0144, "1.44 %"},
      {0.014456, "1.45 %"},
      {0.5, "50 %"},
      {0.9994, "99.9 %"},
      {0.99999, "99.9 %"},
      {0.9996, "99.9 %"},
      {0.999, "99.9 %"},
      {1e-6, "0.0001 %"},
      {1e-9, "0.0000001 %"},
      {1.0 / 3, "33.3 %"},
      {0.00012345, "0.0123 %"},
  };
  for (const auto& row : kRows) EXPECT_EQ(ShareText(row.share), row.want) << row.share;
}

TEST(BurnTextTest, ThreeDigits) {
  const struct {
    double burn;
    std::string_view want;
  } kRows[] = {{14.4, "14.4x"}, {6, "6x"},         {0, "0x"},        {1000, "1000x"},
               {0.25, "0.25x"}, {1234.4, "1234x"}, {14.449, "14.4x"}};
  for (const auto& row : kRows) EXPECT_EQ(BurnText(row.burn), row.want) << row.burn;
}

TEST(WindowTextTest, SaysCountsShareAndBurn) {
  EXPECT_EQ(WindowText({absl::Minutes(5), 3, 400, 7.5, 1}), "3 of 400 (0.75 %, burn 7.5x)");
  EXPECT_EQ(WindowText({absl::Minutes(5), 0, 400, 0.0, 1}), "0 of 400 (0 %, burn 0x)");
  EXPECT_EQ(WindowText({absl::Minutes(5), 0, 0, std::nullopt, 1}), "no data");
}

TEST(TopThreeTest, TheLargestFirstWithTheirSharesOfAll) {
  EXPECT_EQ(TopThree({}), "");
  EXPECT_EQ(TopThree({{"/a", 0}}), "");
  EXPECT_EQ(TopThree({{"/a", 5}}), "/a 100 %");
  EXPECT_EQ(TopThree({{"/a", 1}, {"/b", 4}, {"/c", 2}, {"/d", 3}}), "/b 40 %, /d 30 %, /c 20 %");
  EXPECT_EQ(TopThree({{"/b", 1}, {"/a", 1}}), "/a 50 %, /b 50 %") << "equal ones by name";
  EXPECT_EQ(TopThree({{"/a", 100000}, {"/b", 1}}), "/a 99.9 %, /b 0.001 %");
}

TEST(TimeTextTest, Rfc3339InUtc) {
  EXPECT_EQ(TimeText(kTestStart), "2025-11-24T16:00:00Z");
  EXPECT_EQ(TimeText(kTestStart + absl::Milliseconds(5)), "2025-11-24T16:00:00.005Z");
}

// The words of the fast availability alert of TestConfig's tier, firing on made-up numbers.
class BurnAnnotationsTest : public ::testing::Test {
 protected:
  BurnAnnotationsTest() : config_(TestConfig()) {
    config_.tiers[0].latency_limit = absl::Milliseconds(1200);
    facts_.short_window = {absl::Minutes(5), 30, 1000, 30.0, 1};
    facts_.long_window = {absl::Hours(1), 180, 12000, 15.0, 1};
    facts_.budget.projections = {{{absl::Hours(1), 15.0, {}}, {absl::Hours(6), 6.0, {}}}};
    facts_.budget.data_held = absl::Hours(26);
    Spend(0.5);
    facts_.active_since = kTestStart;
    facts_.endpoints = {{"/pay", 120}, {"/cart", 60}};
    facts_.codes = {{"503", 180}};
    facts_.runbook_url = "http://runbooks/burn";
  }
  std::string Get(std::string_view annotation) const {
    const BurnRule rule(config_, subject_);
    return std::string(BurnAnnotations(rule, config_.period, facts_).Get(annotation));
  }
  void Spend(double share) {
    facts_.budget.consumed = share;
    facts_.budget.remaining = 1 - share;
    for (BudgetProjection& projection : facts_.budget.projections) {
      projection.lasts = TimeLeft(1 - share, projection.burn.value_or(0), kPeriod);
    }
  }
  void BurnOverTheLastHour(std::optional<double> burn) {
    facts_.budget.projections[0].burn = burn;
    Spend(facts_.budget.consumed);
  }
  void End(AlertStatus status, std::string reason) {
    facts_.status = status;
    facts_.reason = std::move(reason);
  }

  Config config_;
  BurnSubject subject_;
  BurnFacts facts_;
};

TEST_F(BurnAnnotationsTest, EveryNumberIsThere) {
  EXPECT_EQ(Get("summary"), "checkout burns its availability error budget: 30x over 5m and 15x over 1h");
  EXPECT_EQ(Get("description"),
            "5m: 30 of 1000 (3 %, burn 30x); 1h: 180 of 12000 (1.5 %, burn 15x). "
            "Alerts above 1.44 % (14.4x of 99.9 % available). "
            "Error budget: 50 % spent, 50 % left, of the 1d2h held out of 30d. "
            "At the burn of the last 1h it lasts 24 hours, of the last 6h 60 hours. "
            "Since 2025-11-24T16:00:00Z.");
  EXPECT_EQ(Get("causes"), "/pay 66.7 %, /cart 33.3 %; status 503 100 %");
  EXPECT_EQ(Get("runbook_url"), "http://runbooks/burn");
}

TEST_F(BurnAnnotationsTest, AFullBudgetAtTheThresholdLastsFiftyHours) {
  Spend(0);
  BurnOverTheLastHour(14.4);
  EXPECT_THAT(Get("description"), HasSubstr("Error budget: 0 % spent, 100 % left"));
  EXPECT_THAT(Get("description"), HasSubstr(" At the burn of the last 1h it lasts 50 hours, of the last 6h 5 days. "));
}

TEST_F(BurnAnnotationsTest, AnExhaustedBudgetHasNoHoursLeft) {
  for (const double spent : {1.0, 1.25, 12.0}) {
    Spend(spent);
    EXPECT_THAT(Get("description"), AllOf(HasSubstr("Error budget: exhausted ("), Not(HasSubstr("lasts")))) << spent;
  }
  EXPECT_THAT(Get("description"), HasSubstr("exhausted (12 times spent), of the 1d2h held out of 30d. Since"));
}

TEST_F(BurnAnnotationsTest, ABudgetThatDoesNotBurnLastsForEver) {
  BurnOverTheLastHour(0);
  EXPECT_THAT(Get("description"), HasSubstr(" At the burn of the last 1h it lasts for ever, of the last 6h 60 hours."));
}

TEST_F(BurnAnnotationsTest, NothingIsProjectedWithoutData) {
  BurnOverTheLastHour(std::nullopt);
  EXPECT_THAT(Get("description"), HasSubstr("held out of 30d. At the burn of the last 6h it lasts 60 hours. Since"));
  facts_.budget.projections[1].burn.reset();
  EXPECT_THAT(Get("description"), HasSubstr("held out of 30d. Since"));
}

TEST_F(BurnAnnotationsTest, WhatMaintenanceTookOutIsSaid) {
  facts_.short_window.excluded_total = 7;
  facts_.budget.excluded.total = 1200;
  EXPECT_THAT(Get("description"),
              AllOf(HasSubstr("5m: 30 of 1000 (3 %, burn 30x), 7 under maintenance left out; 1h: 180 of 12000 (1.5 %"),
                    HasSubstr("held out of 30d, 1200 requests under maintenance left out. At the burn")));
}

TEST_F(BurnAnnotationsTest, APartlyCoveredWindowSaysSo) {
  facts_.long_window.coverage = 0.25;
  EXPECT_THAT(Get("description"), HasSubstr("burn 15x), 25 % of the window covered by data. Alerts"));
}

TEST_F(BurnAnnotationsTest, AHeldAlertSaysThatThereIsNoData) {
  facts_.short_window = {absl::Minutes(5), 0, 0, std::nullopt, 1};
  EXPECT_EQ(Get("summary"), "checkout burns its availability error budget: no data over 5m and 15x over 1h");
  EXPECT_THAT(Get("description"), HasSubstr("5m: no data; 1h: 180"));
}

TEST_F(BurnAnnotationsTest, AGuardedAlertSaysWhyItIsATicket) {
  facts_.guard = "held by min_bad=200";
  EXPECT_THAT(Get("description"), HasSubstr("A ticket and no page: held by min_bad=200."));
}

// Only one of these is good news, and whoever reads it at night must see which.
TEST_F(BurnAnnotationsTest, AnEndSaysWhy) {
  End(AlertStatus::kResolved, "recovered");
  EXPECT_EQ(Get("summary"), "checkout no longer burns its availability error budget above 14.4x over both 5m and 1h");
  End(AlertStatus::kInactive, "recovered");
  EXPECT_EQ(Get("summary"), "checkout no longer burns its availability error budget above 14.4x over both 5m and 1h");
  End(AlertStatus::kResolved, "no_data");
  EXPECT_EQ(Get("summary"),
            "checkout has no requests any more, so nothing shows whether its availability error budget still burns");
  End(AlertStatus::kResolved, "maintenance");
  EXPECT_EQ(Get("summary"), "checkout does not burn its availability error budget above 14.4x outside of maintenance");
  facts_.maintenance_until = kTestStart + absl::Hours(1);
  EXPECT_EQ(Get("summary"),
            "checkout is under maintenance until 2025-11-24T17:00:00Z: its availability error budget is not watched");
  End(AlertStatus::kResolved, "escalated");
  EXPECT_EQ(Get("summary"), "checkout burns its availability error budget on: the ticket became a page");
}

TEST_F(BurnAnnotationsTest, LatencyCountsSlowRequests) {
  subject_.slo = Slo::kLatency;
  config_.tiers[0].latency_burn[0] = MustParseDecimal("10");
  facts_.short_window = {absl::Minutes(5), 600, 1000, 12.0, 1};
  EXPECT_THAT(Get("summary"), HasSubstr("checkout burns its latency error budget: 12x over 5m"));
  EXPECT_THAT(Get("description"), AllOf(HasSubstr("5m: 600 of 1000 (60 %, burn 12x) slow"),
                                        HasSubstr("Alerts above 50 % (10x of 95 % at most 1200 ms).")));
  facts_.short_window = {absl::Minutes(5), 0, 0, std::nullopt, 1};
  EXPECT_THAT(Get("description"), HasSubstr("5m: no data; "));
}

TEST_F(BurnAnnotationsTest, AnEndpointsAlertNamesItAndWhoseStatusCodesTheyAre) {
  subject_.endpoint = 0;
  subject_.endpoint_name = "/pay";
  facts_.endpoints.clear();
  EXPECT_THAT(Get("summary"), HasSubstr("/pay of checkout burns its"));
  EXPECT_EQ(Get("causes"), "status of the whole tier 503 100 %");
}

}  // namespace
}  // namespace firebreak
