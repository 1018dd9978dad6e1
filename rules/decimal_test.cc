#include "rules/decimal.h"

#include <cstdint>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;

Decimal MustParse(std::string_view text) {
  const absl::StatusOr<Decimal> decimal = Decimal::Parse(text);
  EXPECT_TRUE(decimal.ok()) << text << ": " << decimal.status();
  return decimal.value_or(Decimal());
}

std::string ErrorOf(std::string_view text) {
  const absl::StatusOr<Decimal> decimal = Decimal::Parse(text);
  EXPECT_FALSE(decimal.ok()) << text;
  return std::string(decimal.status().message().data(), decimal.status().message().size());
}

TEST(DecimalTest, ReadsWhatPeopleWrite) {
  const struct {
    std::string_view text;
    int64_t digits;
    int scale;
  } kRows[] = {
      {"0", 0, 0},
      {"0.000", 0, 0},
      {"6", 6, 0},
      {"6.0", 6, 0},
      {"14.4", 144, 1},
      {".5", 5, 1},
      {"0.999", 999, 3},
      {"0.990", 99, 2},
      {"99.9%", 999, 3},
      {"99.90%", 999, 3},
      {"100%", 1, 0},
      {"1000%", 10, 0},
      {"0%", 0, 0},
      {"0.01%", 1, 4},
      {"1000", 1000, 0},
      {"00012.500", 125, 1},
      {"999999999999999999", 999999999999999999, 0},
      {"0.000000000000000001", 1, 18},
      {"0.999999999999999999", 999999999999999999, 18},
      {"0.5000000000000000000000000000000000", 5, 1},
      {"100000000000000000", 100000000000000000, 0},
  };
  for (const auto& row : kRows) {
    const Decimal decimal = MustParse(row.text);
    EXPECT_EQ(decimal.digits(), row.digits) << row.text;
    EXPECT_EQ(decimal.scale(), row.scale) << row.text;
  }
}

TEST(DecimalTest, RefusesWhatIsNoPlainDecimal) {
  for (const std::string_view text :
       {"", ".", "%", "5.", "-1", "+1", "1e3", "0x10", "1,5", " 1", "1 ", "1.2.3", "nan", "inf", "99.9%%", "99.9 %"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("is not a decimal number such as 0.999 or 99.9%")) << text;
  }
}

TEST(DecimalTest, RefusesMoreThan18Digits) {
  for (const std::string_view text : {"1000000000000000000", "9999999999999999999", "0.0000000000000000001",
                                      "1.000000000000000001", "0.00000000000000001%"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("at most 18 significant digits")) << text;
  }
}

TEST(DecimalTest, ErrorsQuoteOnlyTheBeginningOfALongText) {
  EXPECT_LT(ErrorOf(std::string(100000, 'x')).size(), 200u);
  EXPECT_LT(ErrorOf(std::string(100000, '1')).size(), 200u);
}

TEST(DecimalTest, OneMinusIsExact) {
  EXPECT_EQ(MustParse("0.999").OneMinus(), MustParse("0.001"));
  EXPECT_EQ(MustParse("0.99").OneMinus(), MustParse("0.01"));
  EXPECT_EQ(MustParse("0").OneMinus(), MustParse("1"));
  EXPECT_EQ(MustParse("1").OneMinus(), MustParse("0"));
  EXPECT_EQ(MustParse("0.000000000000000001").OneMinus(), MustParse("0.999999999999999999"));
}

TEST(DecimalTest, PrintsTheShortestExactText) {
  const struct {
    std::string_view text;
    std::string_view plain;
    std::string_view percent;
  } kRows[] = {
      {"14.40", "14.4", "1440"},       {"6", "6", "600"},
      {"0.0144", "0.0144", "1.44"},    {"0.001", "0.001", "0.1"},
      {"0.00001", "0.00001", "0.001"}, {"0", "0", "0"},
      {"99.5%", "0.995", "99.5"},      {"999999999999999999", "999999999999999999", "99999999999999999900"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(MustParse(row.text).ToString(), row.plain);
    EXPECT_EQ(MustParse(row.text).ToPercentString(), row.percent);
  }
}

TEST(DecimalTest, DoubleIsTheNearestOne) {
  EXPECT_EQ(MustParse("0.999").ToDouble(), 0.999);
  EXPECT_EQ(MustParse("14.4").ToDouble(), 14.4);
  EXPECT_EQ(MustParse("0.123456789012345678").ToDouble(), 0.123456789012345678);
}

Decimal Arbitrary() {
  const int64_t digits =
      *rc::gen::oneOf(rc::gen::inRange<int64_t>(0, 1000000000000000000), rc::gen::inRange<int64_t>(0, 100000));
  return Decimal::FromParts(digits, *rc::gen::inRange(0, 19));
}

TEST(DecimalProperty, TextRoundTrips) {
  EXPECT_TRUE(rc::check("Parse(ToString(x)) == x", [] {
    const Decimal decimal = Arbitrary();
    const absl::StatusOr<Decimal> back = Decimal::Parse(decimal.ToString());
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == decimal);
  }));
}

TEST(DecimalProperty, PercentTextRoundTrips) {
  EXPECT_TRUE(rc::check("Parse(ToPercentString(x) + %) == x", [] {
    const Decimal decimal = Arbitrary();
    const absl::StatusOr<Decimal> back = Decimal::Parse(decimal.ToPercentString() + "%");
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == decimal);
  }));
}

// Digits of a whole number with 18 places before the point and 18 after it: texts of equal length compare as numbers.
std::string FixedText(const Decimal& decimal) {
  const std::string text = decimal.ToString();
  const size_t point = text.find('.');
  const std::string whole = text.substr(0, point);
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  fraction.resize(18, '0');
  return std::string(18 - whole.size(), '0') + whole + fraction;
}

TEST(DecimalProperty, OrderIsThatOfTheNumbers) {
  EXPECT_TRUE(rc::check("a < b exactly if their padded texts are", [] {
    const Decimal a = Arbitrary();
    const Decimal b = Arbitrary();
    RC_ASSERT((a < b) == (FixedText(a) < FixedText(b)));
    RC_ASSERT((a == b) == (FixedText(a) == FixedText(b)));
  }));
}

}  // namespace
}  // namespace firebreak
