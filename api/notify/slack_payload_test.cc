#include "api/notify/slack_payload.h"

#include <string>

#include "api/notify/receiver_formats.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kStart = absl::FromUnixSeconds(1764000000);

OutgoingAlert Burn(const std::string& pair, const std::string& severity,
                   std::optional<absl::Time> ends_at = std::nullopt) {
  OutgoingAlert alert;
  alert.labels = {{"alertname", "ErrorBudgetBurn"}, {"service", "shop"}, {"tier", "checkout"},
                  {"slo", "availability"},          {"pair", pair},      {"severity", severity}};
  alert.annotations = {{"summary", "says " + pair},
                       {"description", "5m: 3 of 4"},
                       {"causes", "/pay/ 100 %"},
                       {"runbook_url", "http://r/Burn"}};
  alert.starts_at = kStart;
  alert.ends_at = ends_at;
  return alert;
}

// The message about `alerts`; what Slack would refuse fails the test.
json MessageOf(const std::vector<OutgoingAlert>& alerts) {
  const std::string body = SlackBody(alerts);
  EXPECT_THAT(SlackFaults(body), IsEmpty());
  return json::parse(body);
}

// Every text of a message in its order: the fallback, then of each block.
std::vector<std::string> TextsOf(const json& message) {
  std::vector<std::string> texts = {message["text"]};
  for (const json& block : message["blocks"]) {
    if (block.contains("text")) texts.push_back(block["text"]["text"]);
    for (const char* list : {"fields", "elements"}) {
      for (const json& text : block.value(list, json::array())) texts.push_back(text["text"]);
    }
  }
  return texts;
}

TEST(SlackPayloadTest, AnAlertIsAHeaderItsLabelsItsWordsAndItsRunbook) {
  EXPECT_THAT(TextsOf(MessageOf({Burn("fast", "page")})),
              ElementsAre("[FIRING:1] page ErrorBudgetBurn shop/checkout: says fast",
                          "[FIRING:1] page ErrorBudgetBurn shop/checkout",  //
                          "pair: fast", "service: shop", "severity: page", "slo: availability", "tier: checkout",
                          "says fast\n5m: 3 of 4\n/pay/ 100 %",  //
                          "firing since 2025-11-24T16:00:00Z", "<http://r/Burn|Runbook>"));
}

TEST(SlackPayloadTest, TheWorstComesFirstAndEachSaysWhatIsItsOwn) {
  const std::vector<std::string> texts = TextsOf(
      MessageOf({Burn("slow", "ticket", kStart + absl::Minutes(9)), Burn("weekly", "ticket"), Burn("fast", "page")}));
  EXPECT_EQ(texts[0], "[FIRING:2] page ErrorBudgetBurn shop/checkout: says fast");
  EXPECT_THAT(
      std::vector(texts.begin() + 5, texts.end()),
      ElementsAre("says fast\n5m: 3 of 4\n/pay/ 100 %", "pair=fast severity=page firing since 2025-11-24T16:00:00Z",
                  "<http://r/Burn|Runbook>", "says weekly\n5m: 3 of 4\n/pay/ 100 %",
                  "pair=weekly severity=ticket firing since 2025-11-24T16:00:00Z", "<http://r/Burn|Runbook>",
                  "says slow\n5m: 3 of 4\n/pay/ 100 %",
                  "pair=slow severity=ticket resolved 2025-11-24T16:09:00Z, fired 2025-11-24T16:00:00Z",
                  "<http://r/Burn|Runbook>"));
}

TEST(SlackPayloadTest, AllResolvedIsResolved) {
  const json message = MessageOf({Burn("fast", "page", kStart)});
  EXPECT_EQ(message["text"], "[RESOLVED] page ErrorBudgetBurn shop/checkout: says fast");
  EXPECT_EQ(message["blocks"][0]["text"]["text"], "[RESOLVED] page ErrorBudgetBurn shop/checkout");
}

TEST(SlackPayloadTest, NothingIsUnfurled) {
  const json message = MessageOf({Burn("fast", "page")});
  EXPECT_EQ(message["unfurl_links"], false);
  EXPECT_EQ(message["unfurl_media"], false);
}

TEST(SlackTextTest, OnlyTheThreeControlCharactersAreEscaped) {
  EXPECT_EQ(SlackText("<!channel> & \"*_~`@here #x", 100), "&lt;!channel&gt; &amp; \"*_~`@here #x");
  EXPECT_EQ(SlackText("&amp;", 100), "&amp;amp;");
  EXPECT_EQ(SlackText("a\xff", 100), "a\uFFFD");
}

