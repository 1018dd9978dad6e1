#include "api/codec/event_json.h"

#include <string>
#include <string_view>
#include <vector>

#include "api/codec/event_oracle.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const absl::Time kNow = absl::FromUnixMillis(1'764'000'000'000);

EventTimeRule Live() { return {EventTimeRule::Missing::kIsNow, kNow, kNow + absl::Seconds(30)}; }
EventTimeRule Replay() { return {EventTimeRule::Missing::kIsError, absl::Time(), absl::InfiniteFuture()}; }

// Decodes bodies and remembers the endpoints of good events and the errors as "1: reason".
class EventJsonTest : public testing::Test {
 protected:
  void Decode(std::string_view body, EventBodyFormat format = EventBodyFormat::kGuess) {
    endpoints_.clear();
    errors_.clear();
    result_ = decoder_.Decode(body, format, rule_, [this](const Event& event) {
      endpoints_.emplace_back(event.endpoint);
      printed_ = PrintEvent(0, event);
      event_time_ = event.time;
    });
    for (const EventError& error : result_.errors) errors_.push_back(fmt::format("{}: {}", error.index, error.reason));
  }

  // The reason one event is refused, or "" if it is good.
  std::string Reason(std::string_view event) {
    Decode(event);
    EXPECT_EQ(result_.decoded + result_.rejected, 1) << event;
    return result_.errors.empty() ? "" : result_.errors[0].reason;
  }

  // The same of an event that is good but for one more field.
  std::string ReasonWith(std::string_view field) {
    return Reason(fmt::format(R"({{"endpoint":"/a","outcome":"ok",{}}})", field));
  }

  EventTimeRule rule_ = Live();
  EventDecoder decoder_;
  EventDecodeResult result_;
  std::vector<std::string> endpoints_;
  std::vector<std::string> errors_;
  std::string printed_;
  absl::Time event_time_;
};

constexpr char kA[] = R"({"endpoint":"/a","status":200})";
constexpr char kB[] = R"({"endpoint":"/b","status":503})";
constexpr char kC[] = R"({"endpoint":"/c","outcome":"timeout"})";

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

TEST_F(EventJsonTest, EveryFieldIsRead) {
  Decode(R"({"ts":1764000000123,"endpoint":"/userid/?a=1","status":200,"latency_ms":312.5,"source":"synthetic",)"
         R"("region":"eu","outcome":"ok","retries":2,"count":7})");
  EXPECT_EQ(printed_,
            "#0 ts=2025-11-24T16:00:00.123+00:00 endpoint=/userid/?a=1 status=200 latency=312.5ms outcome=ok region=eu "
            "source=synthetic retries=2 count=7");
}

TEST_F(EventJsonTest, AbsentAndNullFieldsHaveDefaults) {
  const std::string defaults =
      "#0 ts=2025-11-24T16:00:00+00:00 endpoint=/a status=200 latency=none outcome= region= source=rum retries=0 "
      "count=1";
  Decode(kA);
  EXPECT_EQ(printed_, defaults);
  Decode(R"({"endpoint":"/a","status":200,"ts":null,"latency_ms":null,"outcome":null,"region":null,"source":null,)"
         R"("retries":null,"count":null})");
  EXPECT_EQ(printed_, defaults);
}

TEST_F(EventJsonTest, UnknownFieldsAreIgnoredAndCounted) {
  Decode(R"({"endpoint":"/a","x":{"y":[1,-2.5e3,true,null,"\u00e9",{}]},"status":200,"z":[]})");
  EXPECT_THAT(endpoints_, ElementsAre("/a"));
  EXPECT_EQ(result_.unknown_fields, 2);
}

TEST_F(EventJsonTest, EscapedNamesAndTextAreUnderstood) {
  Decode(R"({"\u0065ndpoint":"\/a\"\\\u00e9\ud83d\ude00","status":200})");
  EXPECT_THAT(endpoints_, ElementsAre("/a\"\\\u00e9\U0001F600"));
}

