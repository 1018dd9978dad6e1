#include "api/http/own_hosts.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

bool IsOwn(const OwnHosts& hosts, std::string_view text) {
  const std::optional<Authority> host = ParseAuthority(text);
  return host.has_value() && hosts.IsOwnHost(*host);
}

TEST(ParseAuthorityTest, ReadsHostAndPort) {
  const std::optional<Authority> name = ParseAuthority("LocalHost:9710");
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->host, "localhost");
  EXPECT_EQ(name->port, 9710);
  const std::optional<Authority> literal = ParseAuthority("[0:0:0:0:0:0:0:1]");
  ASSERT_TRUE(literal.has_value());
  EXPECT_EQ(literal->host, "::1");
  EXPECT_FALSE(literal->port.has_value());
}

TEST(ParseAuthorityTest, RefusesWhatIsNone) {
  for (std::string_view text : {"", ":80", "a:", "a:x", "a:65536", "a:123456", "a:-1", "a@b", "user:pw@a", "[::1",
                                "[::1]x", "[::1]:", "[]", "[a]", "a b", "a/b", "::1", "a:1:2", "a\tb"}) {
    EXPECT_FALSE(ParseAuthority(text).has_value()) << text;
  }
}

TEST(OwnHostsTest, LoopbackBindKnowsItselfByAddressAndLocalhost) {
  const OwnHosts hosts("127.0.0.1", 9710, {});
  for (std::string_view own : {"127.0.0.1", "127.0.0.1:9710", "localhost", "LOCALHOST:9710", "[::1]", "[::1]:9710"}) {
    EXPECT_TRUE(IsOwn(hosts, own)) << own;
  }
  for (std::string_view foreign : {"127.0.0.1:9711", "localhost:80", "evil.example", "evil.example:9710", "127.0.0.2",
                                   "10.0.0.1:9710", "localhost.evil.example", "127.0.0.1.evil.example"}) {
    EXPECT_FALSE(IsOwn(hosts, foreign)) << foreign;
  }
}

TEST(OwnHostsTest, ExtraHostsTakeAnyPortUnlessTheyNameOne) {
  const OwnHosts hosts("127.0.0.1", 9710, {"Fire.example", "slo.example:8443"});
  EXPECT_TRUE(IsOwn(hosts, "fire.example"));
  EXPECT_TRUE(IsOwn(hosts, "fire.example:443"));
  EXPECT_TRUE(IsOwn(hosts, "slo.example:8443"));
  EXPECT_FALSE(IsOwn(hosts, "slo.example"));
  EXPECT_FALSE(IsOwn(hosts, "slo.example:8444"));
}

TEST(OwnHostsTest, WildcardBindTakesAnyLiteralButNoName) {
  for (std::string_view address : {"0.0.0.0", "::"}) {
    const OwnHosts hosts(address, 9710, {});
    EXPECT_TRUE(IsOwn(hosts, "10.1.2.3:9710"));
    EXPECT_TRUE(IsOwn(hosts, "10.1.2.3:80"));  // a mapped port
    EXPECT_TRUE(IsOwn(hosts, "[2001:db8::1]:9710"));
    EXPECT_TRUE(IsOwn(hosts, "localhost:9710"));
    EXPECT_FALSE(IsOwn(hosts, "rebound.example:9710"));
  }
  EXPECT_FALSE(IsOwn(OwnHosts("10.1.2.3", 9710, {}), "10.1.2.4:9710"));
}

TEST(OwnHostsTest, OriginMustBeTheHostThatWasAskedOrAnotherNameOfOurs) {
  const OwnHosts hosts("127.0.0.1", 9710, {"fire.example"});
  const Authority asked = *ParseAuthority("127.0.0.1:9710");
  for (std::string_view own :
       {"http://127.0.0.1:9710", "http://localhost:9710", "https://fire.example", "http://[::1]:9710"}) {
    EXPECT_TRUE(hosts.IsOwnOrigin(own, asked)) << own;
  }
  for (std::string_view foreign :
       {"null", "", "http://localhost", "http://localhost:3000", "https://evil.example", "http://127.0.0.1",
        "http://evil.example:9710", "file://localhost:9710", "http://127.0.0.1:9710@evil.example", "http://"}) {
    EXPECT_FALSE(hosts.IsOwnOrigin(foreign, asked)) << foreign;
  }
}

TEST(OwnHostsTest, OnAWildcardBindAPageOfAnotherLiteralStaysForeign) {
  const OwnHosts hosts("0.0.0.0", 9710, {});
  const Authority asked = *ParseAuthority("10.1.2.3:9710");
  EXPECT_TRUE(hosts.IsOwnOrigin("http://10.1.2.3:9710", asked));
  EXPECT_FALSE(hosts.IsOwnOrigin("http://10.6.6.6:9710", asked));
  EXPECT_FALSE(hosts.IsOwnOrigin("http://10.1.2.3", asked));
  EXPECT_TRUE(hosts.IsOwnOrigin("http://10.1.2.3", *ParseAuthority("10.1.2.3")));
  EXPECT_TRUE(hosts.IsOwnOrigin("https://10.1.2.3", *ParseAuthority("10.1.2.3:443")));
}

}  // namespace
}  // namespace firebreak
