#include "engine/offenders.h"

#include <memory>

#include "engine/pipeline.h"
#include "engine/testing.h"
#include "fmt/format.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

constexpr absl::Duration kWeek = absl::Hours(7 * 24);

class OffendersTest : public ::testing::Test {
 protected:
  void Send(absl::Time when, std::string_view endpoint, int status, int64_t count) {
    pipeline_.Apply(Fold(rules_, {MakeEvent(when, endpoint, status, count)}));
  }
  // "/pay 50/1000 burnt 0.5", most first.
  std::vector<std::string> At(absl::Time now, size_t limit = 100, absl::Duration window = kWeek) {
    pipeline_.Tick(now);
    std::vector<std::string> texts;
    for (const Offender& offender : Offenders(pipeline_.LastEvaluation(), window, limit)) {
      texts.push_back(fmt::format("{} {}/{} burnt {}", offender.endpoint, offender.counts.bad, offender.counts.total,
                                  offender.burnt));
    }
    return texts;
  }
  using Texts = std::vector<std::string>;

  TransitionLog log_;
  std::shared_ptr<const RuleSet> rules_ = MakeRules(TestConfig());
  Pipeline pipeline_{rules_, {}, kTestStart, log_};
};

TEST_F(OffendersTest, WithoutRequestsThereIsNone) { EXPECT_EQ(At(kTestStart + absl::Hours(1)), Texts{}); }

TEST_F(OffendersTest, ComeByWhatTheyBurnt) {
  // 100,000 requests allow 100 bad ones.
  Send(kTestStart + absl::Hours(1), "/cart", 200, 50'000);
  Send(kTestStart + absl::Hours(1), "/pay", 200, 49'925);
  Send(kTestStart + absl::Hours(1), "/pay", 503, 50);
  Send(kTestStart + absl::Hours(1), "/cart", 503, 25);
  EXPECT_EQ(At(kTestStart + absl::Hours(2)), (Texts{"/pay 50/49975 burnt 0.5", "/cart 25/50025 burnt 0.25"}));
  EXPECT_EQ(At(kTestStart + absl::Hours(3), 1), Texts{"/pay 50/49975 burnt 0.5"});
}

TEST_F(OffendersTest, OnlyTheWindowCountsAndItsShareIsOfThePeriod) {
  Send(kTestStart + absl::Hours(1), "/pay", 200, 49'900);
  Send(kTestStart + absl::Hours(1), "/pay", 503, 100);
  Send(kTestStart + absl::Hours(10 * 24), "/cart", 503, 10);
  Send(kTestStart + absl::Hours(10 * 24), "/cart", 200, 49'990);
  EXPECT_EQ(At(kTestStart + absl::Hours(10 * 24 + 1)), Texts{"/cart 10/50000 burnt 0.1"});
}

TEST_F(OffendersTest, WhatWasUnderMaintenanceIsNoOffence) {
  Send(kTestStart + absl::Hours(1), "/pay", 503, 50);
  Send(kTestStart + absl::Hours(5), "/cart", 200, 100);
  pipeline_.SetMaintenance(std::make_shared<const MaintenanceList>(
      std::vector<MaintenanceWindow>{{"deploy", "checkout", kTestStart, kTestStart + absl::Hours(2), "", kTestStart}}));
  EXPECT_EQ(At(kTestStart + absl::Hours(6)), Texts{"/cart 0/100 burnt 0"});
}

TEST_F(OffendersTest, ATotalOutageIsAFiniteShare) {
  Send(kTestStart + absl::Hours(1), "/pay", 503, 1);
  EXPECT_EQ(At(kTestStart + absl::Hours(2)), Texts{"/pay 1/1 burnt 1000"});
}

}  // namespace
}  // namespace firebreak
