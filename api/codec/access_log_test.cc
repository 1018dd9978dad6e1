#include "api/codec/access_log.h"

#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using testing::HasSubstr;

// "time endpoint status [outcome] [latency] [source]" of the event in a line, or "refused: reason".
std::string Read(AccessLogParser& parser, std::string_view line) {
  std::string printed;
  const std::string reason = parser.ParseLine(line, [&printed](const Event& event) {
    printed = fmt::format("{} {}", absl::FormatTime(event.time, absl::UTCTimeZone()), event.endpoint);
    if (event.status) printed += fmt::format(" {}", *event.status);
    if (!event.outcome.empty()) printed += fmt::format(" {}", event.outcome);
    if (event.latency) printed += " " + absl::FormatDuration(*event.latency);
    if (event.source == Source::kSynthetic) printed += " synthetic";
  });
  EXPECT_NE(reason.empty(), printed.empty()) << line;
  return reason.empty() ? printed : "refused: " + reason;
}

std::string ReadCombined(std::string_view line) {
  AccessLogParser parser = AccessLogParser::Combined();
  return Read(parser, line);
}

std::string ReadNginx(std::string_view line) {
  AccessLogParser parser = AccessLogParser::Nginx();
  return Read(parser, line);
}

std::string ReadCustom(std::string_view pattern, std::string_view line) {
  absl::StatusOr<AccessLogParser> parser = AccessLogParser::Custom(pattern);
  EXPECT_TRUE(parser.ok()) << parser.status();
  return parser.ok() ? Read(*parser, line) : "";
}

std::string CustomError(std::string_view pattern) {
  const absl::StatusOr<AccessLogParser> parser = AccessLogParser::Custom(pattern);
  EXPECT_EQ(parser.status().code(), absl::StatusCode::kInvalidArgument) << pattern;
  return std::string(parser.status().message());
}

std::string WithRequest(std::string_view request) {
  return fmt::format(R"(192.0.2.1 - - [24/Nov/2025:16:00:00 +0000] "{}" 200 12 "-" "agent")", request);
}

// What the request line becomes.
std::string EndpointOf(std::string_view request) {
  const std::string printed = ReadCombined(WithRequest(request));
  const std::string_view begin = "2025-11-24T16:00:00+00:00 ";
  EXPECT_EQ(printed.substr(0, begin.size()), begin) << request;
  return printed.substr(begin.size(), printed.rfind(' ') - begin.size());
}

TEST(AccessLogTest, CommonAndCombinedLinesAreRead) {
  const std::string wanted = "2000-10-10T20:55:36+00:00 /apache_pb.gif?x=1 200";
  const std::string common =
      R"(127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?x=1 HTTP/1.0" 200 2326)";
  EXPECT_EQ(ReadCombined(common), wanted);
  EXPECT_EQ(ReadCombined(common + R"re( "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)")re"),
            wanted);
  EXPECT_EQ(ReadCombined(common + R"( "-" "agent" 512 1024)"), wanted);
}

TEST(AccessLogTest, HostsAndUsersMayBeOdd) {
  for (const std::string_view who : {"2001:db8::1 - -", "host.example - \"frank miller\"", "- - -", "h i two words"}) {
    EXPECT_EQ(ReadCombined(fmt::format(R"({} [24/Nov/2025:16:00:00 +0000] "GET / HTTP/1.1" 503 -)", who)),
              "2025-11-24T16:00:00+00:00 / 503");
  }
}

