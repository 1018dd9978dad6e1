#include "api/record/recording_format.h"

#include <random>
#include <string>
#include <vector>

#include "api/codec/event_json.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ladder_shape.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using Kind = ControlLine::Kind;

const absl::Time kTime = absl::FromUnixSeconds(1764000000);  // 2025-11-24T16:00:00Z

std::string Line(const Event& event) {
  EventLineWriter writer;
  std::string line;
  writer.Append(event, line);
  return line;
}

Event Request(absl::Time time, std::string_view endpoint, int status) {
  Event event;
  event.time = time;
  event.endpoint = endpoint;
  event.status = status;
  return event;
}

// Calls `check` with the event that a recording's reader makes of `event`.
void ReadBack(const Event& event, const std::function<void(const Event&)>& check) {
  std::string line = Line(event);
  ASSERT_EQ(line.back(), '\n');
  line.pop_back();
  EventTimeRule rule;
  rule.missing = EventTimeRule::Missing::kIsError;
  rule.latest = absl::InfiniteFuture();
  int calls = 0;
  const std::string refused = EventDecoder().DecodeLine(line, rule, [&](const Event& same) {
    ++calls;
    check(same);
  });
  EXPECT_EQ(refused, "") << line;
  EXPECT_EQ(calls, 1);
}

TEST(RecordingFormatTest, AnEventIsItsShortestForm) {
  EXPECT_EQ(Line(Request(kTime, "/pay", 200)), R"({"ts":"2025-11-24T16:00:00Z","endpoint":"/pay","status":200})"
                                               "\n");
  Event full = Request(kTime + absl::Milliseconds(1500), "/a\"b\\c-é", 503);
  full.outcome = "timeout";
  full.latency = absl::Microseconds(312500);
  full.source = Source::kSynthetic;
  full.region = "eu";
  full.retries = 2;
  full.count = 1'000'000;
  EXPECT_EQ(Line(full), R"({"ts":"2025-11-24T16:00:01.5Z","endpoint":"/a\"b\\c-é","status":503,"outcome":"timeout",)"
                        R"("latency_ms":312.5,"source":"synthetic","region":"eu","retries":2,"count":1000000})"
                        "\n");
}

// They may hold secrets, and nothing of them decides where an event counts.
TEST(RecordingFormatTest, QueriesAndFragmentsAreNotKept) {
  for (const auto& [sent, kept] : {std::pair("/pay?token=1", "/pay"),
                                   {"/pay#top", "/pay"},
                                   {"/pay#a?b", "/pay"},
                                   {"/pay?", "/pay"},
                                   {"?token=1", "/"},
                                   {"/pay/", "/pay/"}}) {
    ReadBack(Request(kTime, sent, 200), [kept = kept](const Event& same) { EXPECT_EQ(same.endpoint, kept); });
  }
}

TEST(RecordingFormatTest, TimesHaveAsManyDigitsAsTheyNeed) {
  const auto ts = [](absl::Duration after) { return Line(Request(kTime + after, "/", 200)).substr(7, 32); };
  EXPECT_THAT(ts(absl::Nanoseconds(1)), HasSubstr("16:00:00.000000001Z\""));
  EXPECT_THAT(ts(absl::Nanoseconds(120)), HasSubstr("16:00:00.00000012Z\""));
  EXPECT_THAT(ts(absl::Milliseconds(7)), HasSubstr("16:00:00.007Z\""));
  EXPECT_THAT(ts(absl::Seconds(59)), HasSubstr("16:00:59Z\""));
  EXPECT_THAT(ts(-absl::Nanoseconds(1)), HasSubstr("15:59:59.999999999Z\""));
}

