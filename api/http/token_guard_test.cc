#include "api/http/token_guard.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

constexpr HttpScope kScopes[] = {HttpScope::kNone, HttpScope::kIngest, HttpScope::kRead, HttpScope::kAdmin};

TokenGuard GuardOfAll() { return TokenGuard(HttpTokens{{"ingest-1", "ingest-2"}, {"read-1"}, {"admin-1"}}); }

// The status for each of kScopes; 200 = open.
std::vector<int> Ask(const TokenGuard& guard, std::string_view authorization) {
  std::vector<int> statuses;
  for (HttpScope scope : kScopes) {
    const std::optional<Refusal> refusal = guard.Check(scope, authorization);
    statuses.push_back(refusal ? RefusalStatus(refusal->reason) : 200);
  }
  return statuses;
}

TEST(TokenGuardTest, EachTokenOpensItsScopeAndAdminAll) {
  struct Row {
    std::string_view authorization;
    std::vector<int> wanted;  // none, ingest, read, admin
  };
  const Row rows[] = {
      {"", {200, 401, 401, 401}},
      {"Bearer ", {200, 401, 401, 401}},
      {"Bearer", {200, 401, 401, 401}},
      {"Bearer wrong", {200, 401, 401, 401}},
      {"Bearer ingest-", {200, 401, 401, 401}},
      {"Bearer ingest-11", {200, 401, 401, 401}},
      {"Bearer ingest-1ingest-1", {200, 401, 401, 401}},
      {"Basic ingest-1", {200, 401, 401, 401}},
      {"ingest-1", {200, 401, 401, 401}},
      {"Bearer ingest-1", {200, 200, 403, 403}},
      {"bearer  ingest-2", {200, 200, 403, 403}},
      {"Bearer read-1", {200, 403, 200, 403}},
      {"Bearer admin-1", {200, 200, 200, 200}},
  };
  for (const Row& row : rows) EXPECT_EQ(Ask(GuardOfAll(), row.authorization), row.wanted) << row.authorization;
}

TEST(TokenGuardTest, AScopeWithoutTokensIsOpen) {
  EXPECT_EQ(Ask(TokenGuard(HttpTokens{}), ""), (std::vector<int>{200, 200, 200, 200}));
  EXPECT_EQ(Ask(TokenGuard(HttpTokens{{"i"}, {}, {}}), ""), (std::vector<int>{200, 401, 200, 200}));
  EXPECT_EQ(Ask(TokenGuard(HttpTokens{{}, {}, {"a"}}), "Bearer x"), (std::vector<int>{200, 200, 200, 401}));
}

TEST(TokenGuardTest, AnEmptyTokenOpensNothing) {
  EXPECT_EQ(Ask(TokenGuard(HttpTokens{{""}, {""}, {""}}), "Bearer "), (std::vector<int>{200, 401, 401, 401}));
}

TEST(TokenGuardTest, RefusalSaysHowToComeInAndNoSecret) {
  const std::optional<Refusal> refusal = GuardOfAll().Check(HttpScope::kRead, "Bearer secret-guess");
  ASSERT_TRUE(refusal.has_value());
  ASSERT_EQ(refusal->headers.size(), 1u);
  EXPECT_EQ(refusal->headers[0].first, "WWW-Authenticate");
  EXPECT_TRUE(refusal->headers[0].second.starts_with("Bearer"));
  for (std::string_view secret : {"secret-guess", "ingest-1", "read-1", "admin-1"}) {
    EXPECT_EQ(refusal->ToResponse().body.find(secret), std::string::npos);
  }
}

}  // namespace
}  // namespace firebreak
