#include "api/service/batch_key.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

HttpRequest RequestWith(std::vector<std::string> keys, std::string body = "[]") {
  HttpRequest request;
  request.body = std::move(body);
  for (std::string& key : keys) request.headers.emplace_back("idempotency-key", std::move(key));
  return request;
}

TEST(BatchKeyTest, NoHeaderIsNoKey) {
  const auto key = ReadBatchKey(RequestWith({}));
  ASSERT_TRUE(key.ok());
  EXPECT_FALSE(key->has_value());
}

TEST(BatchKeyTest, EqualKeysAndBodiesHaveEqualHashes) {
  const auto a = ReadBatchKey(RequestWith({"k"})), b = ReadBatchKey(RequestWith({"k"}));
  EXPECT_EQ((*a)->key, (*b)->key);
  EXPECT_EQ((*a)->body, (*b)->body);
}

TEST(BatchKeyTest, KeyAndBodyAreToldApart) {
  const auto a = ReadBatchKey(RequestWith({"k"}, "[1]"));
  const auto other_key = ReadBatchKey(RequestWith({"K"}, "[1]"));
  const auto other_body = ReadBatchKey(RequestWith({"k"}, "[2]"));
  EXPECT_NE((*a)->key, (*other_key)->key);
  EXPECT_EQ((*a)->body, (*other_key)->body);
  EXPECT_EQ((*a)->key, (*other_body)->key);
  EXPECT_NE((*a)->body, (*other_body)->body);
}

// The first 16 bytes of `printf k | sha256sum`: ledgers outlive versions of this program.
TEST(BatchKeyTest, TheHashIsSha256) {
  const auto key = ReadBatchKey(RequestWith({"k"}));
  EXPECT_THAT((*key)->key, testing::ElementsAre(0x82, 0x54, 0xc3, 0x29, 0xa9, 0x28, 0x50, 0xf6, 0xd5, 0x39, 0xdd, 0x37,
                                                0x6f, 0x48, 0x16, 0xee));
}

TEST(BatchKeyTest, KeysOf1To255VisibleCharactersAreTaken) {
  for (const std::string& key : {std::string("!"), std::string("~"), std::string(255, 'x')}) {
    EXPECT_TRUE(ReadBatchKey(RequestWith({key})).ok()) << key;
  }
}

TEST(BatchKeyTest, OtherKeysAreRefused) {
  for (const char* key : {"", "a b", "a\tb", "\x7f", "\xc3\xa4"}) {
    EXPECT_EQ(ReadBatchKey(RequestWith({key})).status().code(), absl::StatusCode::kInvalidArgument) << key;
  }
  EXPECT_FALSE(ReadBatchKey(RequestWith({std::string(256, 'x')})).ok());
  EXPECT_FALSE(ReadBatchKey(RequestWith({"a", "a"})).ok());
}

}  // namespace
}  // namespace firebreak
