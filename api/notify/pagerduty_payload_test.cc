#include "api/notify/pagerduty_payload.h"

#include <string>

#include "api/notify/receiver_formats.h"
#include "api/notify/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const absl::Time kStart = absl::FromUnixSeconds(1764000000);
const std::string kKey = "0123456789abcdef0123456789abcdef";

OutgoingAlert Burn(const std::string& pair, const std::string& severity,
                   std::optional<absl::Time> ends_at = std::nullopt) {
  OutgoingAlert alert;
  alert.labels = {{"alertname", "ErrorBudgetBurn"}, {"service", "shop"}, {"tier", "checkout"},
                  {"slo", "availability"},          {"pair", pair},      {"severity", severity}};
  alert.annotations = {{"summary", "checkout burns, says " + pair}, {"runbook_url", "http://r/Burn"}};
  alert.starts_at = kStart;
  alert.ends_at = ends_at;
  return alert;
}

// The event about `alerts`; what PagerDuty would refuse fails the test.
json EventOf(const std::vector<OutgoingAlert>& alerts) {
  const std::string body = PagerDutyBody({kKey, "http://firebreak.test", alerts});
  EXPECT_THAT(PagerDutyFaults(body), IsEmpty());
  return json::parse(body);
}

TEST(PagerDutyPayloadTest, APageTriggersACriticalIncidentOfItsSlo) {
  EXPECT_EQ(PagerDutyBody({kKey, "http://firebreak.test", {Burn("fast", "page")}}),
            R"({"routing_key":"0123456789abcdef0123456789abcdef","event_action":"trigger",)"
            R"("dedup_key":"shop/checkout/availability","client":"Firebreak","client_url":"http://firebreak.test",)"
            R"("links":[{"href":"http://r/Burn","text":"Runbook"}],)"
            R"("payload":{"summary":"checkout burns, says fast","source":"shop","severity":"critical",)"
            R"("timestamp":"2025-11-24T16:00:00Z","component":"checkout","group":"shop","class":"ErrorBudgetBurn",)"
            R"("custom_details":{"annotations":{"runbook_url":"http://r/Burn","summary":"checkout burns, says fast"},)"
            R"("labels":{"alertname":"ErrorBudgetBurn","pair":"fast","service":"shop","severity":"page",)"
            R"("slo":"availability","tier":"checkout"},)"
            R"("firing":["page fast since 2025-11-24T16:00:00Z: checkout burns, says fast"],"resolved":[]}}})");
}

TEST(PagerDutyPayloadTest, TheWorstThatFiresDescribesTheIncident) {
  const OutgoingAlert page = Burn("fast", "page"), ticket = Burn("slow", "ticket");
  const OutgoingAlert ended_page = Burn("fast", "page", kStart + absl::Minutes(7));
  const OutgoingAlert ended_ticket = Burn("slow", "ticket", kStart + absl::Minutes(9));
  const struct {
    std::vector<OutgoingAlert> alerts;
    std::string action, severity, summary, timestamp;
  } kRows[] = {
      {{ticket}, "trigger", "warning", "checkout burns, says slow", "2025-11-24T16:00:00Z"},
      {{ticket, page}, "trigger", "critical", "checkout burns, says fast (and 1 more)", "2025-11-24T16:00:00Z"},
      {{ended_page, ticket}, "trigger", "warning", "checkout burns, says slow", "2025-11-24T16:00:00Z"},
      {{ended_ticket, ended_page}, "resolve", "critical", "checkout burns, says fast", "2025-11-24T16:09:00Z"},
  };
  for (const auto& row : kRows) {
    const json event = EventOf(row.alerts);
    EXPECT_EQ(event["event_action"], row.action);
    EXPECT_EQ(event["dedup_key"], "shop/checkout/availability");
    EXPECT_EQ(event["payload"]["severity"], row.severity);
    EXPECT_EQ(event["payload"]["summary"], row.summary);
    EXPECT_EQ(event["payload"]["timestamp"], row.timestamp);
  }
  const json details = EventOf({ended_page, ticket})["payload"]["custom_details"];
  EXPECT_THAT(details["firing"], ElementsAre("ticket slow since 2025-11-24T16:00:00Z: checkout burns, says slow"));
  EXPECT_THAT(
      details["resolved"],
      ElementsAre("page fast since 2025-11-24T16:00:00Z until 2025-11-24T16:07:00Z: checkout burns, says fast"));
}

TEST(PagerDutyPayloadTest, AnIncidentIsAnSloOrADetectorWithItsSubject) {
  const struct {
    Labels labels;
    std::string key;
  } kRows[] = {
      {Burn("fast", "page").labels, "shop/checkout/availability"},
      {Burn("slow", "ticket").labels, "shop/checkout/availability"},
      {{{"alertname", "ErrorBudgetBurn"}, {"service", "s"}, {"tier", "t"}, {"slo", "latency"}, {"endpoint", "/pay/"}},
       "s/t/latency//pay/"},
      {{{"alertname", "NoData"}, {"service", "s"}, {"tier", "t"}, {"severity", "page"}}, "s/t/NoData"},
      {{{"alertname", "Saturation"}, {"service", "s"}, {"tier", "t"}, {"gauge", "cpu"}}, "s/t/Saturation/cpu"},
      {{{"alertname", "DeliveryParked"}, {"service", "s"}, {"destination", "team"}}, "s//DeliveryParked/team"},
      // No two incidents share a key because of a slash in a name.
      {{{"alertname", "NoData"}, {"service", "a/b"}, {"tier", "c"}}, "a%2Fb/c/NoData"},
      {{{"alertname", "NoData"}, {"service", "a"}, {"tier", "b/c%#"}}, "a/b%2Fc%25%23/NoData"},
  };
  for (const auto& row : kRows) EXPECT_EQ(DedupKey(IncidentLabels(row.labels)), row.key);
}

