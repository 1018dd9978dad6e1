#include "api/notify/receiver_formats.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kGoodEvent =
    R"({"routing_key":"0123456789abcdef0123456789abcdef","event_action":"trigger","dedup_key":"k",)"
    R"("payload":{"summary":"s","source":"x","severity":"critical","timestamp":"2015-07-17T08:42:58.315+0000"}})";

constexpr std::string_view kGoodMessage =
    R"({"text":"t","blocks":[{"type":"header","text":{"type":"plain_text","text":"h","emoji":false}},)"
    R"({"type":"section","text":{"type":"mrkdwn","text":"a &lt;b&gt; <https://h/?a&amp;b|c>","verbatim":true}}]})";

// `text` with its first `from` replaced.
std::string With(std::string_view text, std::string_view from, const std::string& to) {
  std::string out(text);
  const size_t at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return out.replace(at, from.size(), to);
}

TEST(ReceiverFormatsTest, WhatTheDocumentationShowsHasNoFaults) {
  EXPECT_THAT(PagerDutyFaults(kGoodEvent), IsEmpty());
  EXPECT_THAT(SlackFaults(kGoodMessage), IsEmpty());
  // An end needs a key and no payload.
  EXPECT_THAT(PagerDutyFaults(R"({"routing_key":"0123456789abcdef0123456789abcdef","event_action":"resolve",)"
                              R"("dedup_key":"k"})"),
              IsEmpty());
}

TEST(ReceiverFormatsTest, FaultsOfEventsAreFound) {
  const struct {
    std::string_view from;
    std::string to, fault;
  } kRows[] = {
      {"0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcde", "event.routing_key: 31 characters"},
      {"trigger", "fire", "event.event_action: not one of the documented values"},
      {R"("k")", "\"" + std::string(256, 'k') + "\"", "event.dedup_key: 256 characters"},
      {R"("summary":"s",)", "", "event.payload.summary: missing"},
      {R"("s")", "\"" + std::string(1025, 's') + "\"", "event.payload.summary: 1025 characters"},
      {R"("source":"x")", R"("source":"")", "event.payload.source: 0 characters"},
      {"critical", "page", "event.payload.severity: not one of the documented values"},
      {R"("source":"x")", R"("source":"x","tier":"y")", "event.payload.tier: unknown"},
      {R"("source":"x")", R"("source":"x","custom_details":"y")", "event.payload.custom_details: no object"},
      {R"("dedup_key":"k")", R"("dedup_key":"k","links":[{"text":"y"}])", "event.links[0].href: missing"},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(PagerDutyFaults(With(kGoodEvent, row.from, row.to)), ElementsAre(row.fault));
  }
  EXPECT_THAT(PagerDutyFaults("{\"a\xff\":1}"), ElementsAre("no JSON of UTF-8"));
}

TEST(ReceiverFormatsTest, FaultsOfMessagesAreFound) {
  const struct {
    std::string_view from;
    std::string to, fault;
  } kRows[] = {
      {R"("text":"t",)", "", "message.text: missing"},
      {R"("header")", R"("heading")", "message.blocks[0]: not one of the documented types"},
      {R"("h")", "\"" + std::string(151, 'h') + "\"", "message.blocks[0].text.text: 151 characters"},
      {R"("h")", R"("")", "message.blocks[0].text.text: 0 characters"},
      {"plain_text", "mrkdwn", "message.blocks[0].text.type: not one of the documented values"},
      {"a &lt;b", std::string(3000, 'a') + "&lt;b", "message.blocks[1].text.text: 3032 characters"},
      {"a &lt;b&gt;", "<!channel>", "message.blocks[1].text.text: not escaped: <!channel> <https://"},
      {"a &lt;b&gt;", "<@U1>", "message.blocks[1].text.text: not escaped: <@U1> <https://h/?a&"},
      {"a &lt;b&gt;", "a &b", "message.blocks[1].text.text: not escaped: &b <https://h/?a&amp"},
      {R"(,"verbatim":true)", "", "message.blocks[1].text: not verbatim"},
      {R"("text":"t")", R"("text":"t","channel":"c")", "message.channel: unknown"},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(SlackFaults(With(kGoodMessage, row.from, row.to)), testing::Contains(row.fault)) << row.to;
  }
}

}  // namespace
}  // namespace firebreak
