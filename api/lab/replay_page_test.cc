#include "api/lab/replay_page.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "rules/parse.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kStart = absl::FromUnixSeconds(1764000000);

class ReplayPageTest : public ::testing::Test {
 protected:
  // A replay of `bad` failures of ten requests each 10 s.
  void Replay(absl::Duration from, absl::Duration to, int bad, std::string_view endpoint) {
    for (absl::Duration at = from; at < to; at += absl::Seconds(10)) {
      for (int i = 0; i < 10; ++i) {
        Event event;
        event.time = kStart + at;
        event.endpoint = endpoint;
        event.status = i < bad ? 503 : 200;
        driver_.Offer(event, 1);
      }
    }
  }

  std::string Page() {
    ReplayPageFacts facts;
    facts.config = "rules.yaml";
    facts.inputs = {"access.log"};
    facts.step = absl::Seconds(10);
    facts.summary = driver_.Finish();
    facts.read.notes = {"a note"};
    return RenderReplayPage(recorder_, facts);
  }
  // The data of a page: "<" and the like are escaped within JSON's own strings.
  static nlohmann::json DataOf(const std::string& page) {
    const std::string begin = "id=\"data\">";
    const size_t at = page.find(begin) + begin.size();
    return nlohmann::json::parse(page.substr(at, page.find("</script>", at) - at));
  }

  const std::shared_ptr<const RuleSet> rules_ = *RuleSet::Create(
      *ParseConfig("slo_tiers: {web: {availability: 0.99, alert_by: endpoint, endpoints: [\"~/.*\"]}}\n"
                   "alerts: {fast: {short: 1m, long: 10m, burn: 5, for: 0s}}",
                   "x")
           .config);
  explicit ReplayPageTest(size_t max_bars = BurnRecorder::kMaxBars) : recorder_(rules_, max_bars) {}

  BurnRecorder recorder_;
  ReplayDriver driver_{
      rules_, {}, {absl::Seconds(10), absl::ZeroDuration()}, recorder_, [](int64_t, std::string_view) {}};

  void SetUp() override { driver_.Observe(recorder_); }
};

TEST_F(ReplayPageTest, ItsDataIsTheReplay) {
  Replay(absl::Seconds(10), absl::Minutes(20), 0, "/pay");
  Replay(absl::Minutes(20), absl::Minutes(25), 5, "/pay");
  const nlohmann::json data = DataOf(Page());
  EXPECT_EQ(data["from"], absl::ToUnixMillis(kStart + absl::Seconds(10)));
  EXPECT_EQ(data["recorded_to"], absl::ToUnixMillis(kStart + absl::Minutes(25) - absl::Seconds(10)));
  EXPECT_EQ(data["missing"]["firing"]["count"], 0);
  ASSERT_EQ(data["burns"].size(), 2u) << "the two default pairs";
  const nlohmann::json& burn = data["burns"][0];
  EXPECT_EQ(burn["name"], "web/availability/fast /pay");
  EXPECT_EQ(burn["burn_text"], "5x");
  EXPECT_EQ(burn["percent"], "5 %");
  double highest = 0;
  for (const auto& point : burn["short"]["points"])
    highest = std::max(highest, point[1].is_null() ? 0 : point[1].get<double>());
  EXPECT_EQ(highest, 50);
  EXPECT_EQ(data["budgets"].size(), 1u);
  ASSERT_GE(data["bars"].size(), 1u);
  EXPECT_EQ(data["bars"][0]["name"], "web/availability/fast /pay");
  EXPECT_EQ(data["bars"][0]["status"], "firing");
  EXPECT_THAT(data["bars"][0]["windows"][0].get<std::string>(), HasSubstr("1m: "));
  EXPECT_THAT(data["notes"], ElementsAre("a note"));
}

TEST_F(ReplayPageTest, AnEndpointCannotBecomeMarkup) {
  const std::string hostile = "/</script><script>alert(1)</script><img src=x onerror=alert(2)>\xff";
  Replay(absl::Seconds(10), absl::Minutes(2), 5, hostile);
  const std::string page = Page();
  EXPECT_THAT(page, Not(HasSubstr("<script>alert(1)")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(DataOf(page)["burns"][0]["endpoint"].get<std::string>(), HasSubstr("<img src=x onerror=alert(2)>"));
}

class FullReplayPageTest : public ReplayPageTest {
 protected:
  FullReplayPageTest() : ReplayPageTest(1) {}
};

TEST_F(FullReplayPageTest, SaysFromWhenOnBarsAreMissing) {
  Replay(absl::Seconds(10), absl::Minutes(20), 0, "/pay");
  Replay(absl::Minutes(20), absl::Minutes(25), 5, "/pay");
  const nlohmann::json data = DataOf(Page());
  EXPECT_EQ(data["bars"].size(), 1u);
  EXPECT_GE(data["missing"]["firing"]["count"].get<int>(), 1);
  EXPECT_GE(data["missing"]["firing"]["from"].get<int64_t>(), data["bars"][0]["begin"].get<int64_t>());
  EXPECT_THAT(data["notes"].dump(), HasSubstr("bars of firing alerts are missing, all from 2025-11-24T16:"));
  EXPECT_THAT(data["notes"].dump(), HasSubstr("there is room for 1 bars"));
}

TEST_F(ReplayPageTest, AReplayOfNothingIsAPageToo) {
  const nlohmann::json data = DataOf(Page());
  EXPECT_TRUE(data["from"].is_null());
  EXPECT_EQ(data["bars"].size(), 0u);
}

}  // namespace
}  // namespace firebreak
