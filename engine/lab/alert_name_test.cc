#include "engine/lab/alert_name.h"

#include <string>

#include "engine/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class AlertNameTest : public ::testing::Test {
 protected:
  AlertNameTest() {
    config_.tiers[0].latency_limit = absl::Seconds(1);
    config_.tiers[0].latency_burn = config_.tiers[0].burn;
    config_.tiers.push_back(MakeTier("search", "0.99", {"/search"}));
    config_.tiers[1].alert_by = AlertBy::kEndpoint;
  }

  // What is read, as it is printed; else the error.
  std::string Read(std::string_view text) const {
    const auto name = ParseAlertName(text, config_);
    return name.ok() ? AlertNameText(*name, config_) : std::string(name.status().message());
  }

  Config config_ = TestConfig();
};

TEST_F(AlertNameTest, NamesAreThoseOfATimeline) {
  EXPECT_THAT(AlertNames(config_),
              ElementsAre("checkout/availability/fast", "checkout/availability/slow", "checkout/latency/fast",
                          "checkout/latency/slow", "checkout/NoData", "search/availability/fast …",
                          "search/availability/slow …", "search/NoData"));
  for (const char* name : {"checkout/availability/fast", "checkout/latency/slow", "checkout/NoData", "search/NoData",
                           "search/availability/slow /a b/@c"}) {
    EXPECT_EQ(Read(name), name);
  }
}

TEST_F(AlertNameTest, AnEndpointMayStandBehindASlash) {
  EXPECT_EQ(Read("search/availability/fast/search"), "search/availability/fast /search");
  EXPECT_EQ(Read("search/availability/fast/a/b/"), "search/availability/fast /a/b/");
  EXPECT_EQ(Read("search/availability/fast __other__"), "search/availability/fast __other__");
}

TEST_F(AlertNameTest, AMisspeltOneIsNamedWithASuggestionAndAllThereAre) {
  for (const char* wrong : {"checkout/availability/fsat", "chekout/availability/fast", "checkout/availability/fasts"}) {
    EXPECT_THAT(Read(wrong), AllOf(HasSubstr(std::string("there is no alert \"") + wrong + "\", did you mean"),
                                   HasSubstr("there are:\n  checkout/availability/fast\n"),
                                   HasSubstr("\n  search/availability/fast …\n")));
  }
  EXPECT_THAT(Read("search/latency/fast /x"), HasSubstr("there is no alert"));
  EXPECT_THAT(Read(""), HasSubstr("there is no alert \"\"; there are:"));
}

TEST_F(AlertNameTest, AShortenedOneIsUnderstoodAsASuggestion) {
  EXPECT_THAT(Read("checkout/avail/fast"), HasSubstr("did you mean \"checkout/availability/fast\"?"));
  EXPECT_THAT(Read("c/l/s"), HasSubstr("did you mean \"checkout/latency/slow\"?"));
  EXPECT_THAT(Read("search/avail/fast"), HasSubstr("did you mean \"search/availability/fast …\"?"));
  EXPECT_THAT(Read("checkout//fast"), Not(HasSubstr("did you mean")));
}

TEST_F(AlertNameTest, EndpointsBelongToAlertsByEndpoint) {
  EXPECT_THAT(Read("search/availability/fast"),
              HasSubstr("wanted an endpoint behind it: search has alert_by: endpoint"));
  EXPECT_THAT(Read("checkout/availability/fast/pay"), HasSubstr("checkout has alert_by: tier"));
  EXPECT_THAT(Read("search/NoData /search"), HasSubstr("NoData is of the whole tier"));
}

}  // namespace
}  // namespace firebreak
