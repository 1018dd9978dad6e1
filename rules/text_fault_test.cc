#include "rules/text_fault.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

TEST(TextFaultTest, PlainTextHasNone) {
  for (const std::string_view text : {""sv, "abc\t\r\n"sv, "caf\xc3\xa9"sv, "\xe2\x82\xac"sv, "\xf0\x9f\x94\xa5"sv,
                                      "\xc2\xa0"sv, "\xf4\x8f\xbf\xbf"sv, "\xed\x9f\xbf"sv, "\xee\x80\x80"sv}) {
    EXPECT_FALSE(FindTextFault(text).has_value()) << text;
  }
}

TEST(TextFaultTest, BrokenUtf8AndControlsAreFoundAtTheirPlace) {
  const struct {
    std::string_view text;
    Place want;
  } kRows[] = {
      {"\0"sv, {1, 1}},
      {"ab\0"sv, {1, 3}},
      {"a\n\x01"sv, {2, 1}},
      {"\x7f"sv, {1, 1}},
      {"\n\nx\x1b[0m"sv, {3, 2}},
      {"\x80"sv, {1, 1}},
      {"a\xff"sv, {1, 2}},
      {"\xc3"sv, {1, 1}},
      {"\xc3("sv, {1, 1}},
      {"\xc0\x80"sv, {1, 1}},
      {"\xe0\x80\x80"sv, {1, 1}},
      {"\xed\xa0\x80"sv, {1, 1}},
      {"\xf4\x90\x80\x80"sv, {1, 1}},
      {"\xf0\x9f\x94"sv, {1, 1}},
      {"\xc2\x9b"sv, {1, 1}},
      {"\xc3\xa9\x02"sv, {1, 3}},
  };
  for (const auto& row : kRows) {
    const std::optional<TextFault> fault = FindTextFault(row.text);
    ASSERT_TRUE(fault.has_value()) << row.text;
    EXPECT_EQ(fault->place, row.want) << row.text;
  }
}

}  // namespace
}  // namespace firebreak