TEST(AccessLogTest, WhatFollowsTheByteCountIsNotJudged) {
  for (const std::string_view tail :
       {R"( "-" "cut off)", R"( "-" "a "bare" quote")", R"( "-" "x"192.0.2.1 - - [24)", " "}) {
    EXPECT_EQ(ReadCombined(fmt::format(R"(h - - [24/Nov/2025:16:00:00 +0000] "GET / HTTP/1.1" 200 5{})", tail)),
              "2025-11-24T16:00:00+00:00 / 200");
  }
}

TEST(AccessLogTest, RequestsBecomePaths) {
  const std::pair<std::string, std::string> rows[] = {
      {"GET /a/b?c=d HTTP/1.1", "/a/b?c=d"},
      {"GET /old", "/old"},
      {"GET /with space HTTP/1.1", "/with space"},
      {R"(GET /a\"b\\c\x41 HTTP/1.1)", R"(/a"b\c\x41)"},
      {"OPTIONS * HTTP/1.1", "*"},
      {"M-SEARCH /x HTTP/1.1", "/x"},
      {"GET http://host.example:80/path?q HTTP/1.1", "/path?q"},
      {"GET https://host.example HTTP/1.1", "/"},
      {"GET http://host.example?q=1 HTTP/1.1", "/"},
      {"GET /caf\u00e9 HTTP/1.1", "/caf\u00e9"},
  };
  for (const auto& [request, endpoint] : rows) EXPECT_EQ(EndpointOf(request), endpoint) << request;
}

TEST(AccessLogTest, RequestsWithoutPathStillCount) {
  const std::string requests[] = {"-",
                                  "",
                                  "GET",
                                  "GET ",
                                  " /a HTTP/1.1",
                                  "GET  HTTP/1.1",
                                  "CONNECT host.example:443 HTTP/1.1",
                                  R"(\x16\x03\x01 /a)",
                                  "GET relative HTTP/1.1",
                                  "GET /\xFF HTTP/1.1",
                                  "GET /\x01 HTTP/1.1",
                                  std::string("GET /\0 HTTP/1.1", 15)};
  for (const std::string& request : requests) EXPECT_EQ(EndpointOf(request), "-") << request;
}

TEST(AccessLogTest, LongPathsLoseTheirQueryFirst) {
  const std::string path(2047, 'p');
  EXPECT_EQ(EndpointOf("GET /" + path + " HTTP/1.1"), "/" + path);
  EXPECT_EQ(EndpointOf("GET /" + path + "?query HTTP/1.1"), "/" + path);
  EXPECT_EQ(EndpointOf("GET /" + path + "p HTTP/1.1"), "-");
  EXPECT_EQ(EndpointOf("GET /" + path + "p?query HTTP/1.1"), "-");
}

TEST(AccessLogTest, TimesHaveAnyOffset) {
  const std::pair<std::string, std::string> rows[] = {
      {"24/Nov/2025:16:00:00 +0000", "2025-11-24T16:00:00+00:00"},
      {"24/Nov/2025:16:00:00 -0500", "2025-11-24T21:00:00+00:00"},
      {"24/Nov/2025:16:00:00 +0530", "2025-11-24T10:30:00+00:00"},
      {"31/Dec/2025:23:59:60 +0000", "2026-01-01T00:00:00+00:00"},
      {"29/Feb/2024:00:00:00 +0000", "2024-02-29T00:00:00+00:00"},
      {"01/Jan/2026:00:00:00 +1400", "2025-12-31T10:00:00+00:00"},
  };
  for (const auto& [time, wanted] : rows) {
    EXPECT_EQ(ReadCombined(fmt::format(R"(h - - [{}] "GET / HTTP/1.1" 200 5)", time)), wanted + " / 200");
  }
}

TEST(AccessLogTest, TimesThatDoNotExistAreRefused) {
  for (const std::string_view time :
       {"31/Feb/2025:16:00:00 +0000", "29/Feb/2025:16:00:00 +0000", "00/Nov/2025:16:00:00 +0000",
        "24/Nov/2025:24:00:00 +0000", "24/Nov/2025:16:60:00 +0000", "24/Nov/2025:16:00:61 +0000",
        "24/Nov/2025:16:00:00 +2400", "24/nov/2025:16:00:00 +0000", "24/Nov/2025:16:00:00", "24/Nov/2025:16:00:00 0000",
        "4/Nov/2025:16:00:00 +0000", "24/Nov/2025:16:00:00 +0000 ", "", "24/Nov/20-5:16:00:00 +0000"}) {
    EXPECT_THAT(ReadCombined(fmt::format(R"(h - - [{}] "GET / HTTP/1.1" 200 5)", time)), HasSubstr("refused: time: "))
        << time;
  }
  EXPECT_THAT(ReadCombined(R"(h - - [01/Jan/1970:00:00:00 +0000] "GET / HTTP/1.1" 200 5)"),
              HasSubstr("is out of range"));
}

TEST(AccessLogTest, StatusIsAnHttpStatus) {
  const auto read = [](std::string_view status) {
    return ReadCombined(fmt::format(R"(h - - [24/Nov/2025:16:00:00 +0000] "GET / HTTP/1.1" {} 5)", status));
  };
  EXPECT_EQ(read("100"), "2025-11-24T16:00:00+00:00 / 100");
  EXPECT_EQ(read("599"), "2025-11-24T16:00:00+00:00 / 599");
  for (const std::string_view status : {"99", "600", "000", "-", "2OO", "-200", "200x", "99999999999"}) {
    EXPECT_THAT(read(status), HasSubstr("is not an HTTP status (wanted 100..599)")) << status;
  }
}

TEST(AccessLogTest, OtherLinesAreRefusedAndShownCut) {
  const std::string reason = ReadCombined("not a log line \x1b[31m" + std::string(1000, 'x'));
  EXPECT_THAT(reason, HasSubstr("refused: \"not a log line \\x1B[31mxxx"));
  EXPECT_LT(reason.size(), 200);
  for (const std::string_view line : {"", " ", "h - -", R"(h - - [24/Nov/2025:16:00:00 +0000] "GET / HTTP/1.1)",
                                      R"(h - - [24/Nov/2025:16:00:00 +0000] "GET / HTTP/1.1" 200)", "{}"}) {
    EXPECT_THAT(ReadCombined(line), HasSubstr("does not fit")) << line;
  }
}

