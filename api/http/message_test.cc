#include "api/http/message.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

TEST(HttpRequestTest, FirstHeaderOfANameIsFound) {
  HttpRequest request;
  request.headers = {{"accept", "a"}, {"accept", "b"}};
  EXPECT_EQ(request.Header("accept"), "a");
  EXPECT_EQ(request.Header("other"), "");
}

TEST(HttpRequestTest, QueryParametersAreDecoded) {
  HttpRequest request;
  request.query = "a=1&b=x%20y+z&c&=empty&d=%zz&a=2&e%3d=f&g=h=i&";
  EXPECT_EQ(request.QueryParameter("a"), "1");
  EXPECT_EQ(request.QueryParameter("b"), "x y z");
  EXPECT_EQ(request.QueryParameter("c"), "");
  EXPECT_EQ(request.QueryParameter("d"), "");
  EXPECT_EQ(request.QueryParameter("e="), "f");
  EXPECT_EQ(request.QueryParameter("g"), "h=i");
  EXPECT_EQ(request.QueryParameter("missing"), "");
}

TEST(HttpErrorTest, IsJsonWhateverTheMessageHolds) {
  EXPECT_EQ(HttpError(404, "no \"such\" path\n").body, "{\"error\":\"no \\\"such\\\" path\\n\"}\n");
  EXPECT_EQ(HttpError(404, "bad \xff byte").body, "{\"error\":\"bad \xEF\xBF\xBD byte\"}\n");
  EXPECT_EQ(HttpError(404, "x").status, 404);
  EXPECT_EQ(HttpError(404, "x").content_type, "application/json");
}

}  // namespace
}  // namespace firebreak
