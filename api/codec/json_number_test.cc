#include "api/codec/json_number.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace firebreak {
namespace {

TEST(JsonNumberTest, IntegersAndDecimalsAreRead) {
  struct Row {
    std::string_view text;
    bool is_integer;
    int64_t integer;
    double value;
  };
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  const Row rows[] = {
      {"0", true, 0, 0},
      {"-0", true, 0, 0},
      {"200", true, 200, 200},
      {"-1", true, -1, -1},
      {"999999999999999999", true, 999'999'999'999'999'999, 1e18},
      {"9223372036854775807", true, kMax, 9223372036854775807.0},
      {"9223372036854775808", true, kMax, 9223372036854775808.0},
      {"-9223372036854775808", true, kMin, -9223372036854775808.0},
      {"-9223372036854775809", true, kMin, -9223372036854775809.0},
      {"123456789012345678901234567890", true, kMax, 123456789012345678901234567890.0},
      {"0.5", false, 0, 0.5},
      {"-12.25", false, 0, -12.25},
      {"0.1", false, 0, 0.1},
      {"123456789.12345", false, 0, 123456789.12345},
      {"0.1234567890123", false, 0, 0.1234567890123},
      {"1e2", false, 0, 100},
      {"1E+2", false, 0, 100},
      {"1.5e-2", false, 0, 0.015},
      {"1e-999", false, 0, 0},
      {"0.0e999", false, 0, 0},
      {"1.7976931348623157e308", false, 0, 1.7976931348623157e308},
  };
  for (const Row& row : rows) {
    JsonNumber number;
    ASSERT_TRUE(ParseJsonNumber(row.text, number)) << row.text;
    EXPECT_EQ(number.is_integer, row.is_integer) << row.text;
    EXPECT_EQ(number.integer, row.integer) << row.text;
    EXPECT_EQ(number.value, row.value) << row.text;
  }
}

TEST(JsonNumberTest, OtherTextIsNoNumber) {
  for (const std::string_view text : {"",    "-",     "+1",     "01",      "-01", "1.",       ".5",        "1.e2", "1e",
                                      "1e+", "1e2.5", "0x1",    "1_000",   "NaN", "Infinity", "-Infinity", "1 ",   " 1",
                                      "1,0", "1e999", "-1e999", "1.8e308", "--1", "1-",       "00",        "1f"}) {
    JsonNumber number;
    EXPECT_FALSE(ParseJsonNumber(text, number)) << text;
  }
}

RC_GTEST_PROP(JsonNumberTest, DecimalsAreRoundedAsTheLibraryDoes, (int64_t digits, uint8_t places)) {
  std::string text = std::to_string(std::abs(digits % 1'000'000'000'000'000'000));
  const size_t point = places % (text.size() + 1);
  text.insert(text.size() - point, point == 0 ? "" : ".");
  if (text.front() == '.') text.insert(0, "0");
  JsonNumber number;
  RC_ASSERT(ParseJsonNumber(text, number));
  RC_ASSERT(number.value == std::strtod(text.c_str(), nullptr));
}

}  // namespace
}  // namespace firebreak