TEST_F(EventJsonTest, LayoutsAreGuessed) {
  struct Row {
    std::string body;
    std::vector<std::string> endpoints;
  };
  const std::string a = kA, b = kB;
  const Row rows[] = {
      {a, {"/a"}},
      {a + "\n", {"/a"}},
      {a + "\n" + b, {"/a", "/b"}},
      {a + "\r\n\r\n" + b + "\r\n", {"/a", "/b"}},
      {"\n \t\n" + a + "\n\n\n" + b + "\n\n", {"/a", "/b"}},
      {"\xEF\xBB\xBF" + a + "\n" + b, {"/a", "/b"}},
      {"\xEF\xBB\xBF[" + a + "]", {"/a"}},
      {"[" + a + "," + b + "]", {"/a", "/b"}},
      {" [\n" + a + " ,\n" + b + "\n]\n", {"/a", "/b"}},
      {"[\n" + a + "\n, " + b + "\n]\n", {"/a", "/b"}},
      {"{\n  \"endpoint\": \"/a\",\r\n  \"status\":\n200\n}\n", {"/a"}},
      {"{\"x\":{\n\"y\":[\n{}]},\"endpoint\":\"/a\",\"status\":200}", {"/a"}},
      {"  " + a + "  ", {"/a"}},
  };
  for (const Row& row : rows) {
    Decode(row.body);
    EXPECT_EQ(endpoints_, row.endpoints) << row.body;
    EXPECT_EQ(result_.rejected, 0) << row.body;
  }
}

TEST_F(EventJsonTest, EmptyBodiesHoldNoEvents) {
  for (const std::string_view body : {"", "\n", " \r\n\t", "\xEF\xBB\xBF", "[]", " [ ] \n"}) {
    Decode(body);
    EXPECT_EQ(result_.decoded, 0) << body;
    EXPECT_EQ(result_.rejected, 0) << body;
  }
}

// Every way of being bad that could reach beyond its own line or element.
const std::vector<std::string>& BadEvents() {
  static const auto& bad = *new std::vector<std::string>{
      R"({"endpoint":"/x","status":200)",
      R"({"endpoint":"/x","status":)",
      R"({"endpoint":"/x","sta)",
      R"({"endpoint":"/x)",
      R"({"endpoint":"/x\)",
      R"({"endpoint":"/x\","status":200})",
      R"({"endpoint)",
      R"({)",
      R"(})",
      R"({}})",
      R"({})",
      R"(")",
      R"(42)",
      R"("text")",
      R"(null)",
      R"(nul)",
      R"(garbage)",
      R"({"endpoint":"/x","status":200,})",
      R"({"endpoint":"/x" "status":200})",
      R"({"endpoint":"/x","status":200}})",
      R"({"endpoint":"/x","status":200} {"endpoint":"/y","status":200})",
      R"({"endpoint":"/x","status":200} x)",
      R"({"endpoint":"/x","status":200,"x":tru})",
      R"({"endpoint":"/x","status":200,"x":nulll})",
      R"({"endpoint":"/x","status":200,"x":NaN})",
      R"({"endpoint":"/x","status":200,"x":Infinity})",
      R"({"endpoint":"/x","status":200,"x":01})",
      R"({"endpoint":"/x","status":200,"x":1.})",
      R"({"endpoint":"/x","status":200,"x":1e999})",
      R"({"endpoint":"/x","status":200,"x":[1})",
      R"({"endpoint":"/x","status":200,"x":{"y":1})",
      R"({"endpoint":"/x","status":200,"x":"\q"})",
      R"({"endpoint":"/x","status":200,"x":"\ud800"})",
      R"({"endpoint":"/x","status":200,"x":"\udc00"})",
      R"({"endpoint":"/x","status":200,"\udc00":1})",
      R"({"endpoint":"/x","status":200,"x":1,"x":2})",
      R"({"endpoint":"/x","status":200,"status":200})",
      R"({"endpoint":"/x","status":"200"})",
      R"({"endpoint":"/x","status":999})",
      R"({endpoint:"/x","status":200})",
      R"({'endpoint':'/x','status':200})",
      "{\"endpoint\":\"/x\",\"status\":200,\"x\":\"\xFF\"}",
      "{\"endpoint\":\"/x\xC3\",\"status\":200}",
      "{\"endpoint\":\"/\x01\",\"status\":200}",
      std::string("{\"endpoint\":\"/x\0\",\"status\":200}", 31),
      std::string("{\"endpoint\":\"/x\",\"status\":200}\0", 31),
      "\xEF\xBB\xBF x",
      "\xFF",
  };
  return bad;
}

