#include "api/lab/visible_text.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(VisibleTextTest, OnlyWhatCannotBeSeenIsEscaped) {
  EXPECT_EQ(VisibleText("/é–漢😀`|\\"), "/é–漢😀`|\\");
  EXPECT_EQ(VisibleText("\t\x7f\u0085\u061c\u200e\u2028\u202a\u2066\u2069"),
            "\\u0009\\u007f\\u0085\\u061c\\u200e\\u2028\\u202a\\u2066\\u2069");
  EXPECT_EQ(VisibleText("\xe2\x80"), "\xe2\x80");
}

}  // namespace
}  // namespace firebreak
