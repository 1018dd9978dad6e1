#include "docs/runbooks/runbooks.h"

#include <algorithm>
#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

// What follows each `open` in `text`, up to `close`.
void ForEach(std::string_view text, std::string_view open, char close,
             const std::function<void(std::string_view)>& check) {
  for (size_t at = text.find(open); at != text.npos; at = text.find(open)) {
    text.remove_prefix(at + open.size());
    check(text.substr(0, text.find(close)));
  }
}

TEST(RunbooksTest, TheArticlesFourAreThere) {
  EXPECT_THAT(RunbookNames(),
              IsSupersetOf({"SearchDegraded", "ShapeMismatch", "DownloadUrlsMissing", "FollowerPagingStuck"}));
}

TEST(RunbooksTest, UnknownNamesHaveNone) {
  for (std::string_view name : {"NoSuchAlert", "", "NoData.md", "nodata", "runbooks", "page.css"}) {
    EXPECT_EQ(RunbookText(name), std::nullopt) << name;
    EXPECT_EQ(RunbookPage(name), std::nullopt) << name;
  }
}

TEST(RunbooksTest, EachSaysWhatANightAsks) {
  for (std::string_view name : RunbookNames()) {
    if (name == "Watchdog") continue;  // nothing to do while it fires
    const std::string text(RunbookText(name).value());
    EXPECT_THAT(text, StartsWith("# ")) << name;
    EXPECT_THAT(text, HasSubstr("\n\n**")) << name << ": what it means comes first";
    EXPECT_THAT(text, HasSubstr("\n## First ")) << name;
    EXPECT_THAT(text, HasSubstr("\n## When it ")) << name;
    EXPECT_THAT(text, HasSubstr("\n## Silence and maintenance\n")) << name;
  }
}

TEST(RunbooksTest, BurnPagesDoTheArithmeticRight) {
  for (std::string_view name : {"ErrorBudgetBurn", "LatencyBudgetBurn"}) {
    const std::string text(RunbookText(name).value());
    EXPECT_THAT(text, HasSubstr("50 hours")) << name;  // 720 h / 14.4
    EXPECT_THAT(text, HasSubstr("5 days")) << name;    // 720 h / 6
  }
}

TEST(RunbooksTest, LinksLeadToPagesThatExist) {
  for (std::string_view name : RunbookNames()) {
    ForEach(RunbookText(name).value(), "](", ')', [&](std::string_view target) {
      ASSERT_TRUE(target.ends_with(".md")) << name << " links to " << target;
      EXPECT_NE(RunbookText(target.substr(0, target.size() - 3)), std::nullopt) << name << " links to " << target;
    });
    ForEach(RunbookPage(name).value(), "<a href=\"", '"', [&](std::string_view target) {
      const bool is_server = target == "../" || target == "../runbooks";
      EXPECT_TRUE(is_server || RunbookPage(target).has_value()) << name << " links to " << target;
    });
  }
}

TEST(RunbooksTest, NoMarkupIsLeftInAPage) {
  for (std::string_view name : RunbookNames()) {
    const std::string page(RunbookPage(name).value());
    for (const char* mark : {"**", " *", "`", "](", "\n#", "\n- ", "|---"})
      EXPECT_THAT(page, Not(HasSubstr(mark))) << name;
  }
}

TEST(RunbooksTest, PagesLoadAndRunNothing) {
  for (std::string_view name : RunbookNames()) {
    const std::string page(RunbookPage(name).value());
    EXPECT_THAT(page, HasSubstr("<style>" + std::string(RunbookStyle()) + "</style>")) << name;
    for (const char* part : {"<script", "<img", "style=\"", " src=", "url(", "@import", "http-equiv"}) {
      EXPECT_THAT(page, Not(HasSubstr(part))) << name;
    }
  }
}

TEST(RunbooksTest, TheIndexLeadsToAll) {
  std::vector<std::string_view> targets;
  ForEach(RunbookIndexPage(), "<a href=\"runbooks/", '"', [&](std::string_view name) { targets.push_back(name); });
  EXPECT_EQ(targets, RunbookNames());
}

}  // namespace
}  // namespace firebreak
