#include "api/http/route_table.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

HttpRoute Route(HttpMethod method, std::string path) {
  return HttpRoute{method, std::move(path), HttpScope::kRead, {}};
}

HttpRoute Page(std::string path) {
  HttpRoute route = Route(HttpMethod::kGet, std::move(path));
  route.audience = HttpAudience::kPages;
  return route;
}

class RouteTableTest : public testing::Test {
 protected:
  // "GET /a" of the route found, or "404", or "405 Allow".
  std::string Find(HttpMethod method, std::string_view path, std::string_view accept = "") {
    const HttpRoute* route = nullptr;
    const std::optional<Refusal> refusal = table_.Find(method, path, accept, route);
    if (!refusal) return route->path + (route->audience == HttpAudience::kPages ? " page" : "");
    std::string text = std::to_string(RefusalStatus(refusal->reason));
    for (const auto& [name, value] : refusal->headers) text += " " + name + ": " + value;
    return text;
  }

  RouteTable table_{{Route(HttpMethod::kGet, "/a"), Route(HttpMethod::kPost, "/a"), Route(HttpMethod::kDelete, "/d"),
                     Route(HttpMethod::kGet, "/books/*"), Route(HttpMethod::kGet, "/books/index"),
                     Route(HttpMethod::kPut, "/books/*"), Page("/both"), Route(HttpMethod::kGet, "/both")}};
};

TEST_F(RouteTableTest, FindsByPathAndMethod) {
  EXPECT_EQ(Find(HttpMethod::kGet, "/a"), "/a");
  EXPECT_EQ(Find(HttpMethod::kHead, "/a"), "/a");
  EXPECT_EQ(Find(HttpMethod::kPost, "/a"), "/a");
  EXPECT_EQ(Find(HttpMethod::kGet, "/books/one"), "/books/*");
  EXPECT_EQ(Find(HttpMethod::kPut, "/books/one"), "/books/*");
  EXPECT_EQ(Find(HttpMethod::kGet, "/books/index"), "/books/index");
}

TEST_F(RouteTableTest, RefusesUnknownPaths) {
  for (std::string_view path :
       {"/", "", "*", "/b", "/a/", "/A", "/books", "/books/", "/books/one/two", "/books/*/", "//a"}) {
    EXPECT_EQ(Find(HttpMethod::kGet, path), "404") << path;
  }
}

TEST_F(RouteTableTest, RefusesOtherMethodsSayingWhichThereAre) {
  EXPECT_EQ(Find(HttpMethod::kDelete, "/a"), "405 Allow: GET, HEAD, POST");
  EXPECT_EQ(Find(HttpMethod::kOther, "/d"), "405 Allow: DELETE");
  EXPECT_EQ(Find(HttpMethod::kHead, "/d"), "405 Allow: DELETE");
  EXPECT_EQ(Find(HttpMethod::kPost, "/books/x"), "405 Allow: GET, HEAD, PUT");
}

TEST_F(RouteTableTest, APageIsForThoseWhoAskForOne) {
  struct Row {
    std::string_view accept;
    std::string_view found;
  };
  const Row rows[] = {
      {"", "/both"},
      {"*/*", "/both"},
      {"text/*", "/both"},
      {"application/json", "/both"},
      {"text/htmlx", "/both"},
      {"text/html;q=0", "/both"},
      {"text/html; q=0.000", "/both"},
      {"text/html", "/both page"},
      {"TEXT/HTML", "/both page"},
      {"text/html;q=0.1", "/both page"},
      {"text/html;charset=utf-8;q=1", "/both page"},
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "/both page"},
      {"application/json, text/html", "/both page"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Find(HttpMethod::kGet, "/both", row.accept), row.found) << row.accept;
    EXPECT_EQ(Find(HttpMethod::kHead, "/both", row.accept), row.found) << row.accept;
  }
  EXPECT_EQ(Find(HttpMethod::kPost, "/both", "text/html"), "405 Allow: GET, HEAD");
  EXPECT_EQ(Find(HttpMethod::kGet, "/a", "text/html"), "/a");
}

}  // namespace
}  // namespace firebreak