TEST_F(EventJsonTest, BadLineNeverSpoilsItsNeighbours) {
  for (const std::string& bad : BadEvents()) {
    for (size_t position = 0; position <= 3; ++position) {
      std::vector<std::string> lines = {kA, kB, kC};
      lines.insert(lines.begin() + position, bad);
      Decode(Join(lines, "\n"), EventBodyFormat::kNdjson);
      EXPECT_THAT(endpoints_, ElementsAre("/a", "/b", "/c")) << bad << " at " << position;
      ASSERT_EQ(result_.errors.size(), 1) << bad << " at " << position;
      EXPECT_EQ(result_.errors[0].index, position) << bad;
    }
  }
}

TEST_F(EventJsonTest, BadLineNeverSpoilsItsNeighboursWhenTheLayoutIsGuessed) {
  for (const std::string& bad : BadEvents()) {
    if (bad.front() == '\xEF') continue;  // a byte order mark belongs at the beginning
    for (size_t position = 0; position <= 3; ++position) {
      std::vector<std::string> lines = {kA, kB, kC};
      lines.insert(lines.begin() + position, bad);
      Decode(Join(lines, "\r\n"));
      EXPECT_THAT(endpoints_, ElementsAre("/a", "/b", "/c")) << bad << " at " << position;
      EXPECT_EQ(result_.rejected, 1) << bad;
    }
  }
}

TEST_F(EventJsonTest, ArrayLineAmongLinesSpoilsNothing) {
  for (const std::string_view bad : {"[1,2]", "[", "[]", "[oops", "[{\"endpoint\":\"/x\",\"status\":200}]"}) {
    Decode(fmt::format("{}\n{}\n{}", bad, kA, kB), EventBodyFormat::kNdjson);
    EXPECT_THAT(endpoints_, ElementsAre("/a", "/b")) << bad;
    EXPECT_EQ(result_.rejected, 1) << bad;
    if (bad == "[") continue;  // this may well begin an array
    Decode(fmt::format("{}\n{}\n{}", bad, kA, kB));
    EXPECT_THAT(endpoints_, ElementsAre("/a", "/b")) << bad;
  }
}

TEST_F(EventJsonTest, BadElementNeverSpoilsItsNeighbours) {
  for (const std::string& bad : BadEvents()) {
    if (bad == "{" || bad == "\"" || bad == R"({"endpoint)") continue;  // nothing tells where these end
    for (size_t position = 0; position <= 3; ++position) {
      std::vector<std::string> elements = {kA, kB, kC};
      elements.insert(elements.begin() + position, bad);
      Decode("[" + Join(elements, ", ") + "]");
      EXPECT_THAT(endpoints_, ElementsAre("/a", "/b", "/c")) << bad << " at " << position;
      ASSERT_FALSE(result_.errors.empty()) << bad << " at " << position;
      EXPECT_EQ(result_.errors[0].index, position) << bad;
    }
  }
}

TEST_F(EventJsonTest, TruncatedArrayKeepsWhatCameBefore) {
  const std::string whole = fmt::format("[{},{},{}]", kA, kB, kC);
  for (size_t size = 1; size < whole.size(); ++size) {
    Decode(std::string_view(whole).substr(0, size));
    const size_t whole_elements = (size > 30) + (size > 61) + (size > 61 + 38);
    EXPECT_EQ(endpoints_.size(), whole_elements) << whole.substr(0, size);
    EXPECT_EQ(result_.rejected, 1) << whole.substr(0, size);
  }
}

