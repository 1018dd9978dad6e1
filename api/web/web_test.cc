#include "api/web/web.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "api/codec/gzip.h"

namespace firebreak {
namespace {

using testing::HasSubstr;
using testing::Not;

HttpResponse Get(const std::string& path, const std::string& known = "") {
  HttpRequest request;
  request.path = path;
  if (!known.empty()) request.headers.emplace_back("if-none-match", known);
  HttpResponse answer;
  for (const HttpRoute& route : DashboardRoutes()) {
    const bool matches = path == "/" ? route.path == "/" : route.path == "/web/*";
    if (matches) route.handle(request, [&](HttpResponse response) { answer = std::move(response); });
  }
  return answer;
}

std::string Header(const HttpResponse& response, std::string_view name) {
  for (const auto& [header, value] : response.headers) {
    if (header == name) return value;
  }
  return "";
}

// What the texts at `path` name under /web/, or import beside themselves.
std::set<std::string> Named(const std::string& path) {
  const std::string text = Get(path).body;
  std::set<std::string> names;
  const std::regex reference(R"re((?:"/web/|from "\./)([A-Za-z0-9_.-]+)")re");
  for (std::sregex_iterator it(text.begin(), text.end(), reference), end; it != end; ++it) names.insert((*it)[1]);
  return names;
}

TEST(WebTest, ThePageAndEverythingItLoadsIsThere) {
  std::set<std::string> seen;
  std::vector<std::string> open = {"/"};
  while (!open.empty()) {
    const std::string path = open.back();
    open.pop_back();
    EXPECT_EQ(Get(path).status, 200) << path;
    if (path.find("echarts") != std::string::npos) continue;
    for (const std::string& name : Named(path)) {
      if (seen.insert(name).second) open.push_back("/web/" + name);
    }
  }
  for (const char* name : {"main.js", "theme.css", "dashboard.css", "icon.svg", "echarts.min.js", "overview.js"}) {
    EXPECT_EQ(seen.count(name), 1u) << name;
  }
}

TEST(WebTest, ThePolicyForbidsWhateverIsNotOurs) {
  for (const char* path : {"/", "/web/main.js", "/web/icon.svg"}) {
    const std::string policy = Header(Get(path), "Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self';")) << path;
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'")) << path;
    EXPECT_THAT(policy, Not(HasSubstr("unsafe"))) << path;
    EXPECT_EQ(Header(Get(path), "Referrer-Policy"), "no-referrer") << path;
  }
}

TEST(WebTest, NothingInThePageNeedsWhatThePolicyForbids) {
  const std::string page = Get("/").body;
  EXPECT_THAT(page, Not(HasSubstr("style=")));
  EXPECT_THAT(page, Not(HasSubstr("onload=")));
  EXPECT_THAT(page, Not(HasSubstr("<style")));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, Not(HasSubstr("//cdn")));
}

TEST(WebTest, TypesAreThoseABrowserInsistsOn) {
  EXPECT_EQ(Get("/").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(Get("/web/main.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(Get("/web/dashboard.css").content_type, "text/css; charset=utf-8");
  EXPECT_EQ(Get("/web/icon.svg").content_type, "image/svg+xml");
  EXPECT_EQ(Get("/web/echarts.min.js").content_type, "text/javascript; charset=utf-8");
}

TEST(WebTest, WhatABrowserHasIsNotSentAgain) {
  const HttpResponse first = Get("/web/main.js");
  const std::string etag = Header(first, "ETag");
  EXPECT_TRUE(std::regex_match(etag, std::regex("\"[0-9a-f]{24}\""))) << etag;
  EXPECT_EQ(Header(first, "Cache-Control"), "no-cache");
  const HttpResponse again = Get("/web/main.js", etag);
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(Header(again, "ETag"), etag);
  EXPECT_EQ(Get("/web/main.js", "\"other\", " + etag).status, 304);
  EXPECT_EQ(Get("/web/main.js", "\"other\"").status, 200);
  EXPECT_NE(Header(Get("/web/dom.js"), "ETag"), etag);
}

TEST(WebTest, WhatAnswersDependOnIsSaid) { EXPECT_EQ(Header(Get("/"), "Vary"), "Accept"); }

TEST(WebTest, TheChartsComeCompressed) {
  const HttpResponse charts = Get("/web/echarts.min.js");
  EXPECT_EQ(Header(charts, "Content-Encoding"), "gzip");
  EXPECT_LT(charts.body.size(), 500'000u);
  const auto unpacked = Gunzip(charts.body, 8 << 20);
  ASSERT_TRUE(unpacked.ok());
  EXPECT_THAT(unpacked->substr(0, 2000), HasSubstr("Apache"));
  EXPECT_EQ(Header(Get("/web/main.js"), "Content-Encoding"), "");
}

TEST(WebTest, OtherNamesAre404) {
  for (const char* path : {"/web/", "/web/nothing.js", "/web/echarts.min.js.gz", "/web/BUILD.bazel"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
}

}  // namespace
}  // namespace firebreak
