#include "rules/runbook_url.h"

#include <string>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

constexpr std::string_view kListen = "http://127.0.0.1:9710";

struct Case {
  const char* tier;
  const char* global;
  const char* external;
  const char* url;
};

TEST(RunbookUrlTest, TheTiersThenTheGlobalThenOurs) {
  const Case cases[] = {
      {"", "", "", "http://127.0.0.1:9710/runbooks/NoData"},
      {"", "", "https://fb.example.com", "https://fb.example.com/runbooks/NoData"},
      {"", "", "https://fb.example.com/base/", "https://fb.example.com/base/runbooks/NoData"},
      {"", "https://wiki/all", "https://fb.example.com", "https://wiki/all"},
      {"", "/runbooks/ShapeMismatch", "", "http://127.0.0.1:9710/runbooks/ShapeMismatch"},
      {"https://wiki/tier", "https://wiki/all", "", "https://wiki/tier"},
      {"/runbooks/SearchDegraded", "https://wiki/all", "", "http://127.0.0.1:9710/runbooks/SearchDegraded"},
      {"/runbooks/SearchDegraded", "", "https://fb/b/", "https://fb/b/runbooks/SearchDegraded"},
  };
  for (const Case& c : cases) {
    Config config;
    config.runbook_url = c.global;
    config.external_url = c.external;
    Tier tier;
    tier.runbook_url = c.tier;
    EXPECT_EQ(RunbookUrl(config, tier, kListen, "NoData"), c.url);
    if (tier.runbook_url.empty()) {
      EXPECT_EQ(RunbookUrl(config, kListen, "NoData"), c.url);
    }
  }
}

TEST(RunbookUrlTest, IsAUrlOrAPathOfThisServer) {
  for (const char* text : {"http://h", "https://h/x#y", "/", "/runbooks/NoData", "/a?b=%20"}) {
    EXPECT_EQ(RunbookUrlFault(text), "") << text;
  }
  for (const char* text : {"", "runbooks/NoData", "//h/x", "ftp://h", "http://u:p@h", "/a b", "/\x7f", "/\xc3\xa4"}) {
    EXPECT_NE(RunbookUrlFault(text), "") << text;
  }
}

}  // namespace
}  // namespace firebreak
