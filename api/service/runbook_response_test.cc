#include "api/service/runbook_response.h"

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/alertname.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr std::string_view kBrowser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
constexpr std::string_view kCurl = "*/*";

HttpResponse Get(std::string_view path, std::string_view accept) {
  HttpRequest request;
  request.path = path;
  request.headers = {{"accept", std::string(accept)}};
  return RunbookResponse(request);
}

TEST(RunbookResponseTest, EveryAlertHasARunbook) {
  for (std::string_view alertname : alertname::kAll) {
    const std::string path = "/runbooks/" + std::string(alertname);
    const HttpResponse text = Get(path, kCurl);
    EXPECT_EQ(text.status, 200) << path;
    EXPECT_THAT(text.body, StartsWith("# " + std::string(alertname) + "\n"));
    const HttpResponse page = Get(path, kBrowser);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_THAT(page.body, HasSubstr("<h1>" + std::string(alertname) + "</h1>"));
  }
}

TEST(RunbookResponseTest, ABrowserGetsAPageAndOthersMarkdown) {
  EXPECT_EQ(Get("/runbooks/NoData", kBrowser).content_type, "text/html; charset=utf-8");
  for (std::string_view accept : {kCurl, std::string_view(""), std::string_view("text/markdown")}) {
    EXPECT_EQ(Get("/runbooks/NoData", accept).content_type, "text/markdown; charset=utf-8") << accept;
  }
  EXPECT_EQ(Get("/runbooks/NoData.md", kBrowser).content_type, "text/markdown; charset=utf-8");
}

TEST(RunbookResponseTest, APageMayLoadAndRunNothing) {
  const HttpResponse page = Get("/runbooks/NoData", kBrowser);
  EXPECT_THAT(page.headers,
              Contains(Pair("Content-Security-Policy", StartsWith("default-src 'none'; style-src 'sha256-"))));
  EXPECT_THAT(page.headers, Not(Contains(Pair("Content-Security-Policy", HasSubstr("unsafe")))));
}

TEST(RunbookResponseTest, TheIndexLeadsToAll) {
  EXPECT_THAT(Get("/runbooks", kBrowser).body, HasSubstr("<a href=\"runbooks/Watchdog\">"));
  EXPECT_THAT(Get("/runbooks", kCurl).body, HasSubstr("[ShapeMismatch](runbooks/ShapeMismatch.md)"));
}

TEST(RunbookResponseTest, ANameThatIsNoneIsSaidWithThoseThatAre) {
  for (const char* path : {"/runbooks/Nothing", "/runbooks/Nothing.md", "/runbooks/.md", "/runbooks/nodata"}) {
    const HttpResponse error = Get(path, kCurl);
    EXPECT_EQ(error.status, 404) << path;
    EXPECT_THAT(error.body, HasSubstr("NoData, Saturation"));
    const HttpResponse page = Get(path, kBrowser);
    EXPECT_EQ(page.status, 404) << path;
    EXPECT_EQ(page.body, Get("/runbooks", kBrowser).body);
  }
}

}  // namespace
}  // namespace firebreak