TEST(AccessLogTest, NginxHasTheRequestTimeLast) {
  const std::string line =
      R"(192.0.2.1 - - [24/Nov/2025:16:00:00 +0000] "POST /a HTTP/2.0" 502 157 "-" "curl/7 \x22q\x22")";
  const std::string wanted = "2025-11-24T16:00:00+00:00 /a 502";
  EXPECT_EQ(ReadNginx(line + " 0.123"), wanted + " 123ms");
  EXPECT_EQ(ReadNginx(line + R"( "0.123")"), wanted + " 123ms");
  EXPECT_EQ(ReadNginx(line + " rt=0.123"), wanted + " 123ms");
  EXPECT_EQ(ReadNginx(line + R"( rt="0.123")"), wanted + " 123ms");
  EXPECT_EQ(ReadNginx(line + R"( "203.0.113.9" 0.123)"), wanted + " 123ms");
  EXPECT_EQ(ReadNginx(line + " 0.000"), wanted + " 0");
  EXPECT_EQ(ReadNginx(line + " 86400.000"), wanted + " 24h");
  EXPECT_THAT(ReadNginx(line + " 86400.001"), HasSubstr("is out of range"));
  EXPECT_THAT(ReadNginx(line + " -0.1"), HasSubstr("is out of range"));
  for (const std::string_view tail : {"", " -", " fast", " 0.1x", " nan", " inf", " 1e1", " rt=", " \""}) {
    EXPECT_THAT(ReadNginx(line + std::string(tail)), HasSubstr("refused: ")) << tail;
  }
}