TEST(SlackTextTest, IsCutBetweenEntities) {
  EXPECT_EQ(SlackText("ab<", 6), "ab&lt;");
  EXPECT_EQ(SlackText("ab<", 5), "ab…");
  EXPECT_EQ(SlackText("ab<c", 7), "ab&lt;c");
  EXPECT_EQ(SlackText("ab<cd", 7), "ab&lt;…");
  EXPECT_EQ(SlackText("🌊🌊", 3), "🌊…");
  EXPECT_EQ(SlackText("&", 1), "…");
  EXPECT_EQ(SlackText("", 1), "");
}

TEST(SlackPayloadTest, WhatCallersWriteBecomesNeitherMentionNorLink) {
  for (const std::string endpoint :
       {"<!channel>", "<@U12345>", "<#C12345>", "<https://evil.test|Runbook>", "@here #general https://evil.test",
        "&lt;!here&gt;", "a|b>c<d", "\xff<!here\xfe>"}) {
    OutgoingAlert alert = Burn("fast", "page");
    alert.labels.Set("endpoint", endpoint);
    alert.labels.Set("tier", endpoint);
    for (const char* name : {"summary", "description", "causes"}) alert.annotations.Set(name, endpoint);
    const json message = MessageOf({alert});
    int links = 0;
    for (const std::string& text : TextsOf(message)) {
      links += text.find('<') != std::string::npos;
    }
    EXPECT_EQ(links, 1) << endpoint;  // our own, to the runbook
  }
}

TEST(SlackPayloadTest, ALinkTargetIsEscapedAndCannotEndItself) {
  OutgoingAlert alert = Burn("fast", "page");
  alert.annotations.Set("runbook_url", "http://r/?a=1&b=<|>");
  EXPECT_EQ(TextsOf(MessageOf({alert})).back(), "<http://r/?a=1&amp;b=%3C%7C%3E|Runbook>");
  alert.annotations.Set("runbook_url", "javascript:alert(1)");
  EXPECT_EQ(TextsOf(MessageOf({alert})).back(), "firing since 2025-11-24T16:00:00Z");
}

TEST(SlackPayloadTest, AHeaderHolds150Characters) {
  const size_t rest = std::string("[FIRING:1] page ErrorBudgetBurn shop/").size();
  const auto header = [](size_t tier_size) {
    OutgoingAlert alert = Burn("fast", "page");
    alert.labels.Set("tier", std::string(tier_size, 't'));
    return MessageOf({alert})["blocks"][0]["text"]["text"].get<std::string>();
  };
  EXPECT_THAT(header(150 - rest), SizeIs(150));
  EXPECT_THAT(header(151 - rest), SizeIs(149 + std::string("…").size()));
}

TEST(SlackPayloadTest, TenOfAHundredAreShownAndTheRestCounted) {
  std::vector<OutgoingAlert> alerts;
  for (int i = 0; i < 100; ++i) {
    alerts.push_back(Burn("fast", "page"));
    alerts.back().labels.Set("endpoint", "/" + std::to_string(i) + "/<&>" + std::string(3000, '&'));
    for (const char* name : {"summary", "description", "causes"}) {
      alerts.back().annotations.Set(name, std::string(100'000, '<') + "\xff");
    }
  }
  const json message = MessageOf(alerts);
  EXPECT_THAT(message["blocks"], SizeIs(2 + 2 * 10 + 1));
  EXPECT_EQ(TextsOf(message).back(), "and 90 more");
  EXPECT_THAT(message.dump(), SizeIs(testing::Lt(40'000u)));

  alerts.resize(10);
  EXPECT_THAT(MessageOf(alerts)["blocks"], SizeIs(2 + 2 * 10));
}

TEST(SlackPayloadTest, AnAlertAloneMayUseAWholeSection) {
  OutgoingAlert alert = Burn("fast", "page");
  alert.annotations = {{"summary", std::string(3000, 's')}};
  EXPECT_EQ(MessageOf({alert})["blocks"][2]["text"]["text"], std::string(3000, 's'));
  alert.annotations = {{"summary", std::string(3001, 's')}};
  EXPECT_EQ(MessageOf({alert})["blocks"][2]["text"]["text"], std::string(2999, 's') + "…");
}

TEST(SlackPayloadTest, AnAlertWithoutLabelsIsStillAMessage) {
  OutgoingAlert bare;
  bare.starts_at = kStart;
  EXPECT_THAT(TextsOf(MessageOf({bare})), ElementsAre("[FIRING:1]: an alert without a name", "[FIRING:1]",
                                                      "an alert without a name", "firing since 2025-11-24T16:00:00Z"));
}

TEST(SlackPayloadTest, MoreThanTenCommonLabelsAreCut) {
  OutgoingAlert alert = Burn("fast", "page");
  for (int i = 0; i < 20; ++i) alert.labels.Set("l" + std::to_string(i), "v");
  EXPECT_THAT(MessageOf({alert})["blocks"][1]["fields"], SizeIs(10));
}

}  // namespace
}  // namespace firebreak