TEST_F(EventJsonTest, FieldsAreHeldToTheirLimits) {
  struct Row {
    std::string field;
    std::string reason;  // "" = good
  };
  const Row rows[] = {
      {R"("status":100)", ""},
      {R"("status":599)", ""},
      {R"("status":99)", "status: 99 is not an HTTP status (wanted 100..599)"},
      {R"("status":600)", "status: 600 is not an HTTP status (wanted 100..599)"},
      {R"("status":200.0)", "status: 200.0 is not an integer (wanted 100..599)"},
      {R"("status":2e2)", "status: 2e2 is not an integer (wanted 100..599)"},
      {R"("status":"200")", R"(status: "200" is not an integer (wanted 100..599))"},
      {R"("status":[200])", "status: an array is not an integer (wanted 100..599)"},
      {R"("status":{"a":1})", "status: an object is not an integer (wanted 100..599)"},
      {R"("latency_ms":0)", ""},
      {R"("latency_ms":-0.0)", ""},
      {R"("latency_ms":1e-400)", ""},
      {R"("latency_ms":86400000)", ""},
      {R"("latency_ms":86400000.001)", "latency_ms: 86400000.001 is more than a day (wanted at most 86400000)"},
      {R"("latency_ms":-1)", "latency_ms: -1 is negative (wanted milliseconds, 0 or more)"},
      {R"("latency_ms":"5")", R"(latency_ms: "5" is not a number (wanted milliseconds))"},
      {R"("source":"rum")", ""},
      {R"("source":"RUM")", R"(source: "RUM" is no source (wanted "rum" or "synthetic"))"},
      {R"("source":1)", R"(source: 1 is no source (wanted "rum" or "synthetic"))"},
      {R"("region":"")", ""},
      {R"("region":5)", "region: 5 is not a string"},
      {R"("retries":0)", ""},
      {R"("retries":1000000)", ""},
      {R"("retries":-1)", "retries: -1 is out of range (wanted 0..1000000)"},
      {R"("retries":1000001)", "retries: 1000001 is out of range (wanted 0..1000000)"},
      {R"("count":1)", ""},
      {R"("count":1000000)", ""},
      {R"("count":0)", "count: 0 is out of range (wanted 1..1000000)"},
      {R"("count":1000001)", "count: 1000001 is out of range (wanted 1..1000000)"},
      {R"("count":99999999999999999999)", "count: 99999999999999999999 is out of range (wanted 1..1000000)"},
      {R"("count":true)", "count: true is not an integer (wanted 1..1000000)"},
      {R"("x":1,"y":2,"x":3)", "x: named twice (wanted each field once)"},
      {R"("x":1,"\u0078":3)", "x: named twice (wanted each field once)"},
      {R"("status":200,"status":200)", "status: named twice (wanted each field once)"},
      {R"("ts":null,"ts":null)", "ts: named twice (wanted each field once)"},
      {R"("x":{"y":1,"y":2})", ""},
      {R"("x":1e400)", "not JSON: 1e400 is not a value, at field \"x\""},
      {R"("latency_ms":NaN)", "not JSON: NaN is not a value, at field \"latency_ms\""},
      {R"("latency_ms":-Infinity)", "not JSON: -Infinity is not a value, at field \"latency_ms\""},
  };
  for (const Row& row : rows) EXPECT_EQ(ReasonWith(row.field), row.reason) << row.field;
}

TEST_F(EventJsonTest, TimesAreHeldToTheirRange) {
  struct Row {
    std::string ts;
    std::string reason;
  };
  const Row rows[] = {
      {"1764000030000", ""},
      {"1764000030001", "ts: 1764000030001 is ahead of now by more than 30s"},
      {"1764000000123.75", ""},
      {"1.764e12", ""},
      {"100000000000", ""},
      {"99999999999", "ts: 99999999999 looks like seconds, wanted milliseconds"},
      {"1764000000", "ts: 1764000000 looks like seconds, wanted milliseconds"},
      {"0", "ts: 0 looks like seconds, wanted milliseconds"},
      {"-5", "ts: -5 is negative, wanted milliseconds since 1970"},
      {"32472144000000", "ts: 32472144000000 is ahead of now by more than 30s"},
      {"99999999999999999999", "ts: 99999999999999999999 is beyond the year 9999"},
      {R"("2025-11-24T16:00:30Z")", ""},
      {R"("2025-11-24T16:00:30.001Z")", R"(ts: "2025-11-24T16:00:30.001Z" is ahead of now by more than 30s)"},
      {R"("2999-01-01T00:00:00Z")", R"(ts: "2999-01-01T00:00:00Z" is ahead of now by more than 30s)"},
      {R"("1973-03-03T09:46:40Z")", ""},
      {R"("1970-01-01T00:00:00Z")",
       R"(ts: "1970-01-01T00:00:00Z" is before 1973-03-03T09:46:40Z: no request is that old)"},
      {R"("2025-11-24T16:00:00")",
       R"(ts: "2025-11-24T16:00:00" is not an RFC 3339 time with zone (wanted 2025-11-24T16:00:00Z))"},
      {"true", "ts: true is not a time (wanted milliseconds since the epoch, or RFC 3339 text)"},
  };
  for (const Row& row : rows) EXPECT_EQ(ReasonWith("\"ts\":" + row.ts), row.reason);
}

