#include "engine/ruletest/run_test.h"

#include <string>
#include <vector>

#include "engine/ruletest/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What did not hold: "LINE WHAT", then each line of the difference with its mark.
std::vector<std::string> Failures(const TestOutcome& outcome) {
  std::vector<std::string> texts;
  for (const TestFailure& failure : outcome.failures) {
    texts.push_back(failure.what);
    for (const TestFailure::Line& line : failure.difference) {
      const char mark = line.mark == TestFailure::Mark::kSame       ? ' '
                        : line.mark == TestFailure::Mark::kExpected ? '-'
                                                                    : '+';
      texts.push_back(mark + line.text);
    }
  }
  return texts;
}

std::vector<std::string> FailuresOf(const std::string& body) {
  InstantDelivery delivery;
  const absl::StatusOr<TestOutcome> outcome = RunRuleTest(MustParseTest(body), delivery);
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return outcome.ok() ? Failures(*outcome) : std::vector<std::string>();
}

// Ten requests a second, all failing from 2h to 2h10m.
constexpr char kOutage[] = R"(
    traffic:
      - {for: 2h, endpoint: /a, rps: 10}
      - {for: 10m, endpoint: /a, rps: 10, errors: 100%}
      - {for: 2h, endpoint: /a, rps: 10}
)";