TEST(AccessLogTest, CustomPatternsNameTheirFields) {
  EXPECT_EQ(ReadCustom(R"(^(?P<time>\S+) (?P<status>\d+) (?P<endpoint>\S+) (?P<latency_ms>\S+) (?P<source>\S+)$)",
                       "2025-11-24T16:00:00Z 200 /a 12.5 synthetic"),
            "2025-11-24T16:00:00+00:00 /a 200 12.5ms synthetic");
  EXPECT_EQ(ReadCustom(R"re(t=(?P<time>\S+) .*"(?P<request>[^"]*)" (?P<outcome>\w+) (?P<latency_s>[\d.]+))re",
                       R"(ignored t=1764000000.5 x "GET /a HTTP/1.1" timeout 0.25 ignored)"),
            "2025-11-24T16:00:00.5+00:00 /a timeout 250ms");
  EXPECT_EQ(ReadCustom(R"((?P<time>\d+) (?P<endpoint>\S+) (?P<status>\S+) (?P<outcome>\S+) (?P<latency_ms>\S+))",
                       "1764000000123 /\xC3\xA9 - failed -"),
            "2025-11-24T16:00:00.123+00:00 /\xC3\xA9 failed");
  EXPECT_EQ(ReadCustom(R"(\[(?P<time>[^\]]+)\] (?P<endpoint>\S+) (?P<status>\d+)( (?P<latency_ms>\d+))?$)",
                       "[24/Nov/2025:16:00:00 +0000] /a 200"),
            "2025-11-24T16:00:00+00:00 /a 200");
}

TEST(AccessLogTest, CustomValuesAreHeldToTheSameLimits) {
  const std::string_view pattern =
      R"(^(?P<time>[^|]*)\|(?P<endpoint>[^|]*)\|(?P<outcome>[^|]*)\|(?P<latency_ms>[^|]*)\|(?P<source>[^|]*)$)";
  const std::string too_long(65, 'x');
  EXPECT_EQ(ReadCustom(pattern, "1764000000||ok|1|rum"), "2025-11-24T16:00:00+00:00 - ok 1ms");
  EXPECT_THAT(ReadCustom(pattern, "1764000000|/|ok|1|robot"), HasSubstr("is no source"));
  EXPECT_THAT(ReadCustom(pattern, "1764000000|/|ok|86400001|"), HasSubstr("is out of range"));
  EXPECT_THAT(ReadCustom(pattern, "1764000000|/|ok|x|"), HasSubstr("is not a number"));
  EXPECT_THAT(ReadCustom(pattern, "1764000000|/|" + too_long + "|1|"), HasSubstr("is not 1..64 bytes of text"));
  EXPECT_THAT(ReadCustom(pattern, "1764000000|/||1|"), HasSubstr("is not an HTTP status"));
  EXPECT_THAT(ReadCustom(pattern, "99999999|/|ok|1|"), HasSubstr("time: \"99999999\" is out of range"));
  EXPECT_THAT(ReadCustom(pattern, "yesterday|/|ok|1|"), HasSubstr("is no time"));
  EXPECT_THAT(ReadCustom(pattern, "-1764000000|/|ok|1|"), HasSubstr("is no time"));
  EXPECT_THAT(ReadCustom(pattern, "1e99|/|ok|1|"), HasSubstr("is no time"));
}

TEST(AccessLogTest, CustomPatternSaysWhatItLacks) {
  EXPECT_THAT(CustomError("("), HasSubstr("format: missing"));
  EXPECT_THAT(CustomError("(?P<endpoint>x)(?P<status>y)"), HasSubstr(R"(group "time" is missing)"));
  EXPECT_THAT(CustomError("(?P<time>x)(?P<status>y)"), HasSubstr(R"(group "endpoint" or "request" is missing)"));
  EXPECT_THAT(CustomError("(?P<time>x)(?P<request>y)"), HasSubstr(R"(group "status" or "outcome" is missing)"));
  EXPECT_THAT(CustomError("(?P<time>x)(?P<request>y)(?P<status>z)(?P<stauts>z)"),
              HasSubstr(R"(no group "stauts" is known)"));
  EXPECT_THAT(CustomError("(?P<time>x)(?P<request>y)(?P<status>z)(?P<nginx_tail>z)"), HasSubstr("nginx_tail"));
  const std::string groups = "(?P<time>x)(?P<request>y)(?P<status>z)";
  EXPECT_TRUE(AccessLogParser::Custom(groups + std::string(1024 - groups.size(), 'x')).ok());
  EXPECT_THAT(CustomError(groups + std::string(1025 - groups.size(), 'x')),
              HasSubstr("1025 bytes long (wanted at most 1024)"));
}

TEST(AccessLogTest, RecordingsAreRecognized) {
  const std::string common = R"(h - - [24/Nov/2025:16:00:00 +0000] "GET / HTTP/1.1" 200 5)";
  const std::string combined = common + R"( "-" "Mozilla/5.0 (X11; rv:1.2) x/5.36")";
  const std::pair<std::string, std::string> rows[] = {
      {R"({"endpoint":"/"})", "events"},
      {" [", "events"},
      {"\xEF\xBB\xBF{", "events"},
      {common, "combined"},
      {combined, "combined"},
      {combined + " 0.123", "nginx"},
      {combined + " \"0.123\"", "nginx"},
      {combined + " rt=0.5", "nginx"},
      {combined + " 512 1024", "combined"},
      {"", ""},
      {"time,status", ""},
      {"   ", ""},
  };
  for (const auto& [line, format] : rows) EXPECT_EQ(GuessRecordingFormat(line), format) << line;
}

// A small log of ours with one line of each kind that real servers write.
TEST(AccessLogTest, SampleLogIsReadToItsEnd) {
  std::ifstream sample("api/codec/testdata/access_log_corpus/combined.log");
  ASSERT_TRUE(sample.is_open());
  AccessLogParser parser = AccessLogParser::Combined();
  std::vector<std::string> read;
  for (std::string line; std::getline(sample, line);) read.push_back(Read(parser, line));
  EXPECT_THAT(read, testing::ElementsAre("2016-03-13T06:59:59+00:00 /checkout/?id=1 200",  //
                                         "2016-03-13T07:00:00+00:00 /checkout/?id=2 503",  //
                                         "2016-03-13T07:00:01+00:00 /say/\"hi\" 404",      //
                                         "2016-03-13T07:00:02+00:00 - 400",                //
                                         "2016-03-13T07:00:03+00:00 - 408",                //
                                         "2016-03-13T07:00:04+00:00 /cut 200"));
}

}  // namespace
}  // namespace firebreak
