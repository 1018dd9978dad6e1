#include "api/http/route_table.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

HttpRoute Route(HttpMethod method, std::string path) {
  return HttpRoute{method, std::move(path), HttpScope::kRead, {}};
}

class RouteTableTest : public testing::Test {
 protected:
  // "GET /a" of the route found, or "404", or "405 Allow".
  std::string Find(HttpMethod method, std::string_view path) {
    const HttpRoute* route = nullptr;
    const std::optional<Refusal> refusal = table_.Find(method, path, route);
    if (!refusal) return route->path;
    std::string text = std::to_string(RefusalStatus(refusal->reason));
    for (const auto& [name, value] : refusal->headers) text += " " + name + ": " + value;
    return text;
  }

  RouteTable table_{{Route(HttpMethod::kGet, "/a"), Route(HttpMethod::kPost, "/a"), Route(HttpMethod::kDelete, "/d"),
                     Route(HttpMethod::kGet, "/books/*"), Route(HttpMethod::kGet, "/books/index"),
                     Route(HttpMethod::kPut, "/books/*")}};
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

}  // namespace
}  // namespace firebreak
