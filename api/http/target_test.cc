#include "api/http/target.h"

#include <gtest/gtest.h>

#include "api/http/percent.h"

namespace firebreak {
namespace {

struct Row {
  std::string_view text;
  std::string_view path;
  std::string_view query;
  std::string_view authority;
};

TEST(TargetTest, ReadsEveryFormThatAServerAnswers) {
  const Row rows[] = {
      {"/", "/", "", ""},
      {"/v1/slos?tier=a&x=%20", "/v1/slos", "tier=a&x=%20", ""},
      {"/a%20b", "/a b", "", ""},
      {"/a%2Fb", "/a/b", "", ""},
      {"/a%252Fb", "/a%2Fb", "", ""},  // decoded once
      {"/a+b", "/a+b", "", ""},
      {"/?", "/", "", ""},
      {"//host/path", "//host/path", "", ""},
      {"http://localhost:9710/v1/slos?a", "/v1/slos", "a", "localhost:9710"},
      {"HTTP://localhost", "/", "", "localhost"},
      {"http://localhost?a=b", "/", "a=b", "localhost"},
      {"*", "*", "", ""},
  };
  for (const Row& row : rows) {
    const std::optional<Target> target = ParseTarget(row.text);
    ASSERT_TRUE(target.has_value()) << row.text;
    EXPECT_EQ(target->path, row.path) << row.text;
    EXPECT_EQ(target->query, row.query) << row.text;
    EXPECT_EQ(target->authority, row.authority) << row.text;
  }
}

TEST(TargetTest, RefusesWhatIsNoPath) {
  for (std::string_view text :
       {"", "a", "localhost:443", "https://localhost/", "http:///a", "http://", "ftp://a/b", "/a#b", "/a\x7f",
        "/\xc3\xa4", "/a b", "/%", "/%4", "/%zz", "/%4g", "/%00", "/a%00b", "**"}) {
    EXPECT_FALSE(ParseTarget(text).has_value()) << text;
  }
}

TEST(PercentTest, PlusIsASpaceOnlyWhereAskedFor) {
  EXPECT_EQ(PercentDecode("a+b%2B", PlusSign::kSpace), "a b+");
  EXPECT_EQ(PercentDecode("a+b%2b", PlusSign::kLiteral), "a+b+");
}

}  // namespace
}  // namespace firebreak
