#include "rules/threshold.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace firebreak {
namespace {

Decimal D(std::string_view text) {
  const absl::StatusOr<Decimal> decimal = Decimal::Parse(text);
  EXPECT_TRUE(decimal.ok()) << decimal.status();
  return decimal.value_or(Decimal());
}

TEST(ThresholdTest, FiresStrictlyAboveAndNeverAt) {
  const Threshold threshold(D("14.4"), D("0.999"));
  EXPECT_FALSE(threshold.ExceededBy(144, 10000));
  EXPECT_TRUE(threshold.ExceededBy(145, 10000));
  EXPECT_FALSE(threshold.ExceededBy(143, 10000));
}

TEST(ThresholdTest, IsReachedFromTheVeryThresholdOn) {
  const Threshold threshold(D("14.4"), D("0.999"));
  EXPECT_FALSE(threshold.ReachedBy(143, 10000));
  EXPECT_TRUE(threshold.ReachedBy(144, 10000));
  EXPECT_TRUE(threshold.ReachedBy(145, 10000));
  EXPECT_FALSE(threshold.ReachedBy(0, 0));
}

TEST(ThresholdTest, BothEdgesOfTheArticlesRules) {
  const struct {
    std::string_view burn;
    std::string_view objective;
    int64_t total;
    int64_t last_quiet_bad;
  } kRows[] = {
      {"14.4", "0.999", 10000, 144}, {"6.0", "0.999", 10000, 60},     {"10", "0.995", 1000, 50},
      {"3", "99.5%", 1000, 15},      {"6", "0.990", 100, 6},          {"2", "0.99", 100, 2},
      {"14.4", "0.95", 100, 72},     {"14.4", "0.999", 250000, 3600}, {"1", "0.999", 250000, 250},
      {"1", "0.995", 250000, 1250},  {"1", "0.99", 250000, 2500},
  };
  for (const auto& row : kRows) {
    const Threshold threshold(D(row.burn), D(row.objective));
    EXPECT_FALSE(threshold.ExceededBy(row.last_quiet_bad, row.total)) << row.burn << " at " << row.objective;
    EXPECT_TRUE(threshold.ExceededBy(row.last_quiet_bad + 1, row.total)) << row.burn << " at " << row.objective;
  }
}

TEST(ThresholdTest, NoEventsNeverExceed) { EXPECT_FALSE(Threshold(D("0"), D("0.999")).ExceededBy(0, 0)); }

TEST(ThresholdTest, LargestCountsDoNotOverflow) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const Threshold finest(D("0.999999999999999999"), D("0.000000000000000001"));
  EXPECT_TRUE(finest.ExceededBy(kMax, kMax));
  EXPECT_FALSE(finest.ExceededBy(0, kMax));
  const Threshold largest(D("999999999999999999"), D("0.000000000000000001"));
  EXPECT_FALSE(largest.ExceededBy(kMax, kMax));
}

TEST(ThresholdTest, TheLargestBurnIsOneOverTheBudget) {
  EXPECT_TRUE(Threshold(D("1000"), D("0.999")).CanNeverBeExceeded());
  EXPECT_FALSE(Threshold(D("999.999"), D("0.999")).CanNeverBeExceeded());
  EXPECT_TRUE(Threshold(D("20"), D("0.95")).CanNeverBeExceeded());
  EXPECT_FALSE(Threshold(D("19.9999"), D("0.95")).CanNeverBeExceeded());
}

TEST(ThresholdTest, PrintsItsRatioExactly) {
  EXPECT_EQ(Threshold(D("14.4"), D("0.999")).ToPercentString(), "1.44");
  EXPECT_EQ(Threshold(D("14.4"), D("0.95")).ToPercentString(), "72");
  EXPECT_EQ(Threshold(D("1000"), D("0.99")).ToPercentString(), "1000");
  EXPECT_EQ(Threshold(D("14.4"), D("0.999")).ToDouble(), 0.0144);
}

// The oracle: numbers of any size as decimal digits, the lowest first, multiplied as on paper.
using Digits = std::vector<int>;

Digits FromInt(int64_t value) {
  Digits digits;
  for (; value > 0; value /= 10) digits.push_back(static_cast<int>(value % 10));
  return digits;
}

Digits Times(const Digits& a, const Digits& b) {
  Digits product(a.size() + b.size(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) product[i + j] += a[i] * b[j];
  }
  for (size_t i = 0; i + 1 < product.size(); ++i) {
    product[i + 1] += product[i] / 10;
    product[i] %= 10;
  }
  while (!product.empty() && product.back() == 0) product.pop_back();
  return product;
}

Digits TimesPowerOfTen(Digits digits, int exponent) {
  if (!digits.empty()) digits.insert(digits.begin(), static_cast<size_t>(exponent), 0);
  return digits;
}

bool Greater(const Digits& a, const Digits& b) {
  if (a.size() != b.size()) return a.size() > b.size();
  return std::lexicographical_compare(b.rbegin(), b.rend(), a.rbegin(), a.rend());
}

bool OracleExceeded(const Decimal& burn, const Decimal& objective, int64_t bad, int64_t total) {
  if (total == 0) return false;
  const Decimal allowed = objective.OneMinus();
  const Digits left = TimesPowerOfTen(FromInt(bad), burn.scale() + allowed.scale());
  const Digits right = Times(Times(FromInt(burn.digits()), FromInt(allowed.digits())), FromInt(total));
  return Greater(left, right);
}

TEST(ThresholdProperty, AgreesWithPaperArithmetic) {
  EXPECT_TRUE(rc::check("ExceededBy", [] {
    const int objective_scale = *rc::gen::inRange(1, 19);
    int64_t one = 1;
    for (int i = 0; i < objective_scale; ++i) one *= 10;
    const Decimal objective = Decimal::FromParts(*rc::gen::inRange<int64_t>(0, one), objective_scale);
    const Decimal burn =
        Decimal::FromParts(*rc::gen::inRange<int64_t>(0, 1000000000000000000), *rc::gen::inRange(0, 19));
    const int64_t total = *rc::gen::oneOf(rc::gen::inRange<int64_t>(0, std::numeric_limits<int64_t>::max()),
                                          rc::gen::inRange<int64_t>(0, 100000));
    const Threshold threshold(burn, objective);
    // The interesting counts are those beside the threshold.
    const double share = threshold.ToDouble() < 1 ? threshold.ToDouble() : 1;
    const int64_t near = static_cast<int64_t>(static_cast<double>(total) * share * 0.999999999);
    for (int64_t bad : {int64_t{0}, near - 1, near, near + 1, *rc::gen::inRange<int64_t>(0, total + 1), total}) {
      bad = std::clamp<int64_t>(bad, 0, total);
      RC_ASSERT(threshold.ExceededBy(bad, total) == OracleExceeded(burn, objective, bad, total));
    }
  }));
}

TEST(ThresholdProperty, ExactTiesAreNotAbove) {
  EXPECT_TRUE(rc::check("total * digits / 10^scale does not exceed, one more does", [] {
    const int64_t burn_tenths = *rc::gen::inRange<int64_t>(1, 9999);
    const Threshold threshold(Decimal::FromParts(burn_tenths, 1), D("0.999"));
    const int64_t scale = *rc::gen::inRange<int64_t>(1, 1000000000);
    const int64_t tie = burn_tenths * scale;
    RC_ASSERT(!threshold.ExceededBy(tie, 10000 * scale));
    RC_ASSERT(threshold.ExceededBy(tie + 1, 10000 * scale));
  }));
}

}  // namespace
}  // namespace firebreak