TEST(RecordingFormatTest, EveryEventKeepsItsSlotAndLatency) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    Event event = Request(kTime, "/pay", 200);
    // Around a slot border, quarters of a nanosecond included: what a clock may show after it was set back.
    event.time += absl::Seconds(5 * static_cast<int64_t>(random() % 1000)) +
                  absl::Nanoseconds(static_cast<int64_t>(random() % 5) - 2) +
                  absl::Nanoseconds(1) * static_cast<int64_t>(random() % 4) / 4;
    event.latency = absl::Nanoseconds(static_cast<int64_t>(random() % 86'400'000'000'000));
    event.count = static_cast<int64_t>(random() % 1000) + 1;
    ReadBack(event, [&event](const Event& same) {
      EXPECT_EQ(SlotOf(same.time, absl::Seconds(1)), SlotOf(event.time, absl::Seconds(1)))
          << absl::FormatTime(event.time);
      EXPECT_EQ(*same.latency, *event.latency);
      EXPECT_EQ(same.count, event.count);
      EXPECT_EQ(same.endpoint, event.endpoint);
    });
  }
}

TEST(RecordingFormatTest, AnOutcomeNeedsNoStatus) {
  Event event;
  event.time = kTime;
  event.endpoint = "/";
  event.outcome = "shape_mismatch";
  ReadBack(event, [](const Event& same) {
    EXPECT_FALSE(same.status);
    EXPECT_EQ(same.outcome, "shape_mismatch");
  });
}

ControlLine Full(Kind kind) {
  ControlLine line;
  line.kind = kind;
  line.at = kTime + absl::Nanoseconds(1'234'567);
  line.session = kTime;
  line.file = 3;
  line.version = "1.2.3";
  line.evaluation_interval = absl::Seconds(5);
  line.resumed = kTime - absl::Hours(1);
  line.fingerprint = {{"slo_tiers.web.p95_ms", "1200 ms"}, {"x", "\"\\é\t"}};
  line.events = 5;
  line.refusing = true;
  line.source = Source::kSynthetic;
  line.counted_batches = 1234;
  line.batches = 4;
  line.ticks = 3;
  line.heartbeats = 2;
  return line;
}

TEST(RecordingFormatTest, ControlLinesAreReadBack) {
  for (Kind kind : {Kind::kStart, Kind::kContinue, Kind::kBatch, Kind::kTick, Kind::kHeartbeat, Kind::kReload,
                    Kind::kGap, Kind::kEnd}) {
    const std::string text = ControlLineText(Full(kind));
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    ASSERT_TRUE(IsControlLine(text)) << text;
    const absl::StatusOr<ControlLine> line = ParseControlLine(text);
    ASSERT_TRUE(line.ok()) << line.status() << " " << text;
    EXPECT_EQ(line->kind, kind) << text;
    EXPECT_EQ(ControlLineText(*line), text);
  }
}

TEST(RecordingFormatTest, ControlLinesLookAsTheReferenceSays) {
  ControlLine tick;
  tick.kind = Kind::kTick;
  tick.at = kTime + absl::Seconds(5);
  EXPECT_EQ(ControlLineText(tick), "{\"firebreak\":\"tick\",\"at\":\"2025-11-24T16:00:05Z\"}\n");
  tick.counted_batches = 0;
  EXPECT_EQ(ControlLineText(tick), "{\"firebreak\":\"tick\",\"at\":\"2025-11-24T16:00:05Z\",\"counted_batches\":0}\n");
  ControlLine batch;
  batch.kind = Kind::kBatch;
  batch.at = kTime + absl::Milliseconds(20);
  batch.events = 2;
  EXPECT_EQ(ControlLineText(batch), "{\"firebreak\":\"batch\",\"arrived\":\"2025-11-24T16:00:00.02Z\",\"events\":2}\n");
  ControlLine gap;
  gap.kind = Kind::kGap;
  gap.events = 7;
  gap.batches = 1;
  EXPECT_EQ(ControlLineText(gap), "{\"firebreak\":\"gap\",\"events\":7,\"batches\":1}\n");
}

