#include "rules/url.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(UrlTest, TakesHttpWithAHost) {
  for (const std::string_view url :
       {"http://h", "https://h", "http://127.0.0.1:9093", "http://h:1/", "http://h:65535/a?b=c#d", "http://[::1]",
        "http://[fe80::1]:80/x", "http://a-b.c_d.example/path@with/at", "http://h?x"}) {
    EXPECT_EQ(UrlFault(url), "") << url;
  }
}

TEST(UrlTest, RefusesOthers) {
  for (const std::string_view url : {"",
                                     "h",
                                     "ftp://h",
                                     "HTTP://h",
                                     "http:/h",
                                     "http://",
                                     "http:///x",
                                     "http://:80",
                                     "http://h:",
                                     "http://h:0",
                                     "http://h:65536",
                                     "http://h:8x",
                                     "http://u@h",
                                     "http://u:p@h/",
                                     "http://[::1",
                                     "http://[]",
                                     "http://[1]",
                                     "http://[::1]x",
                                     "http://h h",
                                     "http://h/\n",
                                     "http://h\xc3\xa4",
                                     "http://-h",
                                     "http://.h",
                                     "http://h/ x"}) {
    EXPECT_NE(UrlFault(url), "") << url;
  }
}

}  // namespace
}  // namespace firebreak