TEST(RunRuleTestTest, AnOutagePasses) {
  EXPECT_THAT(FailuresOf(std::string(kOutage) + R"(
    expect:
      - {at: 2h, alert: web/availability/fast, state: inactive}
      - {at: 2h1m, alert: web/availability/fast, state: pending, since: 2h1m}
      - {at: 2h3m, alert: web/availability/fast, state: firing, severity: page, since: 2h1m, fired: 2h3m}
      - {at: 2h3m, window: web/availability/fast/short, bad: 1800, total: 3000, burn: 600}
      - {at: 2h3m, window: web/availability/fast/long, bad: 1800, total: 36000, burn: ">14.4"}
      - {at: 2h10m, budget_left: web/availability, is: "<0%"}
      - timeline: web/availability/fast
        is: [+2h1m pending, +2h3m firing page, +2h15m resolved recovered]
      - notifications: oncall
        is:
          - +2h3m web/availability/fast firing page
          - +2h15m web/availability/fast resolved page recovered
          - +2h16m web/availability/slow firing ticket
          - +2h40m web/availability/slow resolved ticket
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, WhatDoesNotHoldIsShownWithWhatWasFound) {
  const std::vector<std::string> failures = FailuresOf(std::string(kOutage) + R"(
    expect:
      - {at: 2h2m, alert: web/availability/fast, state: firing}
      - {at: 2h3m, window: web/availability/fast/short, bad: 1801}
      - {at: 2h10m, budget_left: web/availability, is: ">0%"}
      - timeline: web/availability/fast
        is: [+2h1m pending, +2h2m firing page, +2h15m resolved recovered]
)");
  EXPECT_THAT(failures,
              ElementsAre("alert web/availability/fast at +2h2m", "-firing",
                          HasSubstr("+pending page since +2h1m (5m: 1200 of 3000"),
                          "window web/availability/fast/short (5m) at +2h3m", "-= 1801 bad", HasSubstr("+1800 of 3000"),
                          "budget left of web/availability at +2h10m", "->0% left",
                          HasSubstr("% left: 6000 bad of 78000"), "timeline web/availability/fast", " +2h1m pending",
                          "-+2h2m firing page", "++2h3m firing page", " +2h15m resolved recovered"));
}

TEST(RunRuleTestTest, AnUnexpectedAlertFailsAnEmptyTimeline) {
  EXPECT_THAT(FailuresOf(std::string(kOutage) + "    expect: [{timeline: web/availability/fast, is: []}]\n"),
              SizeIs(4));
}

TEST(RunRuleTestTest, RunsOnToTheLastTimeExpected) {
  EXPECT_THAT(FailuresOf(R"(
    traffic: [{for: 10m, endpoint: /a, rps: 1}]
    expect:
      - {at: 15m, alert: web/NoData, state: firing, severity: ticket}
      - {timeline: web/NoData, is: [+15m firing ticket]}
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, AHeartbeatKeepsASilentFeedAlive) {
  EXPECT_THAT(FailuresOf(R"(
    traffic: [{for: 10m, endpoint: /a, rps: 1}, {silence: 20m, heartbeat: 1m}]
    until: 34m
    expect: [{timeline: all, is: []}]
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, ARestartKeepsAFiringAlertAndLosesWhatArrivesMeanwhile) {
  EXPECT_THAT(FailuresOf(R"(
    traffic:
      - {for: 1h, endpoint: /a, rps: 10, late: {share: 50%, by: 2m}}
      - {for: 4m, endpoint: /a, rps: 10, errors: 100%}
      - restart: 2m
      - {for: 4m, endpoint: /a, rps: 10, errors: 100%}
    expect:
      - {at: 1h4m, alert: web/availability/fast, state: firing, fired: 1h3m}
      - {at: 1h7m, alert: web/availability/fast, state: firing, fired: 1h3m}
      - {at: 1h10m, window: web/availability/fast/long, bad: 4800, total: 34800}
      - {timeline: web/availability/fast, is: [+1h1m pending, +1h3m firing page]}
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, TheDeliveryHearsOfARestart) {
  InstantDelivery delivery;
  const RuleTest test = MustParseTest(
      "    traffic: [{silence: 10m}, {restart: 1m}, {silence: 5m}, {restart: 0s}, {silence: 1m}]\n"
      "    expect: [{at: 17m, alert: web/availability/fast, state: inactive}]\n");
  ASSERT_TRUE(RunRuleTest(test, delivery).ok());
  EXPECT_EQ(delivery.restarts, 2);
}

TEST(RunRuleTestTest, LateRequestsCountInTheirOwnTimeOnceTheyArrive) {
  EXPECT_THAT(FailuresOf(R"(
    traffic: [{for: 10m, endpoint: /a, rps: 10, late: {share: 50%, by: 3m}}]
    expect:
      - {at: 10m, window: web/availability/fast/short, total: 2100}
      - {at: 13m, window: web/availability/fast/short, total: 1200}
      - {at: 13m, window: web/availability/fast/long, total: 6000}
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, LatenciesAreSlowOnlyAboveTheLimit) {
  EXPECT_THAT(FailuresOf(R"(
    traffic: [{for: 1h, endpoint: /a, rps: 10, latency: {300ms: 1, 301ms: 3}}]
    expect:
      - {at: 30m, window: web/latency/fast/short, bad: 2250, total: 3000, burn: 15}
      - {at: 30m, alert: web/latency/fast, state: firing}
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, ATierTimeoutMakesSlowAnswersBad) {
  EXPECT_THAT(FailuresOf(R"(
    traffic: [{for: 10m, endpoint: /a, rps: 10, latency: {10s: 1, 10001ms: 1}}]
    expect: [{at: 10m, window: web/availability/fast/short, bad: 1500, total: 3000}]
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, ProbesAreNoRequestsOfUsers) {
  EXPECT_THAT(FailuresOf(R"(
    traffic: [{for: 10m, load: [{endpoint: /a, rps: 1}, {endpoint: /a, rps: 10, errors: 100%, source: synthetic}]}]
    expect: [{at: 10m, window: web/availability/fast/short, bad: 0, total: 300}]
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, AWindowThatLooksLikeWhatWasExpectedIsShownExactly) {
  EXPECT_THAT(
      FailuresOf(R"(
    traffic: [{for: 1h, endpoint: /a, requests: 1000000, statuses: {503: 14350, 200: 985650}}]
    expect: [{at: 1h, window: web/availability/fast/long, burn: 14.3}]
)"),
      ElementsAre("window web/availability/fast/long (1h) at +1h", "-= 14.3 burn", "+14350 of 1000000, burn 14.35x"));
}

// An alert of an endpoint that was never called is inactive whatever happens.
TEST(RunRuleTestTest, AnEndpointThatWasNotCalledMakesAnExpectationFail) {
  EXPECT_THAT(FailuresOf(R"(
    rules: {slo_tiers: {web: {availability: 0.999, alert_by: endpoint, max_endpoints: 2, endpoints: [/a]}}}
    traffic:
      - for: 10m
        load:
          - {endpoint: /b, rps: 1, unknown: true}
          - {endpoint: /over-the-cap, rps: 1, unknown: true}
          - {endpoint: /c, rps: 0, unknown: true}
    expect:
      - {at: 1m, alert: "web/availability/fast[/a]", state: inactive}
      - {at: 1m, alert: "web/availability/fast[/b]", state: inactive}
      - {at: 1m, alert: "web/availability/fast[__other__]", state: inactive}
      - {at: 1m, alert: "web/availability/fast[/over-the-cap]", state: inactive}
      - {at: 1m, alert: "web/availability/fast[/c]", state: firing}
      - {timeline: "web/availability/fast[/c]", is: []}
)"),
              ElementsAre("web/availability/fast[/over-the-cap]", "-a request of \"/over-the-cap\"",
                          "+none was counted in web", "alert web/availability/fast[/c] at +1m", "-firing",
                          HasSubstr("+inactive"), "web/availability/fast[/c]", "-a request of \"/c\"",
                          "+none was counted in web, did you mean \"/a\"?"));
}

TEST(RunRuleTestTest, ManyRequestsCostNoMoreThanFew) {
  EXPECT_THAT(FailuresOf(R"(
    traffic: [{for: 1m, endpoint: /a, requests: 1000000000000}]
    expect: [{at: 1m, window: web/availability/fast/short, total: 1000000000000}]
)"),
              IsEmpty());
  EXPECT_THAT(FailuresOf(R"(
    input_series: [{series: 'firebreak_requests_total{tier="web", status_class="2xx"}', values: '0+1000000000x60'}]
    expect: [{at: 60m, window: web/availability/fast/long, total: 60000000000}]
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, MoreRequestsThanCanBeCountedAreAnError) {
  struct Row {
    std::string traffic;
    std::string fault;
  };
  const Row rows[] = {
      {"traffic: [{for: 1m, endpoint: /a, requests: 1000000000000}, {for: 1m, endpoint: /a, requests: 99511627776}]",
       "wanted fewer than 2^40"},
      {R"(input_series: [{series: 'firebreak_requests_total{tier="web", status_class="2xx"}', values: '0+100000000000000x60'}])",
       "the series of web say at 1m: 100000000000000 more requests, wanted fewer than 1099511627776"},
      {R"(input_series: [{series: 'firebreak_requests_total{tier="web", status_class="2xx"}', values: '0+1099511627775x60'}])",
       "wanted fewer than 2^40"},
  };
  for (const Row& row : rows) {
    InstantDelivery delivery;
    const RuleTest test = MustParseTest("    " + row.traffic + "\n    expect: [{timeline: all, is: []}]\n");
    const absl::StatusOr<TestOutcome> outcome = RunRuleTest(test, delivery);
    ASSERT_FALSE(outcome.ok()) << row.traffic;
    EXPECT_THAT(std::string(outcome.status().message()), HasSubstr(row.fault));
  }
}

// --- Series

TEST(RunRuleTestTest, ACounterCountsBetweenItsSamples) {
  EXPECT_THAT(FailuresOf(R"(
    interval: 1m
    input_series:
      - {series: 'firebreak_requests_total{tier="web", status_class="2xx"}', values: '100+60x60'}
      - {series: 'firebreak_requests_total{tier="web", status_class="5xx"}', values: '0x30 7+7x29'}
    expect:
      - {at: 10m, window: web/availability/fast/short, bad: 0, total: 300}
      - {at: 40m, window: web/availability/fast/short, bad: 35, total: 335}
      - {at: 60m, window: web/availability/fast/long, bad: 210, total: 3810}
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, ACounterThatFallsWasReset) {
  EXPECT_THAT(FailuresOf(R"(
    input_series: [{series: 'firebreak_requests_total{endpoint="/a", status_class="2xx"}', values: '0+10x5 3+10x5'}]
    expect: [{at: 11m, window: web/availability/fast/long, total: 103}]
)"),
              IsEmpty());
}

// As rate() does: what a counter grew by over a gap belongs to windows that hold both samples.
TEST(RunRuleTestTest, GrowthOverAGapCountsWhereBothSamplesAre) {
  EXPECT_THAT(FailuresOf(R"(
    input_series: [{series: 'firebreak_requests_total{tier="web", status_class="2xx"}', values: '0+10x10 _x3 200'}]
    expect:
      - {at: 13m, window: web/availability/fast/short, total: 20}
      - {at: 14m, window: web/availability/fast/short, total: 110}
      - {at: 15m, window: web/availability/fast/short, total: 100}
      - {at: 16m, window: web/availability/fast/short, total: 0}
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, CountersOfAnSloGiveItsWindows) {
  EXPECT_THAT(FailuresOf(R"(
    input_series:
      - {series: 'firebreak_slo_requests_total{tier="web", slo="availability"}', values: '0+100x20'}
      - {series: 'firebreak_slo_bad_requests_total{tier="web", slo="availability"}', values: '0+3x20'}
      - {series: 'firebreak_slo_requests_total{tier="web", slo="latency"}', values: '0+50x20'}
      - {series: 'firebreak_slo_bad_requests_total{tier="web", slo="latency"}', values: '0+20x20'}
    expect:
      - {at: 10m, window: web/availability/fast/short, bad: 15, total: 500}
      - {at: 10m, window: web/latency/fast/short, bad: 100, total: 250}
)"),
              IsEmpty());
}

TEST(RunRuleTestTest, CountersThatContradictEachOtherAreAnError) {
  struct Row {
    std::string series;
    std::string fault;
  };
  const auto series = [](std::string_view name, std::string_view slo, std::string_view values) {
    return "      - {series: 'firebreak_slo_" + std::string(name) + "_total{tier=\"web\", slo=\"" + std::string(slo) +
           "\"}', values: '" + std::string(values) + "'}\n";
  };
  const Row rows[] = {
      {series("requests", "availability", "0+1x9") + series("bad_requests", "availability", "0+2x9"), "more bad"},
      {series("requests", "latency", "0+1x9") + series("bad_requests", "latency", "0+2x9"), "more slow"},
      {series("requests", "availability", "0+1x9") + series("requests", "latency", "0+2x9"), "more requests with a"},
  };
  for (const Row& row : rows) {
    InstantDelivery delivery;
    const RuleTest test = MustParseTest("    input_series:\n" + row.series + "    expect: [{timeline: all, is: []}]\n");
    const absl::StatusOr<TestOutcome> outcome = RunRuleTest(test, delivery);
    ASSERT_FALSE(outcome.ok());
    EXPECT_THAT(std::string(outcome.status().message()), HasSubstr("the series of web say at 1m: " + row.fault));
  }
}

}  // namespace
}  // namespace firebreak
