#include "api/notify/url.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(UrlTest, PartsAreRead) {
  const struct {
    std::string_view text;
    Url::Scheme scheme;
    std::string host;
    int port;
    std::string target;
    std::string host_header;
  } kRows[] = {
      {"http://a", Url::Scheme::kHttp, "a", 80, "/", "a"},
      {"https://a", Url::Scheme::kHttps, "a", 443, "/", "a"},
      {"https://a:80/", Url::Scheme::kHttps, "a", 80, "/", "a:80"},
      {"http://a:9093/x/y?q=1#f", Url::Scheme::kHttp, "a", 9093, "/x/y?q=1", "a:9093"},
      {"http://a?q", Url::Scheme::kHttp, "a", 80, "/?q", "a"},
      {"http://[::1]:1/", Url::Scheme::kHttp, "::1", 1, "/", "[::1]:1"},
      {"http://[fe80::abcd]/", Url::Scheme::kHttp, "fe80::abcd", 80, "/", "[fe80::abcd]"},
      {"http://a:65535", Url::Scheme::kHttp, "a", 65535, "/", "a:65535"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.text);
    const auto url = ParseUrl(row.text);
    ASSERT_TRUE(url.ok()) << url.status();
    EXPECT_EQ(url->scheme, row.scheme);
    EXPECT_EQ(url->host, row.host);
    EXPECT_EQ(url->port, row.port);
    EXPECT_EQ(url->Target(), row.target);
    EXPECT_EQ(url->HostHeader(), row.host_header);
  }
}

TEST(UrlTest, UserAndPasswordAreDecoded) {
  const auto url = ParseUrl("http://me%40home:p%3Aw%zz@a/");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->user, "me@home");
  EXPECT_EQ(url->password, "p:w%zz");
  EXPECT_EQ(url->host, "a");
}

TEST(UrlTest, FaultsAreNamedWithoutTheText) {
  for (const std::string_view text :
       {"", "a", "ftp://hush/", "http://", "http://u:hush@", "http://hush:0/", "http://hush:65536/", "http://hush:9x/",
        "http://[::1", "http://[::1]hush", "http://hush/a b", "http://hush/\r\nX: y"}) {
    const auto url = ParseUrl(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(url.status().message()), Not(HasSubstr("hush")));
  }
}

}  // namespace
}  // namespace firebreak
