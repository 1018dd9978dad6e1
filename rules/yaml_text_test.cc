#include "rules/yaml_text.h"

#include <iterator>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rules/finding_list.h"
#include "rules/yaml_node.h"

namespace firebreak {
namespace {

TEST(YamlTextTest, IsPlainOnlyWhereNobodyTakesItForAnythingElse) {
  struct Row {
    const char* text;
    const char* written;
  };
  for (const Row& row : {
           Row{"tier1_interactive", "tier1_interactive"},
           Row{"/userid/", "/userid/"},
           Row{"page", "page"},
           Row{"", R"("")"},
           Row{"true", R"("true")"},
           Row{"No", R"("No")"},
           Row{"5", R"("5")"},
           Row{"-", R"("-")"},
           Row{"~^/x", R"("~^/x")"},
           Row{"a: b", R"("a: b")"},
           Row{"a#b", R"("a#b")"},
           Row{"say \"so\" \\", R"("say \"so\" \\")"},
           Row{"a\nb\tc\rd\x01", R"("a\nb\tc\rd\x01")"},
           Row{"a\xE2\x80\xA8z\xE2\x80\xA9", R"("a\Lz\P")"},
           Row{"Größe", "\"Größe\""},
       }) {
    EXPECT_EQ(YamlText(row.text), row.written);
  }
}

TEST(YamlTextTest, ReadsBackAsItself) {
  static constexpr std::string_view kPieces[] = {
      "a",  "7",   "\"", "'", "\\", "\n", "\t", " ", ":", "#", "-", "~", "%", "&",
      "*",  "!",   "|",  ">", "@",  "`",  "[",  "]", "{", "}", ",", "?", "é", "\xE2\x80\xA8",
      "\r", "true"};
  EXPECT_TRUE(rc::check([] {
    std::string text;
    for (const int piece :
         *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, static_cast<int>(std::size(kPieces))))) {
      text += kPieces[piece];
    }
    FindingList findings("f");
    const std::optional<YamlNode> root = ReadYaml("key: " + YamlText(text) + "\n", findings);
    RC_ASSERT(root.has_value());
    RC_ASSERT(root->values.front().kind == YamlNode::Kind::kScalar);
    RC_ASSERT(root->values.front().text == text);
  }));
}

TEST(YamlCommentTest, EveryLineIsAComment) {
  EXPECT_EQ(YamlComment("one"), "# one\n");
  EXPECT_EQ(YamlComment("one\n\ntwo\tx", "  "), "  # one\n  #\n  # two x\n");
}

}  // namespace
}  // namespace firebreak