TEST(RecordingFormatTest, AnEventIsNoControlLine) {
  EXPECT_FALSE(IsControlLine(Line(Request(kTime, "/pay", 200))));
  EXPECT_FALSE(IsControlLine(""));
  EXPECT_FALSE(IsControlLine(R"({"firebreaks":"tick"})"));
}

TEST(RecordingFormatTest, AKindOfTheFutureIsUnknown) {
  const absl::StatusOr<ControlLine> line = ParseControlLine(R"({"firebreak":"probe","at":5,"deep":{"er":[[[1]]]}})");
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->kind, Kind::kUnknown);
}

TEST(RecordingFormatTest, AFormatOfTheFutureIsRefused) {
  std::string text = ControlLineText(Full(Kind::kStart));
  text.replace(text.find("\"format\":1"), 10, "\"format\":2");
  const absl::Status status = ParseControlLine(text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "start line: format: 2: made by a newer version of firebreak, this one reads up to 1");
}

TEST(RecordingFormatTest, WhatIsWrongIsNamed) {
  const auto fault = [](std::string_view text) {
    const absl::Status status = ParseControlLine(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    return std::string(status.message());
  };
  constexpr std::string_view kWanted = "wanted a time such as \"2025-11-24T16:00:00.5Z\"";
  EXPECT_THAT(fault(R"({"firebreak":"tick")"), HasSubstr("wanted a JSON object"));
  EXPECT_THAT(fault(R"({"firebreak":7})"), HasSubstr("wanted a JSON object"));
  EXPECT_EQ(fault(R"({"firebreak":"tick"})"), fmt::format("tick line: at: is missing: {}", kWanted));
  EXPECT_EQ(fault(R"({"firebreak":"tick","at":5})"), fmt::format("tick line: at: 5: {}", kWanted));
  EXPECT_EQ(fault(R"({"firebreak":"tick","at":"noon"})"), fmt::format("tick line: at: \"noon\": {}", kWanted));
  EXPECT_EQ(fault(R"({"firebreak":"tick","at":"12025-11-24T16:00:00Z"})"),
            fmt::format("tick line: at: \"12025-11-24T16:00:00Z\": {}", kWanted));
  EXPECT_EQ(fault(R"({"firebreak":"tick","at":"2025-11-24T16:00:00Z","refusing":1})"),
            "tick line: refusing: 1: wanted true or false");
  EXPECT_EQ(fault(R"({"firebreak":"tick","at":"2025-11-24T16:00:00Z","counted_batches":"7"})"),
            "tick line: counted_batches: \"7\": wanted a count, from 0 to 2^53");
  EXPECT_EQ(fault(R"({"firebreak":"batch","arrived":"2025-11-24T16:00:00Z","events":-1})"),
            "batch line: events: -1: wanted a count, from 0 to 2^53");
  EXPECT_EQ(fault(R"({"firebreak":"heartbeat","at":"2025-11-24T16:00:00Z","source":"x"})"),
            "heartbeat line: source: \"x\": wanted rum or synthetic");
  EXPECT_EQ(fault(R"({"firebreak":"reload","at":"2025-11-24T16:00:00Z"})"),
            "reload line: fingerprint: is missing: wanted an object of texts");
  EXPECT_EQ(fault(R"({"firebreak":"maintenance","at":"2025-11-24T16:00:00Z","windows":[{"id":"a","tier":7}]})"),
            "maintenance line: windows[0].tier: 7: wanted a text");
  EXPECT_EQ(fault(R"({"firebreak":"start","at":"2025-11-24T16:00:00Z","format":0})"),
            "start line: format: 0: wanted a number from 1 to 1");
  EXPECT_THAT(fault(R"({"firebreak":")" + std::string(2 << 20, 'x') + "\"}"), HasSubstr("longer than 1 MiB"));
  EXPECT_THAT(fault(R"({"firebreak":)" + std::string(900'000, '[')), HasSubstr("wanted a JSON object"));
}

}  // namespace
}  // namespace firebreak
