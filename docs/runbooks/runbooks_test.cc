#include "docs/runbooks/runbooks.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(RunbooksTest, EveryAlertOfOursHasAPage) {
  EXPECT_THAT(RunbookNames(), ElementsAre("DeliveryParked", "ErrorBudgetBurn", "IngestRefused", "LatencyBudgetBurn",
                                          "NoData", "Watchdog"));
}

TEST(RunbooksTest, APageBeginsWithItsAlert) {
  for (std::string_view name : RunbookNames()) {
    EXPECT_THAT(std::string(RunbookText(name).value()), StartsWith("# " + std::string(name) + "\n"));
  }
}

TEST(RunbooksTest, UnknownNamesHaveNone) {
  EXPECT_EQ(RunbookText("NoSuchAlert"), std::nullopt);
  EXPECT_EQ(RunbookText(""), std::nullopt);
  EXPECT_EQ(RunbookText("NoData.md"), std::nullopt);
  EXPECT_EQ(RunbookText("nodata"), std::nullopt);
}

TEST(RunbooksTest, BurnPagesDoTheArithmeticRight) {
  for (std::string_view name : {"ErrorBudgetBurn", "LatencyBudgetBurn"}) {
    std::string text(RunbookText(name).value());
    EXPECT_THAT(text, HasSubstr("50 hours")) << name;  // 720 h / 14.4
    EXPECT_THAT(text, HasSubstr("5 days")) << name;    // 720 h / 6
  }
}

TEST(RunbooksTest, LinksLeadToPagesThatExist) {
  for (std::string_view name : RunbookNames()) {
    std::string_view rest = RunbookText(name).value();
    for (size_t at = rest.find("]("); at != rest.npos; at = rest.find("](")) {
      rest.remove_prefix(at + 2);
      std::string_view target = rest.substr(0, rest.find(')'));
      EXPECT_NE(RunbookText(target), std::nullopt) << name << " links to " << target;
    }
  }
}

}  // namespace
}  // namespace firebreak
