#include "rules/quoted.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

TEST(QuotedTest, IsOneLineWhateverTheText) {
  EXPECT_EQ(Quoted(""), R"("")");
  EXPECT_EQ(Quoted("a b"), R"("a b")");
  EXPECT_EQ(Quoted("a\n\t\0\x1b[31m\x7f"sv), R"("a\x0a\x09\x00\x1b[31m\x7f")");
  EXPECT_EQ(Quoted("say \"x\\\""), R"("say \"x\\\"")");
  EXPECT_EQ(Quoted("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
}

TEST(QuotedTest, CutsAfter60BytesButNeverWithinACharacter) {
  EXPECT_EQ(Quoted(std::string(60, 'x')), "\"" + std::string(60, 'x') + "\"");
  EXPECT_EQ(Quoted(std::string(61, 'x')), "\"" + std::string(60, 'x') + "…\"");
  EXPECT_EQ(Quoted(std::string(59, 'x') + "\xc3\xa9"), "\"" + std::string(59, 'x') + "…\"");
}

}  // namespace
}  // namespace firebreak
