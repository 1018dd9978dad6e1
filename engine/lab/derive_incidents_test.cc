#include "engine/lab/derive_incidents.h"

#include <string>
#include <vector>

#include "engine/testing.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto m = absl::Minutes<int>;

// A day of 10 requests every 10 s, and what of them is bad.
class DeriveIncidentsTest : public ::testing::Test {
 protected:
  DeriveIncidentsTest() {
    for (absl::Duration at = absl::Seconds(10); at <= absl::Hours(24); at += absl::Seconds(10)) {
      slots_.push_back({SlotOf(kTestStart + at, absl::Seconds(5)), {0, 10}});
    }
  }
  void Bad(absl::Duration from, absl::Duration to, int64_t bad) {
    for (SloHistory::Slot& slot : slots_) {
      const absl::Time end = SlotEnd(slot.slot, absl::Seconds(5));
      if (end > kTestStart + from && end <= kTestStart + to) slot.counts.bad = bad;
    }
  }
  SloHistory History() const {
    return SloHistory(LadderShape::For(absl::Seconds(5), absl::Hours(24 * 30), absl::Minutes(5)), slots_);
  }
  // 86,400 requests a day: 2,592 may fail in 30 days at 99.9 %.
  std::vector<std::string> Derive(double share) const {
    const Decimal objective = MustParseDecimal("0.999");
    const double budget =
        PeriodBudget(History(), objective, absl::Hours(24 * 30), kTestStart, kTestStart + absl::Hours(24));
    EXPECT_THAT(budget, DoubleNear(2592, 1e-6));
    std::vector<std::string> texts;
    for (const Incident& incident : DeriveIncidents(History(), objective, budget, share)) {
      texts.push_back(fmt::format("{} to {}: {}", absl::FormatDuration(incident.begin - kTestStart),
                                  absl::FormatDuration(incident.end - kTestStart), incident.what));
    }
    return texts;
  }

  std::vector<SloHistory::Slot> slots_;
};

TEST_F(DeriveIncidentsTest, WhatSpendsEnoughAtOnceIsAnIncident) {
  Bad(absl::Hours(2), absl::Hours(2) + m(10), 1);  // 60 bad, 2.3 %
  Bad(absl::Hours(5), absl::Hours(5) + m(5), 1);   // 30 bad, 1.2 %
  Bad(absl::Hours(8), absl::Hours(9), 10);         // 3,600 bad
  EXPECT_THAT(Derive(0.02),
              ElementsAre("2h to 2h10m: spent 2.31 % of the budget", "8h to 9h: spent 139 % of the budget"));
  EXPECT_THAT(Derive(0.01), ::testing::SizeIs(3));
  EXPECT_THAT(Derive(2), IsEmpty());
}

TEST_F(DeriveIncidentsTest, PausesOfAWindowDoNotPartAStretch) {
  Bad(absl::Hours(2), absl::Hours(2) + m(6), 1);
  Bad(absl::Hours(2) + m(10), absl::Hours(2) + m(16), 1);
  EXPECT_THAT(Derive(0.02), ElementsAre("2h to 2h16m: spent 2.78 % of the budget"));
}

TEST_F(DeriveIncidentsTest, SteadyErrorsWithinTheBudgetAreNone) {
  for (int minute = 0; minute < 24 * 60; minute += 20) Bad(m(minute), m(minute) + absl::Seconds(10), 1);
  EXPECT_THAT(Derive(0.001), ::testing::SizeIs(0));
}

TEST_F(DeriveIncidentsTest, AnEmptyHistoryHasNone) {
  slots_.clear();
  EXPECT_THAT(DeriveIncidents(History(), MustParseDecimal("0.999"), 1, 0.02), IsEmpty());
}

}  // namespace
}  // namespace firebreak
