// The fast decoder against the slow one: the same events with the same indexes, whatever the body.

#include <string>
#include <vector>

#include "api/codec/event_oracle.h"
#include "fmt/format.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace firebreak {
namespace {

EventTimeRule Rule() {
  const absl::Time now = absl::FromUnixMillis(1'764'000'000'000);
  return {EventTimeRule::Missing::kIsNow, now, now + absl::Seconds(30)};
}

rc::Gen<std::string> OneOf(std::vector<std::string> texts) { return rc::gen::elementOf(std::move(texts)); }

// "name":value, mostly good.
rc::Gen<std::string> Field() {
  return rc::gen::weightedOneOf<std::string>({
      {4, OneOf({R"("status":200)", R"("status":503)", R"("status":600)", R"("status":"200")", R"("status":null)"})},
      {3, OneOf({R"("outcome":"ok")", R"("outcome":"timeout")", R"("outcome":"")", R"("outcome":5)"})},
      {3, OneOf({R"("ts":1764000000123)", R"("ts":1763999999999.5)", R"("ts":"2025-11-24T16:00:00Z")", R"("ts":1)",
                 R"("ts":"2025-02-29T00:00:00Z")", R"("ts":"2024-02-29T23:59:60.5-23:59")", R"("ts":1e99)"})},
      {3, OneOf({R"("latency_ms":0)", R"("latency_ms":312.5)", R"("latency_ms":-0.0)", R"("latency_ms":1e-9)",
                 R"("latency_ms":86400001)", R"("latency_ms":"fast")"})},
      {2, OneOf({R"("source":"rum")", R"("source":"synthetic")", R"("source":"x")", R"("region":"eu")",
                 R"("region":"\u0000")", R"("retries":3)", R"("count":9)", R"("count":0)", R"("count":1.5)"})},
      {2, OneOf({R"("x":[1,{"y":[]},"\n"])", R"("x":{"a":1,"a":2})", R"("y":123456789012345678901234567890)",
                 R"("y":"\ud83d\ude00")", R"("y":"\udc00")", R"("z":[1,])", R"("z":tru)", R"("z":-)", R"("z":"\q")"})},
  });
}

rc::Gen<std::string> EventLine() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(Field()),
                      [](const std::vector<std::string>& fields) {
                        return fmt::format("{{\"endpoint\":\"/a/\u00e9?b=1\",\"status\":200{}{}}}",
                                           fields.empty() ? "" : ",", fmt::join(fields, ","));
                      });
}

// What breaks JSON in interesting ways when it lands in the wrong place.
rc::Gen<std::string> Splinter() {
  return OneOf({"{",
                "}",
                "[",
                "]",
                "\"",
                "\\",
                ",",
                ":",
                " ",
                "\n",
                "\r",
                "\t",
                "0",
                "e",
                "-",
                "\xFF",
                "\xC3",
                "\x01",
                std::string(1, '\0'),
                "null",
                "{}",
                "\"a\":1",
                "\\u",
                "\xEF\xBB\xBF"});
}

std::string Damaged(std::string text) {
  const int damages = *rc::gen::inRange(0, 4);
  for (int i = 0; i < damages && !text.empty(); ++i) {
    const size_t at = *rc::gen::inRange<size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text.insert(at, *Splinter());
        break;
      case 1:
        text.erase(at, *rc::gen::inRange<size_t>(1, 5));
        break;
      case 2:
        text.replace(at, 1, *Splinter());
        break;
      default:
        if (*rc::gen::inRange(0, 4) == 0) text.resize(at);
        break;
    }
  }
  return text;
}

RC_GTEST_PROP(EventJsonDifferential, DamagedLinesAmongGoodOnesAreJudgedAlike, ()) {
  const auto lines = *rc::gen::container<std::vector<std::string>>(EventLine());
  std::string body;
  for (const std::string& line : lines) {
    body += *rc::gen::inRange(0, 3) == 0 ? Damaged(line) : line;
    body += *OneOf({"\n", "\n", "\n", "\r\n", "\n\n", " \n \t\r\n"});
  }
  EventDecoder decoder;
  RC_ASSERT(RealDecodeLines(decoder, body, Rule()) == OracleDecodeLines(body, Rule()));
}

RC_GTEST_PROP(EventJsonDifferential, DamagedBodiesAreJudgedAlike, ()) {
  const auto lines = *rc::gen::container<std::vector<std::string>>(EventLine());
  const std::string body = Damaged(fmt::format("{}", fmt::join(lines, "\n")));
  EventDecoder decoder;
  RC_ASSERT(RealDecodeLines(decoder, body, Rule()) == OracleDecodeLines(body, Rule()));
}

// A body longer than one piece of the fast path, one byte of it changed: the decoder is kept, as the server keeps it.
RC_GTEST_PROP(EventJsonDifferential, OneBadByteInALongBodyIsJudgedAlike, ()) {
  static EventDecoder& decoder = *new EventDecoder;
  std::string body;
  for (int i = 0; i < 900; ++i) {
    body += fmt::format("{{\"endpoint\":\"/path/{}\",\"status\":200,\"ts\":{},\"region\":\"eu-west\",\"count\":{}}}\n",
                        i, 1763999990000 + i, i + 1);
  }
  body[*rc::gen::inRange<size_t>(0, body.size())] = (*Splinter())[0];
  RC_ASSERT(RealDecodeLines(decoder, body, Rule()) == OracleDecodeLines(body, Rule()));
}

}  // namespace
}  // namespace firebreak
