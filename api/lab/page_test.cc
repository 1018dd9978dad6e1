#include "api/lab/page.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// How often `part` is in `text`.
int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(PageTest, HoldsAllThatItNeeds) {
  const std::string html = RenderPage({"A title", R"({"answer":42})", "draw();", ".mine { color: red; }"});
  EXPECT_THAT(html, HasSubstr("<title>A title</title>"));
  EXPECT_THAT(html, HasSubstr(R"(id="data">{"answer":42}</script>)"));
  EXPECT_THAT(html, HasSubstr("<script>draw();</script>"));
  EXPECT_THAT(html, HasSubstr(".mine { color: red; }"));
  EXPECT_THAT(html, HasSubstr("Licensed to the Apache Software Foundation")) << "ECharts is there, with its licence";
  EXPECT_THAT(html, HasSubstr("const page ="));
  EXPECT_EQ(CountOf(html, "<script>"), 3);
}

// ECharts' own text speaks of images that it makes when it is told to.
std::string WithoutECharts(std::string html) {
  const size_t begin = html.find("<script>");
  return html.erase(begin, html.find("</script>", begin) - begin);
}

TEST(PageTest, LoadsNothing) {
  const std::string html = WithoutECharts(RenderPage({"A title", "{}", "draw();", ""}));
  for (const char* loading : {"<script src", "<link", "<img", "@import", "url("}) {
    EXPECT_THAT(html, Not(HasSubstr(loading)));
  }
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

TEST(PageTest, DataIsNoMarkup) {
  const std::string html = RenderPage(
      {"</title><script>alert(1)</script>",
       R"({"endpoint":"/x</script><script>alert('2')</script><!--","other":"&lt;img src=x onerror=alert(3)>"})",
       "draw();", ""});
  EXPECT_EQ(CountOf(html, "<script>"), 3) << "ECharts, page.js and ours";
  EXPECT_THAT(html, HasSubstr("<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>"));
  EXPECT_THAT(html, HasSubstr(R"("/x\u003c/script\u003e\u003cscript\u003ealert('2'))"));
  EXPECT_THAT(html, HasSubstr(R"("\u0026lt;img src=x onerror=alert(3)\u003e")"));
}

TEST(PageTest, OnlyItsOwnScriptsMayRun) {
  // printf %s 'draw();' | openssl dgst -sha256 -binary | base64
  const std::string html = RenderPage({"A title", "{}", "draw();", ""});
  const std::string policy = html.substr(html.find("script-src"), html.find("<title>") - html.find("script-src"));
  EXPECT_THAT(policy, HasSubstr("'sha256-Nrzt+Ak9TKllQ0f6KxPbgRgME4RTzfjVUaOmcylYOV8='"));
  EXPECT_EQ(CountOf(policy, "'sha256-"), 3);
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
}

TEST(PageTest, TextBecomesHtml) {
  EXPECT_EQ(EscapeHtml(R"(a < b && "c" > 'd')"), "a &lt; b &amp;&amp; &quot;c&quot; &gt; &#39;d&#39;");
  EXPECT_EQ(EscapeHtml("ä → €"), "ä → €");
  EXPECT_EQ(EscapeHtml(""), "");
}

}  // namespace
}  // namespace firebreak
