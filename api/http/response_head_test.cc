#include "api/http/response_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ResponseHeadTest, SaysEverythingAClientNeeds) {
  HttpResponse response;
  response.body = "12345";
  EXPECT_EQ(ResponseHead(response, ConnectionFate::kKeepAlive),
            "HTTP/1.1 200 OK\r\nServer: firebreak\r\nConnection: keep-alive\r\nContent-Length: 5\r\n"
            "Content-Type: application/json\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n");
  EXPECT_THAT(ResponseHead(response, ConnectionFate::kClose), HasSubstr("\r\nConnection: close\r\n"));
}

TEST(ResponseHeadTest, StatusWithoutABodyHasNoLength) {
  HttpResponse response;
  for (int status : {204, 304}) {
    response.status = status;
    EXPECT_THAT(ResponseHead(response, ConnectionFate::kKeepAlive), Not(HasSubstr("Content-Length")));
    EXPECT_FALSE(StatusHasBody(status));
  }
}

TEST(ResponseHeadTest, KnowsNoPhraseForAnUnknownStatus) {
  HttpResponse response;
  response.status = 599;
  EXPECT_THAT(ResponseHead(response, ConnectionFate::kClose), testing::StartsWith("HTTP/1.1 599 "));
}

TEST(ResponseHeadTest, HandlersMayChooseTheirCaching) {
  HttpResponse response;
  response.headers = {{"cache-control", "max-age=60"}, {"ETag", "\"1\""}};
  const std::string head = ResponseHead(response, ConnectionFate::kKeepAlive);
  EXPECT_THAT(head, HasSubstr("cache-control: max-age=60\r\n"));
  EXPECT_THAT(head, HasSubstr("ETag: \"1\"\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("no-store")));
}

TEST(ResponseHeadTest, NoHeaderOfAHandlerBreaksTheFraming) {
  HttpResponse response;
  response.content_type = "text/plain\r\nEvil: 1";
  response.headers = {
      {"Content-Length", "77"}, {"Transfer-Encoding", "chunked"}, {"X-A", "b\r\nEvil: 1"}, {"X\n", "b"}, {"", "b"},
      {"connection", "upgrade"}};
  const std::string head = ResponseHead(response, ConnectionFate::kKeepAlive);
  for (const char* text : {"77", "chunked", "Evil", "X\n", "upgrade", "\r\n: "})
    EXPECT_THAT(head, Not(HasSubstr(text)));
}

}  // namespace
}  // namespace firebreak
