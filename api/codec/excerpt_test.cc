#include "api/codec/excerpt.h"

#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(ExcerptTest, TextIsCutAfter64Bytes) {
  EXPECT_EQ(Excerpt(std::string(64, 'x')), std::string(64, 'x'));
  EXPECT_EQ(Excerpt(std::string(65, 'x')), std::string(64, 'x') + "...");
  const std::string ends_in_the_cut = std::string(63, 'x') + "\u00e9";  // never half a character
  EXPECT_EQ(Excerpt(ends_in_the_cut), std::string(63, 'x') + "...");
}

TEST(ExcerptTest, WhatATerminalMightObeyIsEscaped) {
  const std::pair<std::string, std::string> rows[] = {
      {"", ""},
      {"plain \u00e9 \U0001F600", "plain \u00e9 \U0001F600"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\x1b[31m\n\x7f", "\\x1B[31m\\x0A\\x7F"},
      {"\u0085\u009b", "\\xC2\\x85\\xC2\\x9B"},
      {"\u00a0", "\u00a0"},
      {"\xFF\xC3", "\\xFF\\xC3"},
  };
  for (const auto& [text, shown] : rows) EXPECT_EQ(Excerpt(text), shown);
}

TEST(ExcerptTest, PrintableUtf8IsToldFromTheRest) {
  for (const std::string_view text :
       {"", "a", "\u00a0", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"}) {
    EXPECT_TRUE(IsPrintableUtf8(text)) << text;
  }
  for (const std::string_view text :
       {"\x1f", "\x7f", "\xC2\x80", "\xC2\x9F", "\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF",
        "\xED\xA0\x80", "\xEF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "a\xFF"}) {
    EXPECT_FALSE(IsPrintableUtf8(text)) << Excerpt(text);
  }
}

}  // namespace
}  // namespace firebreak