std::string KeyOfEndpoint(const std::string& endpoint) {
  return DedupKey({{"service", "s"}, {"tier", "t"}, {"slo", "latency"}, {"endpoint", endpoint}});
}

TEST(PagerDutyPayloadTest, AKeyOf255BytesIsKeptAndALongerOneEndsWithAHash) {
  const size_t front = std::string("s/t/latency/").size();
  const std::string longest(255 - front, 'x');
  EXPECT_EQ(KeyOfEndpoint(longest), "s/t/latency/" + longest);
  const std::string key = KeyOfEndpoint(longest + "x");
  EXPECT_THAT(key, SizeIs(255));
  EXPECT_EQ(key[255 - 33], '#');
  EXPECT_NE(key, KeyOfEndpoint(longest + "y"));
}

TEST(PagerDutyPayloadTest, AKeyIsCutBetweenCharactersAndTellsApartWhatIsNoUtf8) {
  std::string waves;
  for (int i = 0; i < 100; ++i) waves += "🌊";
  for (const std::string shift : {"", "a", "ab", "abc"}) {
    const std::string key = KeyOfEndpoint(shift + waves);
    EXPECT_LE(key.size(), 255u);
    EXPECT_TRUE(IsUtf8(key));
  }
  EXPECT_THAT(KeyOfEndpoint("/\xff"), StartsWith("s/t/latency//\uFFFD#"));
  EXPECT_NE(KeyOfEndpoint("/\xff"), KeyOfEndpoint("/\xfe"));
}

TEST(PagerDutyPayloadTest, TheSummaryHolds1024CharactersOfOneLine) {
  OutgoingAlert alert = Burn("fast", "page");
  alert.annotations.Set("summary", "a\nb");
  EXPECT_EQ(EventOf({alert})["payload"]["summary"], "a b");
  alert.annotations.Set("summary", std::string(1024, 's'));
  EXPECT_EQ(EventOf({alert})["payload"]["summary"], std::string(1024, 's'));
  alert.annotations.Set("summary", std::string(1025, 's'));
  EXPECT_EQ(EventOf({alert})["payload"]["summary"], std::string(1023, 's') + "…");
  const std::string two = EventOf({alert, Burn("slow", "ticket")})["payload"]["summary"];
  EXPECT_EQ(Utf16Length(two), 1024u);
  EXPECT_THAT(two, HasSubstr("… (and 1 more)"));
}

TEST(PagerDutyPayloadTest, WhatIsMissingIsLeftOutOrNamed) {
  OutgoingAlert bare;
  bare.starts_at = kStart;
  const json event = EventOf({bare});
  EXPECT_EQ(event["payload"]["summary"], "an alert without a name");
  EXPECT_EQ(event["payload"]["source"], "firebreak");
  EXPECT_EQ(event["payload"]["severity"], "info");
  EXPECT_FALSE(event["payload"].contains("component"));
  EXPECT_THAT(event["links"], IsEmpty());
}

TEST(PagerDutyPayloadTest, OnlyALinkThatIsOneIsSent) {
  for (const std::string& url :
       {std::string("javascript:alert(1)"), std::string("http://h/a b"), std::string("http://"),
        std::string("http://h/\xff"), "http://h/" + std::string(2000, 'a')}) {
    OutgoingAlert alert = Burn("fast", "page");
    alert.annotations.Set("runbook_url", url);
    EXPECT_THAT(EventOf({alert})["links"], IsEmpty()) << url;
  }
}

TEST(PagerDutyPayloadTest, HostileLabelsAndHugeGroupsStayWithinTheFormat) {
  std::vector<OutgoingAlert> alerts;
  for (int i = 0; i < 100; ++i) {
    OutgoingAlert alert = Burn("fast", "page");
    alert.labels.Set("endpoint", "/\xff\"\\\n\x01<!channel>" + std::string(5000, '\x02'));
    for (const char* name : {"summary", "description", "causes"}) {
      alert.annotations.Set(name, std::string(100'000, '\x03') + "\xf0\x9f");
    }
    alerts.push_back(alert);
  }
  const json event = EventOf(alerts);
  EXPECT_THAT(event["payload"]["custom_details"]["firing"], SizeIs(21));
  EXPECT_EQ(event["payload"]["custom_details"]["firing"][20], "and 80 more");

  // Beyond any size, what pages still goes out.
  for (int i = 0; i < 500; ++i) alerts[0].annotations.Set("a" + std::to_string(i), std::string(5000, '\x03'));
  EXPECT_FALSE(EventOf({alerts[0]})["payload"].contains("custom_details"));
}

TEST(PagerDutyPayloadTest, TheRequestIsAJsonPost) {
  const HttpPost request =
      PagerDutyRequest(*ParseUrl("https://events.test/v2/enqueue"), {kKey, "", {Burn("a", "page")}});
  EXPECT_EQ(request.url.path, "/v2/enqueue");
  EXPECT_THAT(request.headers,
              ElementsAre(std::pair("Content-Type", "application/json"), std::pair("User-Agent", "firebreak")));
}

}  // namespace
}  // namespace firebreak