TEST_F(EventJsonTest, TimesAreReadExactly) {
  ReasonWith(R"("ts":1764000000123)");
  EXPECT_EQ(event_time_, absl::FromUnixMillis(1764000000123));
  ReasonWith(R"("ts":1764000000123.25)");
  EXPECT_EQ(event_time_, absl::FromUnixMicros(1764000000123250));
  ReasonWith(R"("ts":"2025-11-24T21:30:00.123456789+05:30")");
  EXPECT_EQ(event_time_, absl::FromUnixNanos(1764000000123456789));
}

TEST_F(EventJsonTest, ReplayWantsATimeAndHasNoFuture) {
  rule_ = Replay();
  EXPECT_EQ(Reason(kA), "ts: missing (a recording needs the time of each event)");
  EXPECT_EQ(ReasonWith(R"("ts":null)"), "ts: missing (a recording needs the time of each event)");
  EXPECT_EQ(ReasonWith(R"("ts":"2999-01-01T00:00:00Z")"), "");
  EXPECT_EQ(ReasonWith(R"("ts":253402300799999)"), "");
  EXPECT_EQ(ReasonWith(R"("ts":253402300800000)"), "ts: 253402300800000 is beyond the year 9999");
}

TEST_F(EventJsonTest, EndpointAndAResultAreRequired) {
  EXPECT_EQ(Reason(R"({"status":200})"), "endpoint: missing");
  EXPECT_EQ(Reason(R"({"endpoint":null,"status":200})"), "endpoint: missing");
  EXPECT_EQ(Reason(R"({"endpoint":"/a"})"), "status: missing (wanted status or outcome)");
  EXPECT_EQ(Reason(R"({"endpoint":"/a","status":null})"), "status: missing (wanted status or outcome)");
  EXPECT_EQ(Reason(R"({"endpoint":"/a","status":null,"outcome":"timeout"})"), "");
}

TEST_F(EventJsonTest, TextHasBothLengthsAndNoControlCharacters) {
  const auto event = [](std::string_view name, const std::string& text) {
    return name == "endpoint" ? fmt::format(R"({{"endpoint":"{}","status":200}})", text)
                              : fmt::format(R"({{"endpoint":"/a","status":200,"{}":"{}"}})", name, text);
  };
  const auto long_text = [](size_t size) { return std::string(size, 'x'); };
  EXPECT_EQ(Reason(event("endpoint", long_text(2048))), "");
  EXPECT_THAT(Reason(event("endpoint", long_text(2049))), HasSubstr("is 2049 bytes long (wanted 1..2048)"));
  EXPECT_THAT(Reason(event("endpoint", long_text(10240))), HasSubstr("is 10240 bytes long (wanted 1..2048)"));
  EXPECT_EQ(Reason(event("endpoint", "")), "endpoint: \"\" is 0 bytes long (wanted 1..2048)");
  EXPECT_EQ(Reason(event("region", long_text(64))), "");
  EXPECT_THAT(Reason(event("region", long_text(65))), HasSubstr("is 65 bytes long (wanted 0..64)"));
  EXPECT_EQ(Reason(event("outcome", long_text(64))), "");
  EXPECT_THAT(Reason(event("outcome", long_text(65))), HasSubstr("is 65 bytes long (wanted 1..64)"));
  EXPECT_EQ(Reason(event("outcome", "")), "outcome: \"\" is 0 bytes long (wanted 1..64)");
  for (const std::string_view name : {"endpoint", "region", "outcome"}) {
    for (const std::string control : {R"(\u0000)", R"(\n)", R"(\u001f)", R"(\u007f)", R"(\u0085)", R"(\u009b)"}) {
      EXPECT_THAT(Reason(event(name, control)), HasSubstr("has control characters")) << name << control;
    }
    EXPECT_EQ(Reason(event(name, R"(\u00a0\")")), "") << name;
  }
}

