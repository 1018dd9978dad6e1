#include "engine/burn_rate.h"

#include "engine/testing.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

std::optional<double> BurnAt(std::string_view objective, int64_t bad, int64_t total) {
  return BurnRate(bad, total, MustParseDecimal(objective));
}

TEST(BurnRateTest, NoRequestsAreNoBurnRateNeitherZeroNorOne) { EXPECT_EQ(BurnAt("0.999", 0, 0), std::nullopt); }

TEST(BurnRateTest, NoFailuresAreZero) { EXPECT_EQ(BurnAt("0.999", 0, 1), 0); }

TEST(BurnRateTest, IsTheErrorRatioOverTheBudget) {
  const struct {
    const char* objective;
    int64_t bad, total;
    double burn;
  } kRows[] = {
      {"0.999", 1, 1000, 1}, {"0.999", 144, 10000, 14.4}, {"0.99", 1, 1000, 0.1},      {"0.9", 1, 1, 10},
      {"0.95", 1, 1, 20},    {"0.999", 1, 1, 1000},       {"0.999", 250, 250000, 1.0},
  };
  for (const auto& row : kRows) {
    EXPECT_NEAR(*BurnAt(row.objective, row.bad, row.total), row.burn, 1e-9) << row.objective << " " << row.bad;
  }
}

}  // namespace
}  // namespace firebreak
