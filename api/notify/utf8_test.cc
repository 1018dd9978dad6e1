#include "api/notify/utf8.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(Utf8Test, WhatIsNoneBecomesReplacementCharacters) {
  const struct {
    std::string_view name, text, shown;
  } kRows[] = {
      {"ASCII", "abc", "abc"},
      {"two to four bytes", "é€🌊", "é€🌊"},
      {"a lone continuation", "a\x80z", "a\uFFFDz"},
      {"overlong", "\xc0\xaf", "\uFFFD\uFFFD"},
      {"a surrogate", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
      {"beyond Unicode", "\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
      {"cut short", "a\xe2\x82", "a\uFFFD\uFFFD"},
      {"nothing", "", ""},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(ValidUtf8(row.text), row.shown) << row.name;
    EXPECT_EQ(IsUtf8(row.text), row.text == row.shown) << row.name;
  }
}

TEST(Utf8Test, OneLineHasNoBreaksAndNoControlCharacters) {
  EXPECT_EQ(OneLine("a\nb\r\tc\x7f\u0085\u2028\u2029d\xff"), "a b  c    d\uFFFD");
}

TEST(Utf8Test, LengthCountsAsUtf16Does) {
  EXPECT_EQ(Utf16Length("aé€"), 3u);
  EXPECT_EQ(Utf16Length("🌊"), 2u);
  EXPECT_EQ(Utf16Length("\xff\xff"), 2u);
}

TEST(Utf8Test, ClipKeepsWhatFitsAndMarksWhatItCuts) {
  EXPECT_EQ(Clip("abcd", 4), "abcd");
  EXPECT_EQ(Clip("abcde", 4), "abc…");
  EXPECT_EQ(Clip("🌊🌊", 4), "🌊🌊");
  EXPECT_EQ(Clip("🌊🌊", 3), "🌊…");
  EXPECT_EQ(Clip("a🌊b", 3), "a…");
  EXPECT_EQ(Clip("\xff\xff\xff", 2), "\uFFFD…");
  EXPECT_EQ(Clip("ab", 1), "…");
  EXPECT_EQ(Clip("", 1), "");
}

}  // namespace
}  // namespace firebreak