TEST_F(EventJsonTest, ReasonsShowForeignTextCutAndEscaped) {
  EXPECT_EQ(Reason(R"({"endpoint":"/a\u0000\u001b[31m","status":200})"),
            "endpoint: \"/a\\x00\\x1B[31m\" has control characters or is not UTF-8");
  const std::string reason = ReasonWith("\"source\":\"" + std::string(1000, 'x') + "\"");
  EXPECT_EQ(reason, "source: \"" + std::string(64, 'x') + "...\" is no source (wanted \"rum\" or \"synthetic\")");
}

TEST_F(EventJsonTest, OtherJsonIsNoEvent) {
  EXPECT_EQ(Reason("42"), "wanted an object, got 42");
  EXPECT_EQ(Reason("\"text\""), "wanted an object, got \"text\"");
  EXPECT_EQ(Reason("[null]"), "wanted an object, got null");
  EXPECT_EQ(Reason("[[]]"), "wanted an object, got []");
}

TEST_F(EventJsonTest, BrokenJsonIsExplained) {
  EXPECT_EQ(Reason(R"({"endpoint":"/a","status":200)"), "not JSON: it is cut off");
  EXPECT_EQ(Reason(R"({"endpoint":"/a","sta)"), "not JSON: a string is not closed, or it is cut off");
  EXPECT_EQ(Reason(std::string(kA) + " " + kB),
            "there is text after the event (events one to a line are application/x-ndjson)");
  EXPECT_EQ(Reason("{\"endpoint\":\"/a\xFF\",\"status\":200}"), "not JSON: not UTF-8");
  EXPECT_EQ(ReasonWith(R"("x":"\q")"), "not JSON: a string has a bad escape, at field \"x\"");
}

TEST_F(EventJsonTest, SkippedValuesMayBe32LevelsDeep) {
  const auto nested = [](int levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_EQ(ReasonWith("\"x\":" + nested(31)), "");
  EXPECT_EQ(ReasonWith("\"x\":" + nested(32)), "not JSON: more than 32 levels deep, at field \"x\"");
  EXPECT_EQ(ReasonWith("\"x\":" + nested(100'000)), "not JSON: more than 32 levels deep, at field \"x\"");
  Decode(fmt::format("{0}\n{{\"endpoint\":\"/x\",\"status\":200,\"x\":{1}}}\n{0}", kA, nested(32)));
  EXPECT_THAT(endpoints_, ElementsAre("/a", "/a"));
}

std::string EventOfSize(size_t size) {
  const std::string begin = R"({"endpoint":"/big","status":200,"x":")";
  return begin + std::string(size - begin.size() - 2, 'x') + "\"}";
}

TEST_F(EventJsonTest, EventMayHaveOneMebibyte) {
  constexpr size_t kMebibyte = size_t{1} << 20;
  const std::string reason = "1: the event is 1048577 bytes long (wanted at most 1048576)";
  for (const std::string_view separator : {"\n", "\r\n"}) {
    Decode(Join({kA, EventOfSize(kMebibyte), kB}, separator));
    EXPECT_THAT(endpoints_, ElementsAre("/a", "/big", "/b"));
    Decode(Join({kA, EventOfSize(kMebibyte + 1), kB}, separator));
    EXPECT_THAT(endpoints_, ElementsAre("/a", "/b"));
    EXPECT_THAT(errors_, ElementsAre(reason));
  }
  Decode("[" + Join({kA, EventOfSize(kMebibyte), EventOfSize(kMebibyte + 1), kB}, ",") + "]");
  EXPECT_THAT(endpoints_, ElementsAre("/a", "/big", "/b"));
}

TEST_F(EventJsonTest, BodyOfManyChunksKeepsEveryIndex) {
  constexpr int kEvents = 20'000;
  for (const int bad_at : {0, 1, 999, 2'000, 10'007, kEvents - 1}) {
    std::vector<std::string> lines(kEvents, kA);
    lines[bad_at] = R"({"endpoint":"/a)";
    Decode(Join(lines, "\n"));
    EXPECT_EQ(result_.decoded, kEvents - 1);
    ASSERT_EQ(result_.errors.size(), 1);
    EXPECT_EQ(result_.errors[0].index, bad_at);
  }
}

TEST_F(EventJsonTest, LinesOfEveryLengthAroundAChunkAreRead) {
  constexpr size_t kChunk = size_t{64} << 10;
  for (size_t size = kChunk - 80; size < kChunk + 80; ++size) {
    Decode(Join({kA, EventOfSize(size), kB, kC}, "\n"));
    ASSERT_THAT(endpoints_, ElementsAre("/a", "/big", "/b", "/c")) << size;
  }
}

TEST_F(EventJsonTest, OnlyTheFirstErrorsAreKept) {
  const std::vector<std::string> lines(50, "x");
  const auto ignore = [](const Event&) {};
  const std::string body = Join(lines, "\n");
  EXPECT_EQ(decoder_.Decode(body, EventBodyFormat::kGuess, rule_, ignore).errors.size(), 20);
  EXPECT_EQ(decoder_.Decode(body, EventBodyFormat::kGuess, rule_, ignore, 0).errors.size(), 0);
  EXPECT_EQ(decoder_.Decode(body, EventBodyFormat::kGuess, rule_, ignore, 3).rejected, 50);
}

TEST_F(EventJsonTest, FormatIsTakenAtItsWord) {
  Decode(fmt::format("{}\n{}", kA, kB), EventBodyFormat::kJson);
  EXPECT_THAT(endpoints_, IsEmpty());
  EXPECT_THAT(errors_, ElementsAre("0: there is text after the event (events one to a line are application/x-ndjson)"));
  Decode(fmt::format("[{}]", kA), EventBodyFormat::kNdjson);
  EXPECT_THAT(endpoints_, IsEmpty());
  Decode("{\n\"endpoint\":\"/a\",\"status\":200}", EventBodyFormat::kNdjson);
  EXPECT_EQ(result_.rejected, 2);
}

TEST_F(EventJsonTest, ArrayWithBrokenCommasTellsWhere) {
  Decode(fmt::format("[{},,{},]", kA, kB));
  EXPECT_THAT(endpoints_, ElementsAre("/a", "/b"));
  EXPECT_THAT(errors_, ElementsAre("1: wanted an object, got nothing", "3: wanted an object, got nothing"));
}

TEST_F(EventJsonTest, HostileArrayCostsBoundedWork) {
  std::string body = "[";
  for (int i = 0; i < 200'000; ++i) body += R"({"a":"x},)";
  Decode(body);
  EXPECT_THAT(endpoints_, IsEmpty());
  EXPECT_GE(result_.rejected, 1);
}

TEST_F(EventJsonTest, ObjectWithManyUnknownNamesCostsLittle) {
  std::string event = R"({"endpoint":"/a","status":200)";
  for (int i = 0; i < 80'000; ++i) event += fmt::format(",\"{}\":1", i);
  EXPECT_EQ(Reason(event + "}"), "");
  EXPECT_EQ(Reason(event + ",\"77777\":1}"), "77777: named twice (wanted each field once)");
}

TEST_F(EventJsonTest, DecodeLineTakesExactlyOneEvent) {
  int events = 0;
  const auto count = [&events](const Event&) { ++events; };
  EXPECT_EQ(decoder_.DecodeLine(kA, rule_, count), "");
  EXPECT_EQ(decoder_.DecodeLine("  \r", rule_, count), "wanted an object, got nothing");
  EXPECT_NE(decoder_.DecodeLine(std::string(kA) + kB, rule_, count), "");
  EXPECT_EQ(events, 1);
}

}  // namespace
}  // namespace firebreak
