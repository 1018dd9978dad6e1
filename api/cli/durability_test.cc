#include "api/cli/durability.h"

#include "fmt/format.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(DurabilityTest, TheThreeModesAreRead) {
  EXPECT_EQ(ParseDurability("always")->mode, Durability::Mode::kAlways);
  EXPECT_EQ(ParseDurability("none")->mode, Durability::Mode::kNone);
  EXPECT_EQ(ParseDurability("interval=250ms")->mode, Durability::Mode::kInterval);
  EXPECT_EQ(ParseDurability("interval=250ms")->interval, absl::Milliseconds(250));
}

TEST(DurabilityTest, BothEdgesOfTheInterval) {
  EXPECT_TRUE(ParseDurability("interval=10ms").ok());
  EXPECT_FALSE(ParseDurability("interval=9ms").ok());
  EXPECT_TRUE(ParseDurability("interval=1m").ok());
  EXPECT_FALSE(ParseDurability("interval=61s").ok());
}

TEST(DurabilityTest, AnythingElseIsRefusedAndNamed) {
  for (const char* text : {"", "Always", "interval", "interval=", "interval=1", "interval=x", "never"}) {
    const absl::Status status = ParseDurability(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(std::string(status.message()).find(fmt::format("--durability {}", text)), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace firebreak
