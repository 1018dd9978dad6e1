#include "api/http/hash_source.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

// The example of the standard: https://www.w3.org/TR/CSP2/#script-src-hash-usage
TEST(HashSourceTest, NamesAScript) {
  EXPECT_EQ(HashSource("alert('Hello, world.');"), "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
}

TEST(HashSourceTest, IsOfTheBytes) {
  EXPECT_EQ(HashSource(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
  EXPECT_NE(HashSource("a"), HashSource("a\n"));
}

}  // namespace
}  // namespace firebreak
