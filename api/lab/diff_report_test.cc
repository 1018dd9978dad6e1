#include "api/lab/diff_report.h"

#include <string>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DiffReportTest : public ::testing::Test {
 protected:
  DiffReportTest() {
    report_.old_path = "old|1.yaml";
    report_.new_path = "new.yaml";
    report_.summary.events = 7;
  }
  void Lost(const std::string& endpoint, const std::string& severity) {
    TimelineAlert alert{Labels{{"alertname", "ErrorBudgetBurn"}, {"severity", severity}},
                        "web",
                        "availability",
                        "fast",
                        endpoint,
                        absl::FromUnixSeconds(1764000000),
                        {}};
    report_.changes.push_back({TimelineChange::Kind::kLost, alert, std::nullopt});
  }
  DiffReport report_;
};

TEST_F(DiffReportTest, MarkdownCannotBreakOutOfItsTable) {
  Lost("/a|b`<i>\\", "page");
  const std::string markdown = DiffMarkdown(report_);
  EXPECT_THAT(markdown, HasSubstr("### Alerts: `old|1.yaml` → `new.yaml`"));
  EXPECT_THAT(markdown, HasSubstr("| lost | page | `` web/availability/fast /a\\|b`<i>\\ `` | 2025-11-24T16:00:00Z to "
                                  "the end | – |\n"));
}

TEST_F(DiffReportTest, NamesAreNoMarkdown) {
  struct Case {
    std::string endpoint;
    std::string cell;
  };
  const Case cases[] = {{"@everyone", "`web/availability/fast @everyone`"},
                        {"[x](javascript:alert(1))", "`web/availability/fast [x](javascript:alert(1))`"},
                        {"**b** _it_", "`web/availability/fast **b** _it_`"},
                        {"`@a` ``b``", "``` web/availability/fast `@a` ``b`` ```"},
                        {"/a\\|b", "`web/availability/fast /a\\\\u007cb`"},
                        {"/a\u202eb\nc", "`web/availability/fast /a\\u202eb\\u000ac`"}};
  for (const Case& c : cases) {
    report_.changes.clear();
    Lost(c.endpoint, "page");
    EXPECT_THAT(DiffMarkdown(report_), HasSubstr(fmt::format("| lost | page | {} | 2025", c.cell)));
  }
  report_.read.notes = {"@everyone"};
  EXPECT_THAT(DiffMarkdown(report_), HasSubstr("Note: `@everyone`\n"));
}

TEST_F(DiffReportTest, WhatCannotBeSeenIsEscapedInTextToo) {
  Lost("/a\u202eb\x1b[31m", "page");
  EXPECT_THAT(DiffText(report_), HasSubstr("web/availability/fast /a\\u202eb\\u001b[31m"));
}

TEST_F(DiffReportTest, WhatResolvedLaterIsAChange) {
  Lost("", "page");
  TimelineChange& change = report_.changes.back();
  change.kind = TimelineChange::Kind::kLonger;
  change.after = change.before;
  EXPECT_THAT(DiffText(report_), HasSubstr("longer  page"));
  change.before->resolved = change.before->fired + absl::Hours(1);
  change.after->resolved = change.before->fired + absl::Hours(2);
  EXPECT_TRUE(HasChanges(report_));
  EXPECT_THAT(DiffText(report_), HasSubstr("1h longer  page"));
  EXPECT_THAT(DiffMarkdown(report_), HasSubstr("| 1h longer | page |"));
  EXPECT_EQ(nlohmann::json::parse(DiffJson(report_))["totals"]["page"]["longer"], 1);
}

TEST_F(DiffReportTest, WhatWasCountedTooLateIsSaidEverywhere) {
  report_.summary.behind = 3;
  EXPECT_THAT(DiffText(report_), HasSubstr("3 counted after their evaluation (see --lateness)"));
  EXPECT_THAT(DiffMarkdown(report_), HasSubstr("3 counted after their evaluation (see --lateness)"));
  EXPECT_EQ(nlohmann::json::parse(DiffJson(report_))["read"]["behind"], 3);
}

TEST_F(DiffReportTest, TotalsAreBySeverity) {
  Lost("", "page");
  Lost("", "ticket");
  Lost("", "ticket");
  EXPECT_THAT(DiffText(report_),
              HasSubstr("pages: 0 gained, 1 lost, 0 earlier, 0 later, 0 longer, 0 shorter, 0 unchanged; "
                        "tickets: 0 gained, 2 lost"));
  const auto json = nlohmann::json::parse(DiffJson(report_));
  EXPECT_EQ(json["totals"]["ticket"]["lost"], 2);
  EXPECT_EQ(json["changes"][0]["new"], nullptr);
}

TEST_F(DiffReportTest, WithoutAChangeThatIsSaid) {
  EXPECT_FALSE(HasChanges(report_));
  EXPECT_THAT(DiffText(report_), HasSubstr("No alert changes."));
  EXPECT_THAT(DiffMarkdown(report_), Not(HasSubstr("|---|")));
}

}  // namespace
}  // namespace firebreak
