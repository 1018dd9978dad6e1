#include "docs/runbooks/markdown.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

struct Case {
  const char* markdown;
  const char* html;
};

class MarkdownTest : public ::testing::TestWithParam<Case> {};

TEST_P(MarkdownTest, BecomesHtml) { EXPECT_EQ(MarkdownHtml(GetParam().markdown), GetParam().html); }

INSTANTIATE_TEST_SUITE_P(
    All, MarkdownTest,
    ::testing::Values(
        Case{"", ""}, Case{"\n\n", ""}, Case{"# Title\n", "<h1>Title</h1>\n"},
        Case{"## `a` b", "<h2><code>a</code> b</h2>\n"}, Case{"one\ntwo\n\nthree\n", "<p>one two</p>\n<p>three</p>\n"},
        Case{"a **bold `x`** b", "<p>a <strong>bold <code>x</code></strong> b</p>\n"},
        Case{"*a b* 3 * 4", "<p><em>a b</em> 3 * 4</p>\n"},
        Case{"`**no**` & <b>", "<p><code>**no**</code> &amp; &lt;b&gt;</p>\n"},
        Case{"[No `data`](NoData.md)", "<p><a href=\"NoData\">No <code>data</code></a></p>\n"},
        Case{"[page](../)", "<p><a href=\"../\">page</a></p>\n"},
        Case{"[a](https://h/x.md)", "<p><a href=\"https://h/x.md\">a</a></p>\n"},
        Case{"[\"](\"><script>)", "<p><a href=\"&quot;&gt;&lt;script&gt;\">&quot;</a></p>\n"},
        Case{"open ` and ** and [", "<p>open ` and ** and [</p>\n"},
        Case{"- a\n- b\n  more\n", "<ul>\n<li><p>a</p>\n</li>\n<li><p>b more</p>\n</li>\n</ul>\n"},
        Case{"1. a\n   - x\n   - y\n2. b\n\nend\n",
             "<ol>\n<li><p>a</p>\n<ul>\n<li><p>x</p>\n</li>\n<li><p>y</p>\n</li>\n</ul>\n</li>\n<li><p>b</p>\n</li>\n</"
             "ol>\n"
             "<p>end</p>\n"},
        Case{"1. a\n\n       code <1>\n\n2. b\n",
             "<ol>\n<li><p>a</p>\n<pre><code>code &lt;1&gt;</code></pre>\n</li>\n<li><p>b</p>\n</li>\n</ol>\n"},
        Case{"text\n- a", "<p>text</p>\n<ul>\n<li><p>a</p>\n</li>\n</ul>\n"},
        Case{"    a\n\n      b\n\nend", "<pre><code>a\n\n  b</code></pre>\n<p>end</p>\n"},
        Case{"| a | `b` |\n|---|---|\n| 1 | |\n",
             "<div class=\"table\"><table>\n<tr><th>a</th><th><code>b</code></th></tr>\n<tr><td>1</td><td></td></tr>\n"
             "</table></div>\n"},
        Case{"14.4 is no item", "<p>14.4 is no item</p>\n"}));

TEST(MarkdownHeadTest, IsTheFirstHeadingAndTheFirstBoldWords) {
  const MarkdownHead head = HeadOf("# A page\n\ntext **what it\nsays**, **more**\n");
  EXPECT_EQ(head.title, "A page");
  EXPECT_EQ(head.summary, "what it says");
}

TEST(MarkdownHeadTest, IsEmptyWithoutThem) {
  EXPECT_EQ(HeadOf("text\n").title, "");
  EXPECT_EQ(HeadOf("# A\n").summary, "");
}

}  // namespace
}  // namespace firebreak
